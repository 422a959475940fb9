//! Bytes in any chunks ─▶ records with number and offset; the chunks' borders change nothing.
//!
//! A record is usually a slice of the chunk it came in; only one that crosses a border is copied.

mod cells;
mod lines;
mod rows;

#[cfg(test)]
mod tests;

pub use cells::Cells;
use lines::Lines;
use rows::Rows;

use super::object::Format;
use super::reason::{BadRecord, ObjectFault, Reason};

/// Longest record: above the largest item, and a bound on what one broken record can cost.
pub const RECORD_BYTES_MAX: usize = 1024 * 1024;
/// Most cells of a row: an item of empty-string-sized cells could not hold more usefully.
pub const COLUMNS_MAX: usize = 4_096;
/// How much of a bad record is kept to be shown.
pub const RAW_BYTES_MAX: usize = 1_024;
/// The mark that some editors put before UTF-8; no part of the first record.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// One record, whole.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    /// Which record of the object, from 1; a header is 0.
    pub number: u64,
    /// Where it begins, in bytes after decompression.
    pub offset: u64,
    /// What it holds.
    pub body: Body<'a>,
    raw: &'a [u8],
    raw_bytes: u64,
}

/// What a record holds.
#[derive(Clone, Debug)]
pub enum Body<'a> {
    /// One line, which should be a JSON object.
    Json(&'a [u8]),
    /// The cells of one row, unquoted.
    Cells(Cells<'a>),
}

impl<'a> Record<'a> {
    /// The same record, set aside.
    #[must_use]
    pub fn bad(&self, reason: Reason) -> BadRecord<'a> {
        let raw = &self.raw[..self.raw.len().min(RAW_BYTES_MAX)];
        let Self { number, offset, raw_bytes, .. } = *self;
        BadRecord { number, offset, reason, raw, raw_bytes }
    }
}

/// What was found at the front of the input.
#[derive(Clone, Debug)]
pub enum Parsed<'a> {
    /// A record.
    Record(Record<'a>),
    /// Something that should have been one.
    Bad(BadRecord<'a>),
}

/// Cuts the bytes of one object into records.
#[derive(Debug)]
pub struct RecordReader {
    mark: Mark,
    cut: Cut,
}

#[derive(Debug)]
enum Cut {
    Lines(Lines),
    Rows(Box<Rows>),
}

/// How much of a byte order mark was seen at the start of the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// So many of its bytes, and nothing else.
    Seen(usize),
    /// The records have begun.
    Past,
}

impl RecordReader {
    /// For an object of `format`.
    #[must_use]
    pub fn new(format: Format) -> Self {
        let cut = match format {
            Format::Csv => Cut::Rows(Box::new(Rows::new(b','))),
            Format::Tsv => Cut::Rows(Box::new(Rows::new(b'\t'))),
            Format::Ndjson => Cut::Lines(Lines::default()),
        };
        Self { mark: Mark::Seen(0), cut }
    }

    /// Whether record 0 names the columns.
    #[must_use]
    pub fn has_header(&self) -> bool {
        matches!(self.cut, Cut::Rows(_))
    }

    /// Takes the next record from the front of `input`; `last` says that nothing follows it.
    ///
    /// `None` means that `input` is used up.
    pub fn next<'a, 'i: 'a>(
        &'a mut self,
        input: &mut &'i [u8],
        last: bool,
    ) -> Result<Option<Parsed<'a>>, ObjectFault> {
        if !self.pass_mark(input, last) {
            return Ok(None);
        }
        match &mut self.cut {
            Cut::Lines(lines) => Ok(lines.next(input, last)),
            Cut::Rows(rows) => rows.next(input, last),
        }
    }

    /// Drops a byte order mark, even one in pieces; `false` while it is not known to be one.
    fn pass_mark(&mut self, input: &mut &[u8], last: bool) -> bool {
        while let Mark::Seen(seen) = self.mark {
            if seen == BYTE_ORDER_MARK.len() {
                self.skip(seen);
                self.mark = Mark::Past;
            } else if input.first() == Some(&BYTE_ORDER_MARK[seen]) {
                *input = &input[1..];
                self.mark = Mark::Seen(seen + 1);
            } else if input.is_empty() && !last {
                return false;
            } else {
                self.replay(&BYTE_ORDER_MARK[..seen]);
                self.mark = Mark::Past;
            }
        }
        true
    }

    fn skip(&mut self, bytes: usize) {
        match &mut self.cut {
            Cut::Lines(lines) => lines.skip(bytes),
            Cut::Rows(rows) => rows.skip(bytes),
        }
    }

    /// Bytes that looked like a mark and were none.
    fn replay(&mut self, bytes: &[u8]) {
        match &mut self.cut {
            Cut::Lines(lines) => lines.replay(bytes),
            Cut::Rows(rows) => rows.replay(bytes),
        }
    }
}
