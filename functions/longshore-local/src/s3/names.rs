//! How keys are written in an answer: as they are, or encoded as the request asks.

use s3s::dto;

/// How names are written in an answer.
pub(super) struct Names {
    encoded: bool,
}

impl Names {
    pub(super) fn asked(encoding: Option<&dto::EncodingType>) -> Self {
        let url = dto::EncodingType::URL;
        Self { encoded: encoding.is_some_and(|it| it.as_str() == url) }
    }

    pub(super) fn write(&self, name: &str) -> String {
        if self.encoded { url_encoded(name) } else { name.to_owned() }
    }

    pub(super) fn write_some(&self, name: Option<&String>) -> Option<String> {
        name.map(|name| self.write(name))
    }

    pub(super) fn encoding(&self) -> Option<dto::EncodingType> {
        self.encoded.then(|| dto::EncodingType::from_static(dto::EncodingType::URL))
    }
}

/// The name as `encoding-type=url` answers give it; XML 1.0 cannot carry every key.
fn url_encoded(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push(char::from(HEX_DIGITS[usize::from(byte >> 4)]));
            encoded.push(char::from(HEX_DIGITS[usize::from(byte & 15)]));
        }
    }
    encoded
}

const HEX_DIGITS: &[u8; 16] = b"0123456789ABCDEF";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_encoded_so_that_both_ways_of_decoding_agree() {
        assert_eq!(url_encoded("a b+c%41/ż\n"), "a%20b%2Bc%2541/%C5%BC%0A");
    }
}
