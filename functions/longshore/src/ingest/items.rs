//! Bytes of an object ─▶ items: every record becomes DynamoDB-JSON in a reused buffer, or a bad
//! record with its reason.
//!
//! Transcoded, not modelled: a map of values per row would cost six times the whole rest.

mod cells;
mod json;
mod json_key;
mod names;
mod number;
mod text;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

use cells::Header;
use json::Walk;
use names::{Name, Shape};
pub(super) use text::escape_into;

use super::hash::hash;
use super::key::{Identity, KeySchema};
use super::object::Format;
use super::reason::{BadRecord, ObjectFault, Reason};
use super::records::{Body, Parsed, Record, RecordReader};

/// Largest item, names and values together (`DynamoDB` quotas, "Items": 400 KB).
pub const ITEM_BYTES_MAX: usize = 400 * 1024;
/// An item's buffer that grew beyond this is given back, so that one giant costs no memory for ever.
const BUFFER_BYTES_KEPT: usize = 256 * 1024;

/// One item, ready to be put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item<'a> {
    /// DynamoDB-JSON: `{"id":{"S":"1"}}`.
    pub json: &'a [u8],
    /// Equal bytes, same row of the table.
    pub identity: &'a [u8],
    /// Hash of the identity.
    pub hash: u64,
    /// Which record of the object, from 1.
    pub number: u64,
    /// Where the record begins, in bytes after decompression.
    pub offset: u64,
}

/// What came of the next record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// An item.
    Item(Item<'a>),
    /// A record that is set aside.
    Bad(BadRecord<'a>),
    /// The input is used up; after the last input, the object is done.
    NeedMore,
}

/// Turns the bytes of one object into items.
#[derive(Debug)]
pub struct Items {
    reader: RecordReader,
    transcoder: Transcoder,
}

impl Items {
    /// For an object of `format` and a table with the key `schema`.
    #[must_use]
    pub fn new(format: Format, schema: KeySchema) -> Self {
        Self { reader: RecordReader::new(format), transcoder: Transcoder::new(schema) }
    }

    /// Takes the next record from the front of `input`; `last` says that nothing follows it.
    pub fn next<'a, 'i: 'a>(
        &'a mut self,
        input: &mut &'i [u8],
        last: bool,
    ) -> Result<Step<'a>, ObjectFault> {
        if self.transcoder.header.is_none() && self.reader.has_header() {
            match self.reader.next(input, last)? {
                None => return Ok(Step::NeedMore),
                Some(Parsed::Record(header)) => self.transcoder.read_header(&header)?,
                Some(Parsed::Bad(bad)) => return Err(ObjectFault::Header(bad.reason.to_string())),
            }
        }
        match self.reader.next(input, last)? {
            None => Ok(Step::NeedMore),
            Some(Parsed::Bad(bad)) => Ok(Step::Bad(bad)),
            Some(Parsed::Record(record)) => Ok(self.transcoder.step(&record)),
        }
    }
}

/// One record at a time ─▶ one item, in buffers that are used again.
#[derive(Debug)]
struct Transcoder {
    schema: KeySchema,
    header: Option<Header>,
    out: Vec<u8>,
    names: Vec<Name>,
    shape: Shape,
    identity: Identity,
}

impl Transcoder {
    fn new(schema: KeySchema) -> Self {
        let identity = Identity::default();
        Self {
            schema,
            header: None,
            out: Vec::new(),
            names: Vec::new(),
            shape: Shape::default(),
            identity,
        }
    }

    fn read_header(&mut self, record: &Record<'_>) -> Result<(), ObjectFault> {
        if let Body::Cells(cells) = &record.body {
            self.header = Some(Header::read(cells, &self.schema)?);
        }
        Ok(())
    }

    fn step<'a>(&'a mut self, record: &Record<'a>) -> Step<'a> {
        match self.transcode(&record.body) {
            Ok(()) => Step::Item(Item {
                json: &self.out,
                identity: self.identity.bytes(),
                hash: hash(self.identity.bytes()),
                number: record.number,
                offset: record.offset,
            }),
            Err(reason) => Step::Bad(record.bad(reason)),
        }
    }

    fn transcode(&mut self, body: &Body<'_>) -> Result<(), Reason> {
        self.out.clear();
        self.out.shrink_to(BUFFER_BYTES_KEPT);
        self.identity.clear();
        let Self { schema, header, out, names, shape, identity } = self;
        match (body, header) {
            (Body::Cells(cells), Some(header)) => header.item(cells, schema, identity, out),
            (Body::Cells(_), None) => Err(Reason::NotAnObject),
            (Body::Json(line), _) => Walk::new(line, schema, out, (names, shape), identity).item(),
        }
    }
}

/// Appends the one spelling of a valid number, by which number keys are compared.
pub(super) fn canonical_number(text: &[u8], out: &mut Vec<u8>) {
    number::canonical(text, out);
}
