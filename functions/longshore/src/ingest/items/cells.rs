//! Rows of CSV ─▶ DynamoDB-JSON: a cell is a string, an empty cell is no attribute.

use super::{ITEM_BYTES_MAX, number, text};
use crate::ingest::key::{Identity, KeySchema, KeyType, Part};
use crate::ingest::reason::{ObjectFault, Reason};
use crate::ingest::records::Cells;

/// Longest attribute name (`DynamoDB` quotas, "Attribute names").
const NAME_BYTES_MAX: usize = 65_535;

/// The columns, each with its piece of DynamoDB-JSON rendered once.
#[derive(Debug)]
pub(super) struct Header {
    columns: Vec<Column>,
}

#[derive(Debug)]
struct Column {
    /// `"name":{"S":"`; empty for a column without a name.
    before: Vec<u8>,
    name_bytes: usize,
    part: Option<Part>,
}

impl Header {
    /// Reads the header row; without the key columns no row could be an item.
    pub(super) fn read(cells: &Cells<'_>, schema: &KeySchema) -> Result<Self, ObjectFault> {
        let fault = |words: String| ObjectFault::Header(words);
        let mut names = Vec::new();
        for cell in cells.iter() {
            let name = std::str::from_utf8(cell).map_err(|_| fault("it is not UTF-8".into()))?;
            if name.len() > NAME_BYTES_MAX {
                return Err(fault(format!("a name is longer than {NAME_BYTES_MAX} bytes")));
            }
            names.push(name);
        }
        let mut sorted: Vec<&str> = names.iter().copied().filter(|name| !name.is_empty()).collect();
        sorted.sort_unstable();
        if let Some([twice, _]) = sorted.array_windows().find(|[one, next]| one == next) {
            return Err(fault(format!("two columns are named `{twice}`")));
        }
        for key in [Some(&schema.partition), schema.sort.as_ref()].into_iter().flatten() {
            if sorted.binary_search(&key.name.as_str()).is_err() {
                return Err(fault(format!(
                    "no column is named `{}`, the key of the table",
                    key.name
                )));
            }
        }
        Ok(Self { columns: names.into_iter().map(|name| Column::new(name, schema)).collect() })
    }

    /// Appends the item of one row.
    pub(super) fn item(
        &self,
        cells: &Cells<'_>,
        schema: &KeySchema,
        identity: &mut Identity,
        out: &mut Vec<u8>,
    ) -> Result<(), Reason> {
        if cells.len() != self.columns.len() {
            return Err(Reason::Ragged { cells: cells.len(), columns: self.columns.len() });
        }
        cells.check_utf8()?;
        let mut size = 0;
        let begin = out.len();
        out.push(b'{');
        for (index, (column, cell)) in self.columns.iter().zip(cells.iter()).enumerate() {
            if cell.is_empty() {
                continue;
            }
            if column.before.is_empty() {
                return Err(Reason::NamelessColumn(index + 1));
            }
            if out.len() > begin + 1 {
                out.push(b',');
            }
            out.extend_from_slice(&column.before);
            size += column.name_bytes + cell.len();
            match column.part {
                None => text::escape_into(cell, out),
                Some(part) => key(cell, part, schema, identity, out)?,
            }
            out.extend_from_slice(b"\"}");
        }
        out.push(b'}');
        if size > ITEM_BYTES_MAX {
            return Err(Reason::ItemTooBig(size));
        }
        identity.finish(schema)
    }
}

impl Column {
    fn new(name: &str, schema: &KeySchema) -> Self {
        let part = schema.part(name.as_bytes());
        let mut before = Vec::new();
        if !name.is_empty() {
            before.push(b'"');
            text::escape_into(name.as_bytes(), &mut before);
            let number = part.is_some_and(|part| schema.kind(part) == KeyType::Number);
            before.extend_from_slice(if number { b"\":{\"N\":\"" } else { b"\":{\"S\":\"" });
        }
        Self { before, name_bytes: name.len(), part }
    }
}

/// A key cell has the type of the table's key, so that numbers can be keys of CSV rows too.
fn key(
    cell: &[u8],
    part: Part,
    schema: &KeySchema,
    identity: &mut Identity,
    out: &mut Vec<u8>,
) -> Result<(), Reason> {
    match schema.kind(part) {
        KeyType::String => {
            schema.check_length(part, cell.len())?;
            identity.part(part).extend_from_slice(cell);
            text::escape_into(cell, out);
        }
        KeyType::Number => {
            let whole = match number::scan(cell, 0) {
                Ok(found) => found.end == cell.len(),
                Err(Reason::Json { .. }) => false,
                Err(other) => return Err(other),
            };
            if !whole {
                return Err(schema.mismatch(part));
            }
            number::canonical(cell, identity.part(part));
            out.extend_from_slice(cell);
        }
    }
    Ok(())
}
