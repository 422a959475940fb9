//! NDJSON: a record is a line that is not blank; half a line at the end is one too.

use memchr::memchr;

use super::{Body, Parsed, RAW_BYTES_MAX, RECORD_BYTES_MAX, Record};
use crate::ingest::reason::{BadRecord, Reason};

/// Cuts lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    number: u64,
    /// Where the line begins that is being read.
    offset: u64,
    /// Its bytes from earlier chunks, no more than a record may have and one.
    carry: Vec<u8>,
    /// How many bytes those chunks had of it.
    carried: u64,
    /// The carry was given out as a record.
    given: bool,
}

impl Lines {
    pub(super) fn skip(&mut self, bytes: usize) {
        self.offset += bytes as u64;
    }

    pub(super) fn replay(&mut self, bytes: &[u8]) {
        self.carry(bytes);
    }

    pub(super) fn next<'a, 'i: 'a>(
        &'a mut self,
        input: &mut &'i [u8],
        last: bool,
    ) -> Option<Parsed<'a>> {
        loop {
            if self.given {
                self.carry.clear();
                self.carried = 0;
                self.given = false;
            }
            let (part, ended) = match memchr(b'\n', input) {
                Some(at) => (&input[..at], true),
                None => (*input, false),
            };
            *input = &input[part.len() + usize::from(ended)..];
            if !ended && !last {
                self.carry(part);
                return None;
            }
            if !ended && part.is_empty() && self.carried == 0 {
                return None;
            }
            let bytes = self.carried + part.len() as u64;
            let offset = self.offset;
            self.offset += bytes + u64::from(ended);
            let from_carry = self.carried > 0;
            if from_carry {
                self.carry(part);
                self.given = true;
            }
            let blank = is_blank(if from_carry { &self.carry } else { part });
            if blank && bytes <= RECORD_BYTES_MAX as u64 {
                continue;
            }
            self.number += 1;
            let line = if from_carry { &self.carry } else { part };
            return Some(record(self.number, offset, line, bytes));
        }
    }

    fn carry(&mut self, part: &[u8]) {
        let room = (RECORD_BYTES_MAX + 1).saturating_sub(self.carry.len());
        self.carry.extend_from_slice(&part[..part.len().min(room)]);
        self.carried += part.len() as u64;
    }
}

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r'))
}

fn record(number: u64, offset: u64, line: &[u8], bytes: u64) -> Parsed<'_> {
    if bytes > RECORD_BYTES_MAX as u64 {
        let raw = &line[..RAW_BYTES_MAX];
        let reason = Reason::RecordTooLong;
        return Parsed::Bad(BadRecord { number, offset, reason, raw, raw_bytes: bytes });
    }
    Parsed::Record(Record { number, offset, body: Body::Json(line), raw: line, raw_bytes: bytes })
}
