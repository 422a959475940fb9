//! Bad records ─▶ one NDJSON object that says of each where it was and why, so that it can be
//! mended and sent again.

use data_encoding::{BASE64, HEXLOWER};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::reason::BadRecord;
use super::records::RAW_BYTES_MAX;

/// An object with more bad records than this is rejected: it is not what the trigger expects.
pub const BAD_RECORDS_MAX: u64 = 10_000;
/// The same bound in bytes, since the lines are held in memory until the object is done.
pub const DEAD_LETTER_BYTES_MAX: usize = 8 * 1024 * 1024;
/// What the keys of dead letters begin with, behind the prefix of whoever sets them aside.
pub const DEAD_LETTER: &str = "dead-letter/";
/// Longest object key (S3 User Guide, "Naming Amazon S3 objects").
const OBJECT_KEY_BYTES_MAX: usize = 1_024;

/// The object that the records came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Bucket.
    pub bucket: String,
    /// Object key.
    pub key: String,
    /// Version, if the bucket keeps versions.
    pub version_id: Option<String>,
    /// Entity tag.
    pub etag: Option<String>,
}

impl Origin {
    /// Where the dead letters of this object go: the same place however often it is tried.
    #[must_use]
    pub fn dead_letter_key(&self, prefix: &str) -> String {
        let version = self.version_id.as_deref().filter(|version| *version != "null");
        let version = version.or(self.etag.as_deref()).unwrap_or("unversioned").trim_matches('"');
        let key = format!("{prefix}{DEAD_LETTER}{}/{version}.ndjson", self.key);
        if key.len() <= OBJECT_KEY_BYTES_MAX {
            return key;
        }
        let digest = HEXLOWER.encode(&Sha256::digest(&self.key));
        format!("{prefix}{DEAD_LETTER}{digest}/{version}.ndjson")
    }
}

/// The dead letters of one object, bounded.
#[derive(Clone, Debug)]
pub struct DeadLetters {
    origin: Origin,
    records_max: u64,
    lines: Vec<u8>,
    count: u64,
}

/// More bad records than an object may have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "too many bad records: {count} of them, the last in record {number} (byte {offset}): {reason}"
)]
pub struct TooManyBadRecords {
    count: u64,
    number: u64,
    offset: u64,
    reason: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    bucket: &'a str,
    key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<&'a str>,
    /// Without a version, which bytes are meant; of whole objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_base64: Option<String>,
    /// How long the record is, where `raw` is only its beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_bytes: Option<u64>,
}

impl<'a> Line<'a> {
    fn of(origin: &'a Origin, reason: &'a str) -> Self {
        Self {
            bucket: &origin.bucket,
            key: &origin.key,
            version_id: origin.version_id.as_deref(),
            etag: None,
            record: None,
            offset: None,
            reason,
            raw: None,
            raw_base64: None,
            raw_bytes: None,
        }
    }
}

impl DeadLetters {
    /// None yet; `records_max` is how many there may be.
    #[must_use]
    pub fn new(origin: Origin, records_max: u64) -> Self {
        Self { origin, records_max, lines: Vec::new(), count: 0 }
    }

    /// Sets `record` aside.
    pub fn add(&mut self, record: &BadRecord<'_>) -> Result<(), TooManyBadRecords> {
        let raw = &record.raw[..record.raw.len().min(RAW_BYTES_MAX)];
        let text = text_prefix(raw);
        let reason = record.reason.to_string();
        let shown = text.map_or(raw.len(), str::len) as u64;
        let line = Line {
            record: Some(record.number),
            offset: Some(record.offset),
            raw: text,
            raw_base64: text.is_none().then(|| BASE64.encode(raw)),
            raw_bytes: (shown < record.raw_bytes).then_some(record.raw_bytes),
            ..Line::of(&self.origin, &reason)
        };
        let line = serde_json::to_vec(&line).unwrap_or_default();
        self.push(&line);
        if self.count <= self.records_max && self.lines.len() <= DEAD_LETTER_BYTES_MAX {
            return Ok(());
        }
        let (count, number, offset) = (self.count, record.number, record.offset);
        Err(TooManyBadRecords { count, number, offset, reason })
    }

    /// Sets the whole object aside, behind those of its records that are: the one line without a
    /// record. It stays where it is, so that the line is all that has to be kept.
    pub fn add_object(&mut self, why: &str) {
        let etag = self.origin.etag.as_deref().filter(|_| self.origin.version_id.is_none());
        let line = Line { etag, ..Line::of(&self.origin, why) };
        let line = serde_json::to_vec(&line).unwrap_or_default();
        self.push(&line);
    }

    fn push(&mut self, line: &[u8]) {
        self.lines.extend_from_slice(line);
        self.lines.push(b'\n');
        self.count += 1;
    }

    /// How many.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The object to write, one JSON object per line.
    #[must_use]
    pub fn into_lines(self) -> Vec<u8> {
        self.lines
    }

    /// Where the records came from.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }
}

/// `raw` as text, without a character that was cut in the middle.
fn text_prefix(raw: &[u8]) -> Option<&str> {
    match std::str::from_utf8(raw) {
        Ok(text) => Some(text),
        Err(error) if error.error_len().is_none() && raw.len() == RAW_BYTES_MAX => {
            std::str::from_utf8(&raw[..error.valid_up_to()]).ok()
        }
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests;
