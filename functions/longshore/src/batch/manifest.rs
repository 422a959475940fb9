//! The manifest of an S3 Inventory ─▶ the files that list objects, and what their columns are.
//!
//! "Amazon S3 Inventory list" and "Locating your inventory list" (S3 User Guide) say its form.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::{Address, inventory::Columns};

/// Largest manifest: 80,000 files, which may list a hundred billion objects.
pub const MANIFEST_BYTES_MAX: usize = 16 * 1024 * 1024;
/// How much older than its time an inventory may be: it is made over hours, and "might not include
/// recently added or deleted objects".
const STALE_HOURS_MAX: i64 = 48;

/// An inventory that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Bucket whose objects are listed.
    pub bucket: String,
    /// Keys of the gzip files that list them, in the bucket of the manifest.
    pub files: Vec<String>,
    /// What is where in a row.
    pub columns: Columns,
    /// Objects modified before are certainly listed.
    pub complete_until: Timestamp,
}

/// The inventory cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// Not the JSON that S3 writes.
    #[error("the manifest cannot be read: {0}")]
    Json(String),
    /// Another format than CSV.
    #[error("the inventory is {0}, of which nothing is read; choose CSV as its output format")]
    Format(String),
    /// A column is missing that is needed.
    #[error("the inventory has no column {column}, which {why}; add it to its optional fields")]
    Column {
        /// Its name.
        column: &'static str,
        /// What it is needed for.
        why: &'static str,
    },
    /// Its objects lie where nobody said that they are read.
    #[error(
        "the manifest lists bucket `{0}`, which neither its own place nor LONGSHORE_BUCKETS names; \
         leave it where S3 wrote it, or name the bucket in LONGSHORE_BUCKETS"
    )]
    ForeignBucket(String),
    /// It was written for another bucket than the one where it lies.
    #[error(
        "the manifest is for bucket `{named}`, and lies in `{bucket}`; read it where S3 wrote it"
    )]
    Moved {
        /// Where its files are.
        named: String,
        /// Where it is.
        bucket: String,
    },
    /// A time that is none.
    #[error("the manifest has the creation time `{0}`, expected milliseconds since 1970")]
    Time(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    source_bucket: String,
    destination_bucket: String,
    creation_timestamp: String,
    file_format: String,
    file_schema: String,
    files: Vec<RawFile>,
}

#[derive(Deserialize)]
struct RawFile {
    key: String,
}

impl Manifest {
    /// Reads the manifest that lies at `place`. Its objects may lie in one of `buckets`, or in the
    /// bucket that its place is named after: who may write a manifest may not say what is read.
    pub fn parse(bytes: &[u8], place: &Address, buckets: &[String]) -> Result<Self, ManifestError> {
        let raw: Raw = serde_json::from_slice(bytes)
            .map_err(|error| ManifestError::Json(error.to_string()))?;
        if raw.file_format != "CSV" {
            return Err(ManifestError::Format(raw.file_format.escape_debug().to_string()));
        }
        let named = raw.destination_bucket.rsplit(":::").next().unwrap_or_default();
        if named != place.bucket {
            let named = named.escape_debug().to_string();
            return Err(ManifestError::Moved { named, bucket: place.bucket.clone() });
        }
        let bucket = raw.source_bucket;
        if !buckets.contains(&bucket) && source_of(place) != Some(bucket.as_str()) {
            return Err(ManifestError::ForeignBucket(bucket.escape_debug().to_string()));
        }
        let columns = Columns::parse(&raw.file_schema)?;
        let complete_until = complete_until(&raw.creation_timestamp)?;
        let files = raw.files.into_iter().map(|file| file.key).collect();
        Ok(Self { bucket, files, columns, complete_until })
    }
}

/// The bucket after which S3 names the place of a manifest:
/// `destination-prefix/source-bucket/config-ID/time/manifest.json`.
fn source_of(place: &Address) -> Option<&str> {
    place.key.rsplit('/').nth(3)
}

