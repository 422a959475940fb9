//! The rows of an inventory file ─▶ objects, in constant memory.

use csv_core::{ReadRecordResult, Reader};
use jiff::Timestamp;

use super::{Filter, Found, Manifest, ManifestError, decode::url_decoded};

/// Most columns: S3 knows some twenty fields.
const COLUMNS_MAX: usize = 64;
/// Longest row: a key of 1,024 bytes takes up to 3,072 encoded, and an access control list the most
/// of the rest ("Amazon S3 Inventory list").
const ROW_BYTES_MAX: usize = 64 * 1_024;

/// What is where in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    bucket: usize,
    key: usize,
    is_latest: Option<usize>,
    is_delete_marker: Option<usize>,
    size: Option<usize>,
    modified: Option<usize>,
    etag: Option<usize>,
}

impl Columns {
    /// Reads `Bucket, Key, …`.
    pub(super) fn parse(schema: &str) -> Result<Self, ManifestError> {
        let place = |name| schema.split(',').position(|column| column.trim() == name);
        let needed = |column| {
            place(column).ok_or(ManifestError::Column { column, why: "names the objects" })
        };
        Ok(Self {
            bucket: needed("Bucket")?,
            key: needed("Key")?,
            is_latest: place("IsLatest"),
            is_delete_marker: place("IsDeleteMarker"),
            size: place("Size"),
            modified: place("LastModifiedDate"),
            etag: place("ETag"),
        })
    }
}

impl Manifest {
    /// Whether the rows tell what `filter` asks for.
    pub fn suits(&self, filter: &Filter) -> Result<(), ManifestError> {
        let asks_size = filter.choice.size_min > 0 || filter.choice.size_max < u64::MAX;
        if asks_size && self.columns.size.is_none() {
            let why = "--min-size and --max-size ask for";
            return Err(ManifestError::Column { column: "Size", why });
        }
        Ok(())
    }
}

/// A row that names no object of the inventory.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// Not what the manifest says of its rows.
    #[error("row {number} cannot be read: {what}")]
    Row {
        /// Which row of the file, from 1.
        number: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// Another bucket than the manifest's.
    #[error("row {number} is about bucket `{bucket}`, and the manifest about another")]
    ForeignBucket {
        /// Which row of the file, from 1.
        number: u64,
        /// Its bucket.
        bucket: String,
    },
}

/// Cuts the rows of one file.
#[derive(Debug)]
pub struct InventoryRows {
    core: Reader,
    bucket: String,
    columns: Columns,
    number: u64,
    cells: Box<[u8]>,
    ends: [usize; COLUMNS_MAX],
    filled: usize,
    ended: usize,
}

impl InventoryRows {
    /// The rows of one of the files of `manifest`.
    #[must_use]
    pub fn new(manifest: &Manifest) -> Self {
        let cells = vec![0; ROW_BYTES_MAX].into_boxed_slice();
        let (bucket, columns) = (manifest.bucket.clone(), manifest.columns.clone());
        let (core, ends) = (Reader::new(), [0; COLUMNS_MAX]);
        Self { core, bucket, columns, number: 0, cells, ends, filled: 0, ended: 0 }
    }

    /// Adds the objects that are whole in `bytes` to `found`; the file ends with no bytes.
    pub fn read(&mut self, bytes: &[u8], found: &mut Vec<Found>) -> Result<(), RowError> {
        let mut rest = bytes;
        loop {
            let (cells, ends) = (&mut self.cells[self.filled..], &mut self.ends[self.ended..]);
            let (result, taken, filled, ended) = self.core.read_record(rest, cells, ends);
            rest = &rest[taken..];
            self.filled += filled;
            self.ended += ended;
            match result {
                ReadRecordResult::InputEmpty | ReadRecordResult::End => return Ok(()),
                ReadRecordResult::OutputFull => return Err(self.wrong("it is too long")),
                ReadRecordResult::OutputEndsFull => {
                    return Err(self.wrong("it has too many columns"));
                }
                ReadRecordResult::Record => {
                    self.number += 1;
                    found.extend(self.object()?);
                    (self.filled, self.ended) = (0, 0);
                }
            }
        }
    }

    fn wrong(&self, what: &'static str) -> RowError {
        RowError::Row { number: self.number.max(1), what }
    }

    fn cell(&self, column: usize) -> Option<&str> {
        let end = *self.ends[..self.ended].get(column)?;
        let begin = column.checked_sub(1).map_or(0, |before| self.ends[before]);
        std::str::from_utf8(&self.cells[begin..end]).ok()
    }

    /// The object of the row, if it is the newest version and there.
    fn object(&self) -> Result<Option<Found>, RowError> {
        let cell = |column: Option<usize>| column.and_then(|column| self.cell(column));
        let missing = || self.wrong("it has fewer columns than the manifest says, or is not UTF-8");
        let bucket = self.cell(self.columns.bucket).ok_or_else(missing)?;
        let key = self.cell(self.columns.key).ok_or_else(missing)?;
        if bucket != self.bucket {
            let bucket = bucket.escape_debug().to_string();
            return Err(RowError::ForeignBucket { number: self.number, bucket });
        }
        let is_newest = cell(self.columns.is_latest) != Some("false");
        if !is_newest || cell(self.columns.is_delete_marker) == Some("true") {
            return Ok(None);
        }
        let key = url_decoded(key).filter(|key| !key.is_empty());
        let key = key.ok_or_else(|| self.wrong("its key is not URL-encoded"))?;
        let text = |column| cell(column).filter(|text| !text.is_empty());
        Ok(Some(Found {
            key,
            size: text(self.columns.size).and_then(|size| size.parse().ok()),
            etag: text(self.columns.etag).map(str::to_owned),
            modified: text(self.columns.modified).and_then(|at| at.parse::<Timestamp>().ok()),
        }))
    }
}

#[cfg(test)]
mod tests;
