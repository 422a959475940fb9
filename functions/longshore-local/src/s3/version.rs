//! What a bucket holds: versions of objects, and delete markers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use s3s::dto;
use serde::{Deserialize, Serialize};

use super::{checksum::Sum, identity::Sequencer};

/// The id of a version that was written without versioning, as requests and answers name it.
pub(super) const NULL: &str = "null";

/// One version of an object, or a delete marker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Version {
    pub(super) bucket: String,
    pub(super) key: String,
    /// None is the null version.
    pub(super) id: Option<String>,
    pub(super) sequencer: Sequencer,
    pub(super) modified: Timestamp,
    /// None is a delete marker.
    pub(super) content: Option<Content>,
}

/// A body and what is said of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Content {
    /// Name of the file in the directory of bodies.
    pub(super) file: String,
    pub(super) size: u64,
    /// Without quotes.
    pub(super) etag: String,
    pub(super) sum: Option<Sum>,
    /// Sizes of the parts, when it was uploaded in parts.
    pub(super) parts: Vec<u64>,
    pub(super) about: About,
}

/// Headers that come back with the object as they were given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct About {
    pub(super) content_type: Option<String>,
    pub(super) content_encoding: Option<String>,
    pub(super) content_disposition: Option<String>,
    pub(super) content_language: Option<String>,
    pub(super) cache_control: Option<String>,
    pub(super) expires: Option<dto::Timestamp>,
    pub(super) metadata: BTreeMap<String, String>,
}

impl Version {
    /// The version id with `null` for what has none.
    pub(super) fn id_text(&self) -> &str {
        self.id.as_deref().unwrap_or(NULL)
    }

    /// Key of its row; neither bucket names nor version ids hold a NUL, so no two are the same.
    pub(super) fn row_key(&self) -> String {
        format!("{}\0{}\0{}", self.bucket, self.key, self.id_text())
    }

    /// The file that ends with this version.
    pub(super) fn file(&self) -> Option<&str> {
        self.content.as_ref().map(|content| content.file.as_str())
    }
}

impl Content {
    /// The bytes of part `number`, counted from 1; an object that was put whole is its one part.
    pub(super) fn part(&self, number: usize) -> Option<std::ops::Range<u64>> {
        if self.parts.is_empty() && number == 1 {
            return Some(0..self.size);
        }
        let index = number.checked_sub(1)?;
        let size = self.parts.get(index)?;
        let start = self.parts.iter().take(index).sum::<u64>();
        Some(start..start + size)
    }
}

/// What `aws-chunked` says is over once the body has been decoded ("Signature calculations for
/// the Authorization header: transferring payload in multiple chunks", S3 API reference).
pub(super) fn stored_encoding(encoding: Option<&str>) -> Option<String> {
    let kept: Vec<&str> = encoding?
        .split(',')
        .map(str::trim)
        .filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("aws-chunked"))
        .collect();
    (!kept.is_empty()).then(|| kept.join(","))
}

/// Takes the headers that come back out of a request that has them all.
macro_rules! about {
    ($input:expr) => {
        $crate::s3::version::About {
            content_type: $input.content_type.take(),
            content_encoding: $crate::s3::version::stored_encoding(
                $input.content_encoding.as_deref(),
            ),
            content_disposition: $input.content_disposition.take(),
            content_language: $input.content_language.take(),
            cache_control: $input.cache_control.take(),
            expires: $input.expires.take(),
            metadata: $input.metadata.take().unwrap_or_default().into_iter().collect(),
        }
    };
}
pub(super) use about;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chunked_coding_is_not_stored() {
        let cases = [
            (None, None),
            (Some("aws-chunked"), None),
            (Some("gzip, aws-chunked"), Some("gzip")),
            (Some("gzip"), Some("gzip")),
        ];
        for (given, stored) in cases {
            assert_eq!(stored_encoding(given).as_deref(), stored);
        }
    }

    #[test]
    fn parts_follow_one_another() {
        let content = |parts: &[u64]| Content {
            file: String::new(),
            size: 12,
            etag: String::new(),
            sum: None,
            parts: parts.to_vec(),
            about: About::default(),
        };
        assert_eq!(content(&[5, 5, 2]).part(3), Some(10..12));
        assert_eq!(content(&[5, 5, 2]).part(4), None);
        assert_eq!(content(&[5, 5, 2]).part(0), None);
        assert_eq!(content(&[]).part(1), Some(0..12));
        assert_eq!(content(&[]).part(2), None);
    }
}
