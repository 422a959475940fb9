//! What a command says about its work beyond an exit code: the file `LONGSHORE_RESULT_FILE`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Largest file: the 1,000 objects that a run can hold, with keys of 1,024 bytes, and some.
pub const RESULT_FILE_BYTES_MAX: usize = 2 * 1_024 * 1_024;
/// Longest reason kept: it stands in the run, its history and its message in the `failed` queue.
const REASON_CHARS_MAX: usize = 2_048;
/// Largest summary, as JSON: a run's row holds it, and an item 400 KB (DynamoDB quotas).
const SUMMARY_BYTES_MAX: usize = 64 * 1_024;
/// Deepest summary: an attribute may nest 32 levels (DynamoDB quotas), and others go around it.
const SUMMARY_DEPTH_MAX: usize = 16;
/// Objects of a run.
const FAILED_MAX: usize = 1_000;
/// Beyond this a DynamoDB number cannot be stored, nor below its inverse (DynamoDB quotas).
const NUMBER_MAX: f64 = 9.9e125;
/// The least number but zero.
const NUMBER_MIN: f64 = 1e-130;

/// The content of the file; every member may be missing, and unknown members do not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase", expecting = "an object with a reason or a summary")]
pub struct ResultFile {
    /// Why the work ended as it did, in words.
    pub reason: String,
    /// Figures of the work.
    pub summary: Value,
    /// The objects whose work failed, when not all of them did.
    pub failed: Vec<FailedObject>,
}

/// An object of a run whose work failed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object with a bucket and a key")]
pub struct FailedObject {
    /// Bucket.
    pub bucket: String,
    /// Key, raw.
    pub key: String,
    /// Version, when the bucket is versioned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
}

/// The file says nothing that can be kept; the exit code still does.
#[derive(Debug, thiserror::Error)]
pub enum UnusableResult {
    /// Nothing of it was read.
    #[error("is larger than {RESULT_FILE_BYTES_MAX} bytes")]
    TooLarge,
    /// It is something else.
    #[error("is not what it should be, like {{\"reason\": \"…\", \"summary\": {{…}}}}: {0}")]
    NotJson(#[from] serde_json::Error),
    /// The ledger's row cannot hold it.
    #[error("has a summary of {0} bytes, and {SUMMARY_BYTES_MAX} are kept")]
    LargeSummary(usize),
    /// DynamoDB does not store it.
    #[error("has a summary that the ledger cannot store: {0}")]
    Unstorable(&'static str),
    /// No run holds so many.
    #[error("names {0} failed objects, and a run holds at most {FAILED_MAX}")]
    ManyFailed(usize),
}

impl ResultFile {
    /// Reads the file's bytes; an empty file says nothing.
    pub fn parse(bytes: &[u8]) -> Result<Self, UnusableResult> {
        if bytes.len() > RESULT_FILE_BYTES_MAX {
            return Err(UnusableResult::TooLarge);
        }
        if bytes.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        let mut file: Self = serde_json::from_slice(bytes)?;
        let summary = file.summary.to_string().len();
        if summary > SUMMARY_BYTES_MAX {
            return Err(UnusableResult::LargeSummary(summary));
        }
        storable(&file.summary, SUMMARY_DEPTH_MAX).map_err(UnusableResult::Unstorable)?;
        if file.failed.len() > FAILED_MAX {
            return Err(UnusableResult::ManyFailed(file.failed.len()));
        }
        if let Some((end, _)) = file.reason.char_indices().nth(REASON_CHARS_MAX) {
            file.reason.truncate(end);
            file.reason.push('…');
        }
        Ok(file)
    }
}

/// A report that DynamoDB refuses would be refused for ever.
fn storable(value: &Value, depth_left: usize) -> Result<(), &'static str> {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
        Value::Number(number) => match number.as_f64().map(f64::abs) {
            Some(size) if size == 0.0 || (NUMBER_MIN..=NUMBER_MAX).contains(&size) => Ok(()),
            _ => Err("a number is too large or too small"),
        },
        Value::Array(_) | Value::Object(_) if depth_left == 0 => Err("it nests too deep"),
        Value::Array(values) => values.iter().try_for_each(|value| storable(value, depth_left - 1)),
        Value::Object(members) => members.iter().try_for_each(|(name, value)| {
            if name.is_empty() { Err("a name is empty") } else { storable(value, depth_left - 1) }
        }),
    }
}

#[cfg(test)]
mod tests;
