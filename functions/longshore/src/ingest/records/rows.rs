//! CSV as RFC 4180 has it: quotes, quoted line ends, any line ending, blank lines skipped.
//!
//! A row that lies whole in its chunk and has no quote is cut where its delimiters are; every
//! other row goes through `csv-core`. A law holds the two to the same answer.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use memchr::{memchr_iter, memchr3};

use super::{Body, COLUMNS_MAX, Cells, Parsed, RAW_BYTES_MAX, RECORD_BYTES_MAX, Record};
use crate::ingest::reason::{BadRecord, ObjectFault, Reason};

/// First size of the buffer that `csv-core` writes cells to.
const CELLS_BYTES: usize = 4 * 1024;

/// Cuts rows.
#[derive(Debug)]
pub(super) struct Rows {
    core: Reader,
    delimiter: u8,
    /// The number of the next row; the header is 0.
    number: u64,
    /// Where the input stands.
    offset: u64,
    row: Row,
    /// The unquoted cells of the row, and where each ends.
    cells: Vec<u8>,
    ends: Vec<usize>,
    /// Plain rows do not go through `csv-core`; off only where a test compares the two.
    pub(super) short_cut: bool,
}

/// The row that `csv-core` is in the middle of.
#[derive(Debug, Default)]
struct Row {
    begun: bool,
    offset: u64,
    /// How much of `cells` and `ends` is filled.
    filled: usize,
    ended: usize,
    /// Its first bytes as they were, and how many there were in all.
    raw: Vec<u8>,
    bytes: u64,
    trouble: Option<Reason>,
}

impl Rows {
    pub(super) fn new(delimiter: u8) -> Self {
        let mut core = ReaderBuilder::new().delimiter(delimiter).build();
        // `csv-core` drops a byte order mark, but only from its first read and only in one piece;
        // ours is dropped before, so it must not drop a second one. A blank line is a first read.
        core.read_record(b"\n", &mut [0; 4], &mut [0; 4]);
        Self {
            core,
            delimiter,
            number: 0,
            offset: 0,
            row: Row::default(),
            cells: vec![0; CELLS_BYTES],
            ends: vec![0; COLUMNS_MAX + 1],
            short_cut: true,
        }
    }

    pub(super) fn skip(&mut self, bytes: usize) {
        self.offset += bytes as u64;
    }

    pub(super) fn replay(&mut self, mut bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.begin();
        while !bytes.is_empty() {
            self.feed(&mut bytes);
        }
    }

