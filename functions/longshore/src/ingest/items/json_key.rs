//! Key attributes of a JSON record: of the table's type, and remembered as the identity of its row.

use super::json::Walk;
use super::{number, text};
use crate::ingest::key::{KeyType, Part};
use crate::ingest::reason::Reason;

impl Walk<'_> {
    #[inline]
    pub(super) fn key_part(&self, name: &[u8], escaped: bool) -> Option<Part> {
        if !escaped {
            return self.schema.part(name);
        }
        let mut plain = Vec::new();
        text::unescape(name, &mut plain);
        self.schema.part(&plain)
    }

    /// The value of a key attribute: of the table's type, and remembered.
    pub(super) fn key(&mut self, part: Part) -> Result<(), Reason> {
        let start = self.at;
        match (self.schema.kind(part), self.peek()) {
            (KeyType::String, Some(b'"')) => {
                let found = text::scan(self.record, start, self.controls)?;
                self.schema.check_length(part, found.bytes)?;
                let inner = &self.record[start + 1..found.end - 1];
                let identity = self.identity.part(part);
                identity.clear();
                if found.escaped {
                    text::unescape(inner, identity);
                } else {
                    identity.extend_from_slice(inner);
                }
            }
            (KeyType::Number, Some(b'-' | b'0'..=b'9')) => {
                let found = number::scan(self.record, start)?;
                let identity = self.identity.part(part);
                identity.clear();
                number::canonical(&self.record[start..found.end], identity);
            }
            _ => {
                self.value(0)?;
                return Err(self.schema.mismatch(part));
            }
        }
        self.value(0)
    }
}
