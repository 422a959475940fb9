//! Places in S3 as people write them: `s3://bucket/prefix/`.

use std::fmt;

/// Shortest and longest name of a bucket (S3 User Guide, "General purpose bucket naming rules").
const BUCKET_CHARS: std::ops::RangeInclusive<usize> = 3..=63;
/// Longest key, and so the longest prefix that a key has (S3 User Guide, "Naming Amazon S3
/// objects").
const KEY_BYTES_MAX: usize = 1_024;
/// What is left of a template that nothing filled in.
const PLACEHOLDERS: [&str; 4] = ["{}", "${", "{{", "<aws."];

/// A bucket, and a key or what keys begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Bucket.
    pub bucket: String,
    /// Key or prefix; empty for the whole bucket.
    pub key: String,
}

/// The words name no place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Something else than `s3://…`.
    #[error("`{0}` is no place in S3; write s3://bucket/prefix/")]
    NotS3(String),
    /// The bucket cannot exist.
    #[error(
        "`{0}` is no name of a bucket, which has 3 to 63 lowercase letters, digits, `.` and `-`; \
         write s3://bucket/prefix/"
    )]
    Bucket(String),
    /// Nothing follows the bucket, not even `/`.
    #[error("s3://{0} says no prefix; write s3://{0}/prefix/, or s3://{0}/ --whole-bucket")]
    NoPrefix(String),
    /// No key begins so.
    #[error("the prefix has {0} bytes, and keys have at most {KEY_BYTES_MAX}")]
    TooLong(usize),
    /// The template was not filled in.
    #[error("`{text}` holds `{placeholder}`, which nothing filled in; write the prefix itself")]
    Placeholder {
        /// What was written.
        text: String,
        /// What should have been replaced.
        placeholder: &'static str,
    },
}

impl Address {
    /// Reads `s3://bucket/…`.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if let Some(placeholder) = PLACEHOLDERS.into_iter().find(|it| text.contains(it)) {
            return Err(AddressError::Placeholder { text: text.to_owned(), placeholder });
        }
        let Some(rest) = text.strip_prefix("s3://") else {
            return Err(AddressError::NotS3(text.to_owned()));
        };
        let (bucket, key) = match rest.split_once('/') {
            Some((bucket, key)) => (bucket, Some(key)),
            None => (rest, None),
        };
        if !is_bucket(bucket) {
            return Err(AddressError::Bucket(bucket.to_owned()));
        }
        let key = key.ok_or_else(|| AddressError::NoPrefix(bucket.to_owned()))?;
        if key.len() > KEY_BYTES_MAX {
            return Err(AddressError::TooLong(key.len()));
        }
        Ok(Self { bucket: bucket.to_owned(), key: key.to_owned() })
    }
}

fn is_bucket(name: &str) -> bool {
    let is_end = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = name.as_bytes();
    BUCKET_CHARS.contains(&bytes.len())
        && bytes.iter().all(|byte| is_end(byte) || matches!(byte, b'.' | b'-'))
        && bytes.first().is_some_and(is_end)
        && bytes.last().is_some_and(is_end)
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::Address;

    fn check(texts: &[&str], expected: &Expect) {
        let lines = texts.iter().map(|text| match Address::parse(text) {
            Ok(Address { bucket, key }) => format!("{text}: [{bucket}] [{key}]\n"),
            Err(error) => format!("{text}: {error}\n"),
        });
        expected.assert_eq(&lines.collect::<String>());
    }

    #[test]
    fn a_place_has_a_bucket_and_says_its_prefix() {
        check(
            &["s3://in/", "s3://data/", "s3://data/a b/é+%41/", "s3://data/2026-", "s3://data//"],
            &expect![[r"
                s3://in/: `in` is no name of a bucket, which has 3 to 63 lowercase letters, digits, `.` and `-`; write s3://bucket/prefix/
                s3://data/: [data] []
                s3://data/a b/é+%41/: [data] [a b/é+%41/]
                s3://data/2026-: [data] [2026-]
                s3://data//: [data] [/]
            "]],
        );
    }

    #[test]
    fn what_names_no_place_is_refused_with_what_to_write() {
        check(
            &["", "data/in/", "https://data.s3.amazonaws.com/in/", "s3://", "s3:///in/"],
            &expect![[r"
                : `` is no place in S3; write s3://bucket/prefix/
                data/in/: `data/in/` is no place in S3; write s3://bucket/prefix/
                https://data.s3.amazonaws.com/in/: `https://data.s3.amazonaws.com/in/` is no place in S3; write s3://bucket/prefix/
                s3://: `` is no name of a bucket, which has 3 to 63 lowercase letters, digits, `.` and `-`; write s3://bucket/prefix/
                s3:///in/: `` is no name of a bucket, which has 3 to 63 lowercase letters, digits, `.` and `-`; write s3://bucket/prefix/
            "]],
        );
        check(
            &["s3://data", "s3://Data/in/", "s3://../in/", "s3://-data/in/", "{}"],
            &expect![[r"
                s3://data: s3://data says no prefix; write s3://data/prefix/, or s3://data/ --whole-bucket
                s3://Data/in/: `Data` is no name of a bucket, which has 3 to 63 lowercase letters, digits, `.` and `-`; write s3://bucket/prefix/
                s3://../in/: `..` is no name of a bucket, which has 3 to 63 lowercase letters, digits, `.` and `-`; write s3://bucket/prefix/
                s3://-data/in/: `-data` is no name of a bucket, which has 3 to 63 lowercase letters, digits, `.` and `-`; write s3://bucket/prefix/
                {}: `{}` holds `{}`, which nothing filled in; write the prefix itself
            "]],
        );
        check(
            &["s3://${Uploads}/in/", "s3://data/<aws.scheduler.scheduled-time>/", "s3://data/{}/"],
            &expect![[r"
                s3://${Uploads}/in/: `s3://${Uploads}/in/` holds `${`, which nothing filled in; write the prefix itself
                s3://data/<aws.scheduler.scheduled-time>/: `s3://data/<aws.scheduler.scheduled-time>/` holds `<aws.`, which nothing filled in; write the prefix itself
                s3://data/{}/: `s3://data/{}/` holds `{}`, which nothing filled in; write the prefix itself
            "]],
        );
        let long = format!("s3://data/{}", "k".repeat(1_025));
        let error = Address::parse(&long).unwrap_err();
        assert_eq!(error.to_string(), "the prefix has 1025 bytes, and keys have at most 1024");
    }
}