fn complete_until(creation: &str) -> Result<Timestamp, ManifestError> {
    let wrong = || ManifestError::Time(creation.escape_debug().to_string());
    let created = creation.parse().map_err(|_| wrong())?;
    let created = Timestamp::from_millisecond(created).map_err(|_| wrong())?;
    created.checked_sub(SignedDuration::from_hours(STALE_HOURS_MAX)).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use serde_json::{Value, json};

    use super::*;

    const PLACE: &str = "s3://lists/all/data/daily/2026-11-22T01-00Z/manifest.json";

    fn manifest() -> Value {
        json!({
            "sourceBucket": "data",
            "destinationBucket": "arn:aws:s3:::lists",
            "version": "2016-11-30",
            "creationTimestamp": "1795309200000",
            "fileFormat": "CSV",
            "fileSchema": "Bucket, Key, Size, LastModifiedDate, ETag",
            "files": [{"key": "all/data/daily/data/1.csv.gz", "size": 9, "MD5checksum": "f1"}],
        })
    }

    fn parse(manifest: &Value, place: &str) -> String {
        let place = Address::parse(place).unwrap();
        match Manifest::parse(manifest.to_string().as_bytes(), &place, &["more".into()]) {
            Ok(Manifest { bucket, files, complete_until, .. }) => {
                format!("{bucket} {files:?} until {complete_until}")
            }
            Err(error) => error.to_string(),
        }
    }

    fn check(changes: &[(&str, Value)], expected: &Expect) {
        let said = changes.iter().map(|(name, value)| {
            let mut manifest = manifest();
            manifest[*name] = value.clone();
            format!("{name} {value}\n  {}\n", parse(&manifest, PLACE))
        });
        expected.assert_eq(&said.collect::<String>());
    }

    #[test]
    fn a_manifest_names_its_files() {
        check(
            &[
                ("version", json!("2016-11-30")),
                ("files", json!([])),
                ("sourceBucket", json!("more")),
            ],
            &expect![[r#"
                version "2016-11-30"
                  data ["all/data/daily/data/1.csv.gz"] until 2026-11-20T01:00:00Z
                files []
                  data [] until 2026-11-20T01:00:00Z
                sourceBucket "more"
                  more ["all/data/daily/data/1.csv.gz"] until 2026-11-20T01:00:00Z
            "#]],
        );
    }

    #[test]
    fn what_cannot_be_used_is_told_why() {
        check(
            &[
                ("fileFormat", json!("ORC")),
                ("fileFormat", json!("Parquet")),
                ("fileSchema", json!("Bucket, Size")),
                ("fileSchema", json!("message s3.inventory { required binary bucket; }")),
                ("creationTimestamp", json!("soon")),
                ("creationTimestamp", json!("-9223372036854775808")),
                ("files", json!(null)),
            ],
            &expect![[r#"
                fileFormat "ORC"
                  the inventory is ORC, of which nothing is read; choose CSV as its output format
                fileFormat "Parquet"
                  the inventory is Parquet, of which nothing is read; choose CSV as its output format
                fileSchema "Bucket, Size"
                  the inventory has no column Key, which names the objects; add it to its optional fields
                fileSchema "message s3.inventory { required binary bucket; }"
                  the inventory has no column Bucket, which names the objects; add it to its optional fields
                creationTimestamp "soon"
                  the manifest has the creation time `soon`, expected milliseconds since 1970
                creationTimestamp "-9223372036854775808"
                  the manifest has the creation time `-9223372036854775808`, expected milliseconds since 1970
                files null
                  the manifest cannot be read: invalid type: null, expected a sequence at line 1 column 166
            "#]],
        );
    }

    #[test]
    fn a_manifest_cannot_say_that_another_bucket_is_read() {
        check(
            &[
                ("sourceBucket", json!("other-account")),
                ("sourceBucket", json!("../data")),
                ("sourceBucket", json!("")),
                ("destinationBucket", json!("arn:aws:s3:::other")),
            ],
            &expect![[r#"
                sourceBucket "other-account"
                  the manifest lists bucket `other-account`, which neither its own place nor LONGSHORE_BUCKETS names; leave it where S3 wrote it, or name the bucket in LONGSHORE_BUCKETS
                sourceBucket "../data"
                  the manifest lists bucket `../data`, which neither its own place nor LONGSHORE_BUCKETS names; leave it where S3 wrote it, or name the bucket in LONGSHORE_BUCKETS
                sourceBucket ""
                  the manifest lists bucket ``, which neither its own place nor LONGSHORE_BUCKETS names; leave it where S3 wrote it, or name the bucket in LONGSHORE_BUCKETS
                destinationBucket "arn:aws:s3:::other"
                  the manifest is for bucket `other`, and lies in `lists`; read it where S3 wrote it
            "#]],
        );
        let copied = parse(&manifest(), "s3://lists/manifest.json");
        assert!(copied.contains("leave it where S3 wrote it"), "{copied}");
    }
}