    pub(super) fn next<'a, 'i: 'a>(
        &'a mut self,
        input: &mut &'i [u8],
        last: bool,
    ) -> Result<Option<Parsed<'a>>, ObjectFault> {
        if !self.row.begun {
            let ends = input.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            self.offset += ends as u64;
            *input = &input[ends..];
            if input.is_empty() {
                return Ok(None);
            }
            if self.short_cut
                && let Some(line) = Self::plain_line(input)
            {
                return Ok(Some(self.split(line)));
            }
            self.begin();
        }
        while !input.is_empty() {
            if self.feed(input) {
                return Ok(Some(self.finish()));
            }
        }
        if !last {
            return Ok(None);
        }
        self.end_of_object()?;
        Ok(Some(self.finish()))
    }

    /// The line at the front of `input`, if it is whole, short enough and has no quote.
    fn plain_line<'i>(input: &mut &'i [u8]) -> Option<&'i [u8]> {
        let at = memchr3(b'\n', b'\r', b'"', input)?;
        if input[at] == b'"' || at > RECORD_BYTES_MAX {
            return None;
        }
        let line = &input[..at];
        *input = &input[at + 1..];
        Some(line)
    }

    fn split<'a>(&'a mut self, line: &'a [u8]) -> Parsed<'a> {
        let mut count = 0;
        let delimiters = memchr_iter(self.delimiter, line).chain([line.len()]);
        for (end, slot) in delimiters.zip(&mut self.ends) {
            *slot = end;
            count += 1;
        }
        let trouble = (count > COLUMNS_MAX).then_some(Reason::TooManyCells);
        let cells = Cells::new(line, &self.ends[..count], 1);
        let (number, offset, bytes) = (self.number, self.offset, line.len() as u64);
        self.number += 1;
        self.offset += bytes + 1;
        parsed(number, offset, cells, line, bytes, trouble)
    }

    fn begin(&mut self) {
        let mut raw = std::mem::take(&mut self.row.raw);
        raw.clear();
        self.row = Row { begun: true, offset: self.offset, raw, ..Row::default() };
    }

    /// Gives `input` to `csv-core`; `true` at the end of the row.
    fn feed(&mut self, input: &mut &[u8]) -> bool {
        let row = &mut self.row;
        let (result, taken, filled, ended) = self.core.read_record(
            input,
            &mut self.cells[row.filled..],
            &mut self.ends[row.ended..],
        );
        let done = matches!(result, ReadRecordResult::Record);
        let (part, rest) = input.split_at(taken);
        *input = rest;
        self.offset += taken as u64;
        // The line end that closes a row is none of its bytes.
        let part = if done {
            part.strip_suffix(b"\n").or(part.strip_suffix(b"\r")).unwrap_or(part)
        } else {
            part
        };
        row.take_raw(part);
        row.filled += filled;
        row.ended += ended;
        if row.bytes > RECORD_BYTES_MAX as u64 {
            row.trouble = Some(Reason::RecordTooLong);
        } else if row.ended > COLUMNS_MAX && row.trouble.is_none() {
            row.trouble = Some(Reason::TooManyCells);
        }
        if row.trouble.is_some() {
            // Nobody reads the cells of a bad row: let them be written over.
            (row.filled, row.ended) = (0, 0);
        } else if row.filled == self.cells.len() {
            self.cells.resize(self.cells.len() * 2, 0);
        }
        done
    }

    /// Closes the last row with the line end that it lacks, unless a quote is still open.
    ///
    /// (`csv-core` itself would take the end of the object for the closing quote.)
    fn end_of_object(&mut self) -> Result<(), ObjectFault> {
        let row = &mut self.row;
        let ends = &mut self.ends[row.ended..];
        let (result, _, _, ended) = self.core.read_record(b"\n", &mut [0], ends);
        if !matches!(result, ReadRecordResult::Record) {
            return Err(ObjectFault::OpenQuote { number: self.number, offset: row.offset });
        }
        row.ended += ended;
        if row.ended > COLUMNS_MAX && row.trouble.is_none() {
            row.trouble = Some(Reason::TooManyCells);
        }
        Ok(())
    }

    fn finish(&mut self) -> Parsed<'_> {
        let row = &mut self.row;
        row.begun = false;
        let number = self.number;
        self.number += 1;
        let cells = Cells::new(&self.cells[..row.filled], &self.ends[..row.ended], 0);
        parsed(number, row.offset, cells, &row.raw, row.bytes, row.trouble.take())
    }
}

impl Row {
    fn take_raw(&mut self, part: &[u8]) {
        let room = RAW_BYTES_MAX.saturating_sub(self.raw.len());
        self.raw.extend_from_slice(&part[..part.len().min(room)]);
        self.bytes += part.len() as u64;
    }
}

fn parsed<'a>(
    number: u64,
    offset: u64,
    cells: Cells<'a>,
    raw: &'a [u8],
    raw_bytes: u64,
    trouble: Option<Reason>,
) -> Parsed<'a> {
    match trouble {
        None => Parsed::Record(Record { number, offset, body: Body::Cells(cells), raw, raw_bytes }),
        Some(reason) => {
            let raw = &raw[..raw.len().min(RAW_BYTES_MAX)];
            Parsed::Bad(BadRecord { number, offset, reason, raw, raw_bytes })
        }
    }
}
