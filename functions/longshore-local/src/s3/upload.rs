//! Uploads in parts ("Uploading and copying objects using multipart upload", S3 user guide).

use std::collections::{BTreeMap, HashMap, VecDeque};

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use s3s::{
    S3Result,
    crypto::{Checksum as _, Md5},
    s3_error,
};
use serde::{Deserialize, Serialize};

use super::{
    checksum::{Algorithm, Sum},
    store::Found,
    version::About,
    write::Assembled,
};
use crate::{Store, StoreError};

/// Rows of uploads, by id.
pub(super) const UPLOAD: &str = "s3_upload";
/// Rows of parts, by upload id and number.
pub(super) const PART: &str = "s3_part";
/// Bytes of any part but the last: 5 MiB ("Amazon S3 multipart upload limits", S3 user guide).
const PART_BYTES_MIN: u64 = 5 << 20;
/// Completed uploads that are remembered, so that a completion whose answer was lost can be asked
/// for again; far more than are ever in doubt at once.
const COMPLETED_MAX: usize = 1_000;

/// What an upload will become.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct UploadRow {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) about: About,
    /// The checksum that every part has.
    pub(super) algorithm: Option<Algorithm>,
    /// Whether the checksum is one of the whole object instead of one over the parts'.
    pub(super) full_object: bool,
    pub(super) started: Timestamp,
}

/// One part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) file: String,
    pub(super) size: u64,
    pub(super) md5: [u8; 16],
    pub(super) sum: Option<Sum>,
    pub(super) modified: Timestamp,
}

/// An upload that goes on.
#[derive(Clone, Debug)]
pub(super) struct Upload {
    pub(super) row: UploadRow,
    pub(super) parts: BTreeMap<i32, Part>,
}

/// What recent completions made.
#[derive(Debug, Default)]
pub(super) struct Completed(VecDeque<(String, Found)>);

impl Part {
    pub(super) fn etag(&self) -> String {
        HEXLOWER.encode(&self.md5)
    }
}

impl Upload {
    /// All uploads with their parts.
    pub(super) fn load(store: &Store) -> Result<HashMap<String, Self>, StoreError> {
        let mut uploads: HashMap<String, Self> = store
            .load::<UploadRow>(UPLOAD)?
            .into_iter()
            .map(|(id, row)| (id, Self { row, parts: BTreeMap::new() }))
            .collect();
        for (key, part) in store.load::<Part>(PART)? {
            let place = key
                .split_once('\0')
                .and_then(|(id, number)| Some((uploads.get_mut(id)?, number.parse::<i32>().ok()?)));
            if let Some((upload, number)) = place {
                upload.parts.insert(number, part);
            }
        }
        Ok(uploads)
    }

    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        self.parts.values().map(|part| part.file.as_str())
    }

    /// Checks the list of parts against what arrived.
    pub(super) fn select(&self, wanted: &[(i32, Option<String>)]) -> S3Result<Vec<&Part>> {
        if wanted.is_empty() {
            return Err(s3_error!(MalformedXML, "A completion must name at least one part"));
        }
        if !wanted.windows(2).all(|pair| pair[0].0 < pair[1].0) {
            return Err(s3_error!(
                InvalidPartOrder,
                "The list of parts was not in ascending order."
            ));
        }
        let mut parts = Vec::with_capacity(wanted.len());
        for (index, (number, etag)) in wanted.iter().enumerate() {
            let part = self.parts.get(number).filter(|part| {
                etag.as_ref().is_none_or(|etag| etag.eq_ignore_ascii_case(&part.etag()))
            });
            let part = part.ok_or_else(|| {
                s3_error!(InvalidPart, "Part {number} was not uploaded or has another ETag.")
            })?;
            if part.size < PART_BYTES_MIN && index + 1 < wanted.len() {
                return Err(s3_error!(
                    EntityTooSmall,
                    "Part {number} is smaller than 5 MiB, which only the last may be."
                ));
            }
            parts.push(part);
        }
        Ok(parts)
    }
}

impl Completed {
    /// Remembers what an upload made.
    pub(super) fn remember(&mut self, upload: &str, made: Found) {
        self.0.truncate(COMPLETED_MAX - 1);
        self.0.push_front((upload.to_owned(), made));
    }

    /// What an upload made that was completed before.
    pub(super) fn made_by(&self, upload: &str) -> Option<&Found> {
        self.0.iter().find(|(done, _)| done == upload).map(|(_, made)| made)
    }
}

/// What `parts` make together; a checksum of the whole is not known from them.
pub(super) fn assembled(upload_id: &str, row: &UploadRow, parts: &[&Part]) -> Assembled {
    let mut md5 = Md5::default();
    for part in parts {
        md5.update(&part.md5);
    }
    let sums: Vec<Option<Sum>> = parts.iter().map(|part| part.sum.clone()).collect();
    Assembled {
        upload_id: upload_id.to_owned(),
        etag: format!("{}-{}", HEXLOWER.encode(&md5.finalize()), parts.len()),
        sum: if row.full_object { None } else { Sum::composite(&sums) },
        sizes: parts.iter().map(|part| part.size).collect(),
    }
}

/// The number has five digits, so that the order of rows is the order of parts.
pub(super) fn part_key(upload: &str, number: i32) -> String {
    format!("{upload}\0{number:05}")
}
