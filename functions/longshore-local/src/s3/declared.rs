//! What a request says of its body's checksum.
//!
//! It names at most one ("Checking object integrity", S3 user guide), in a header or, when the
//! body is streamed, in a trailer behind it.

use s3s::{S3Result, TrailingHeaders, s3_error};

use super::checksum::{Algorithm, Sum};

/// A checksum that was given or asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Declared {
    /// Known before the body: from a header.
    pub(super) sum: Option<Sum>,
    /// To be computed, and to be found in a trailer if `sum` is not there.
    pub(super) algorithm: Option<Algorithm>,
    /// Whether a trailer with it must follow the body.
    pub(super) trailer: bool,
}

impl Declared {
    /// Reads the request's headers, which hold all but the trailer's value.
    pub(super) fn read(headers: &http::HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let sum = Algorithm::ALL.into_iter().find_map(|algorithm| {
            let value = text(&algorithm.header())?.to_owned();
            Some(Sum { algorithm, value })
        });
        let trailer = text("x-amz-trailer").and_then(|names| {
            let named = |header: &str| names.split(',').any(|name| name.trim() == header);
            Algorithm::ALL.into_iter().find(|algorithm| named(&algorithm.header()))
        });
        let asked = ["x-amz-sdk-checksum-algorithm", "x-amz-checksum-algorithm"]
            .into_iter()
            .find_map(|name| Algorithm::named(text(name)?));
        let algorithm = sum.as_ref().map(|sum| sum.algorithm).or(trailer).or(asked);
        Self { trailer: sum.is_none() && trailer.is_some(), sum, algorithm }
    }

    /// Compares what was computed with what the client said, now that the body has ended.
    pub(super) fn verify(
        &self,
        computed: Option<&Sum>,
        trailers: Option<&TrailingHeaders>,
    ) -> S3Result<()> {
        let Some(computed) = computed else { return Ok(()) };
        let name = computed.algorithm.header();
        let in_trailer = trailers.and_then(|trailers| {
            trailers.read(|headers| Some(headers.get(&name)?.to_str().ok()?.to_owned())).flatten()
        });
        if self.trailer && in_trailer.is_none() {
            return Err(s3_error!(InvalidRequest, "The trailer {name} did not follow the body"));
        }
        let declared = self.sum.as_ref().map(|sum| sum.value.clone()).or(in_trailer);
        match declared {
            Some(declared) if declared != computed.value => Err(s3_error!(
                BadDigest,
                "The {} you specified did not match the calculated checksum.",
                computed.algorithm.name()
            )),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::checksum::finish;

    fn headers(pairs: &[(&'static str, &'static str)]) -> http::HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (http::HeaderName::from_static(name), http::HeaderValue::from_static(value))
            })
            .collect()
    }

    fn sum_of(algorithm: Algorithm, bytes: &[u8]) -> Sum {
        let mut hasher = algorithm.hasher();
        hasher.update(bytes);
        finish(hasher).unwrap()
    }

    #[test]
    fn what_a_request_declares() {
        let declared = Declared::read(&headers(&[("x-amz-checksum-crc32", "y/Q5Jg==")]));
        let sum = Sum { algorithm: Algorithm::Crc32, value: "y/Q5Jg==".into() };
        assert_eq!(declared.sum, Some(sum));
        assert!(!declared.trailer);

        let declared = Declared::read(&headers(&[("x-amz-trailer", "x-amz-checksum-sha256")]));
        assert_eq!(declared.algorithm, Some(Algorithm::Sha256));
        assert!(declared.trailer && declared.sum.is_none());

        assert_eq!(Declared::read(&headers(&[])), Declared::default());
    }

    #[test]
    fn a_wrong_or_missing_checksum_is_refused() {
        let computed = sum_of(Algorithm::Crc32, b"hello");
        let right = Declared { sum: Some(computed.clone()), ..Declared::default() };
        right.verify(Some(&computed), None).unwrap();

        let wrong = Sum { value: "AAAAAA==".into(), ..computed.clone() };
        let wrong = Declared { sum: Some(wrong), ..Declared::default() };
        let refused = wrong.verify(Some(&computed), None).unwrap_err();
        assert_eq!(refused.code().as_str(), "BadDigest");

        let missing = Declared { trailer: true, ..Declared::default() };
        let refused = missing.verify(Some(&computed), None).unwrap_err();
        assert_eq!(refused.code().as_str(), "InvalidRequest");
    }
}
