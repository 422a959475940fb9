//! Why a record or a whole object cannot become items, in words for whoever has to mend it.

use super::items::ITEM_BYTES_MAX;
use super::records::{COLUMNS_MAX, RECORD_BYTES_MAX};

/// One record that is set aside, while its neighbours are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRecord<'a> {
    /// Which record of the object, from 1; a header is not counted.
    pub number: u64,
    /// Where it begins, in bytes of the object after decompression.
    pub offset: u64,
    /// What is wrong with it.
    pub reason: Reason,
    /// Its bytes, at most [`super::records::RAW_BYTES_MAX`] of them.
    pub raw: &'a [u8],
    /// How many bytes it has.
    pub raw_bytes: u64,
}

/// What is wrong with one record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Longer than one record may be.
    #[error("the record is longer than {RECORD_BYTES_MAX} bytes")]
    RecordTooLong,
    /// More cells than a row may have.
    #[error("the row has more than {COLUMNS_MAX} cells")]
    TooManyCells,
    /// Not as many cells as the header.
    #[error("the row has {cells} cells, the header has {columns}")]
    Ragged {
        /// Cells of the row.
        cells: usize,
        /// Columns of the header.
        columns: usize,
    },
    /// A value under a column without a name.
    #[error("cell {0} has a value, but its column has no name")]
    NamelessColumn(usize),
    /// Bytes that are no text.
    #[error("the record is not UTF-8")]
    NotUtf8,
    /// Not JSON.
    #[error("not JSON at byte {at} of the record: {what}")]
    Json {
        /// Byte within the record, from 0.
        at: usize,
        /// What was expected or found.
        what: &'static str,
    },
    /// JSON, but no object.
    #[error("the record is JSON, but not an object")]
    NotAnObject,
    /// The same name twice in one object.
    #[error("the attribute name `{0}` appears twice")]
    DuplicateName(String),
    /// A name that `DynamoDB` does not take.
    #[error("an attribute name is empty or longer than 65535 bytes")]
    NameLength,
    /// More digits than `DynamoDB` holds.
    #[error("the number `{0}` has more than 38 significant digits")]
    TooManyDigits(String),
    /// Outside 1E-130 to 9.99E+125.
    #[error("the number `{0}` is outside the range of DynamoDB (1E-130 to 9.99E+125)")]
    OutOfRange(String),
    /// Nested deeper than `DynamoDB` holds.
    #[error("the record nests deeper than 32 levels")]
    TooDeep,
    /// Bigger than `DynamoDB` holds.
    #[error("the item has {0} bytes, DynamoDB holds at most {ITEM_BYTES_MAX}")]
    ItemTooBig(usize),
    /// No key.
    #[error("the key attribute `{0}` is missing")]
    KeyMissing(String),
    /// An empty key.
    #[error("the key attribute `{0}` is empty")]
    KeyEmpty(String),
    /// A key that is too long.
    #[error("the key attribute `{name}` has {bytes} bytes, at most {limit} are allowed")]
    KeyTooLong {
        /// Name of the attribute.
        name: String,
        /// Its size.
        bytes: usize,
        /// The bound.
        limit: usize,
    },
    /// A key of another type than the table's.
    #[error("the key attribute `{name}` is not a {expected}, as the table wants")]
    KeyType {
        /// Name of the attribute.
        name: String,
        /// `string` or `number`.
        expected: &'static str,
    },
    /// `DynamoDB` refused the item.
    #[error("DynamoDB refused the item: {0}")]
    Refused(String),
}

/// Why no record of the object can be trusted; the run is rejected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ObjectFault {
    /// A header that cannot name columns.
    #[error("the header cannot be used: {0}")]
    Header(String),
    /// A quote that swallows the rest of the object.
    #[error(
        "the quote opened in record {number} (byte {offset}) is never closed, so the rest of the \
         object cannot be told apart"
    )]
    OpenQuote {
        /// Which record.
        number: u64,
        /// Where it begins.
        offset: u64,
    },
    /// An opaque object for a table whose key it cannot fill.
    #[error(
        "the object holds no records, and its metadata cannot be one item: {0}; filter the trigger \
         by suffix, or use a table whose only key is a string"
    )]
    Metadata(String),
}
