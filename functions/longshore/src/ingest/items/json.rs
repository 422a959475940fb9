//! NDJSON ─▶ DynamoDB-JSON: one pass that validates and copies, without a tree in between.
//!
//! Strings keep their escapes and numbers their digits, so what is written is what was read.

use super::names::{Name, Shape, check_unique};
use super::{ITEM_BYTES_MAX, number, text};
use crate::ingest::key::{Identity, KeySchema};
use crate::ingest::reason::Reason;

/// Deepest nesting (`DynamoDB` quotas, "Nested attribute depth").
const DEPTH_MAX: usize = 32;
/// Longest attribute name (`DynamoDB` quotas, "Attribute names").
const NAME_BYTES_MAX: usize = 65_535;
/// What a map or a list weighs by itself, and each of its elements ("Item sizes and formats").
const CONTAINER_BYTES: usize = 3;
const ELEMENT_BYTES: usize = 1;

/// One record on its way into one item.
pub(super) struct Walk<'a> {
    pub(super) record: &'a [u8],
    pub(super) out: &'a mut Vec<u8>,
    pub(super) names: &'a mut Vec<Name>,
    shape: &'a mut Shape,
    pub(super) schema: &'a KeySchema,
    pub(super) identity: &'a mut Identity,
    pub(super) at: usize,
    pub(super) controls: bool,
    size: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        record: &'a [u8],
        schema: &'a KeySchema,
        out: &'a mut Vec<u8>,
        (names, shape): (&'a mut Vec<Name>, &'a mut Shape),
        identity: &'a mut Identity,
    ) -> Self {
        // One branch-free pass over the record spares a search per string.
        let controls = record.iter().fold(0, |found, &byte| found | u8::from(byte < 0x20)) != 0;
        names.clear();
        Self { record, out, names, shape, schema, identity, at: 0, controls, size: 0 }
    }

    /// The whole record.
    pub(super) fn item(mut self) -> Result<(), Reason> {
        simdutf8::basic::from_utf8(self.record).map_err(|_| Reason::NotUtf8)?;
        self.space();
        if self.peek() != Some(b'{') {
            // Not an object, or not even JSON: both are worth telling apart.
            self.value(0)?;
            self.end()?;
            return Err(Reason::NotAnObject);
        }
        self.object(0)?;
        self.end()?;
        if self.size > ITEM_BYTES_MAX {
            return Err(Reason::ItemTooBig(self.size));
        }
        self.identity.finish(self.schema)
    }

    fn end(&mut self) -> Result<(), Reason> {
        self.space();
        if self.at < self.record.len() { Err(self.bad("more follows the object")) } else { Ok(()) }
    }

    fn bad(&self, what: &'static str) -> Reason {
        Reason::Json { at: self.at, what }
    }

    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.record.get(self.at).copied()
    }

    #[inline]
    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.at += 1;
        }
    }

    /// Takes `byte` and the space after it.
    #[inline]
    fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        if there {
            self.at += 1;
            self.space();
        }
        there
    }

    /// `{…}`; the item itself is depth 0.
    fn object(&mut self, depth: usize) -> Result<(), Reason> {
        let first_name = self.names.len();
        self.take(b'{');
        self.out.push(b'{');
        if !self.take(b'}') {
            loop {
                self.member(depth)?;
                self.space();
                if self.take(b',') {
                    self.out.push(b',');
                } else if self.take(b'}') {
                    break;
                } else {
                    return Err(self.bad("expected `,` or `}`"));
                }
            }
        }
        self.out.push(b'}');
        let names = &mut self.names[first_name..];
        match depth {
            0 => self.shape.check_unique(names, self.record)?,
            _ => check_unique(names, self.record)?,
        }
        self.names.truncate(first_name);
        Ok(())
    }

    /// `"name": value`.
    fn member(&mut self, depth: usize) -> Result<(), Reason> {
        if self.peek() != Some(b'"') {
            return Err(self.bad("expected an attribute name in quotes"));
        }
        let start = self.at;
        let found = text::scan(self.record, start, self.controls)?;
        if !(1..=NAME_BYTES_MAX).contains(&found.bytes) {
            return Err(Reason::NameLength);
        }
        self.names.push(Name::new(start + 1, found.end - 1, found.escaped));
        self.out.extend_from_slice(&self.record[start..found.end]);
        self.size += found.bytes;
        self.at = found.end;
        self.space();
        if !self.take(b':') {
            return Err(self.bad("expected `:`"));
        }
        self.out.push(b':');
        if depth > 0 {
            self.size += ELEMENT_BYTES;
            return self.value(depth);
        }
        match self.key_part(&self.record[start + 1..found.end - 1], found.escaped) {
            Some(part) => self.key(part),
            None => self.value(depth),
        }
    }

    /// Any value; `depth` containers lie around it.
    pub(super) fn value(&mut self, depth: usize) -> Result<(), Reason> {
        match self.peek() {
            Some(b'"') => {
                let found = text::scan(self.record, self.at, self.controls)?;
                self.copy(b"{\"S\":", found.end, b"}", found.bytes);
                Ok(())
            }
            Some(b'-' | b'0'..=b'9') => {
                let found = number::scan(self.record, self.at)?;
                self.copy(b"{\"N\":\"", found.end, b"\"}", found.bytes);
                Ok(())
            }
            Some(b'{') => self.container(depth, b"{\"M\":", Self::object),
            Some(b'[') => self.container(depth, b"{\"L\":", Self::array),
            Some(b't') => self.word(b"true", b"{\"BOOL\":true}"),
            Some(b'f') => self.word(b"false", b"{\"BOOL\":false}"),
            Some(b'n') => self.word(b"null", b"{\"NULL\":true}"),
            Some(_) => Err(self.bad("expected a value")),
            None => Err(self.bad("the record ends where a value should be")),
        }
    }

    #[inline]
    fn copy(&mut self, before: &[u8], end: usize, after: &[u8], bytes: usize) {
        self.out.extend_from_slice(before);
        self.out.extend_from_slice(&self.record[self.at..end]);
        self.out.extend_from_slice(after);
        self.at = end;
        self.size += bytes;
    }

    fn word(&mut self, word: &[u8], typed: &[u8]) -> Result<(), Reason> {
        if !self.record[self.at..].starts_with(word) {
            return Err(self.bad("expected a value"));
        }
        self.at += word.len();
        self.out.extend_from_slice(typed);
        self.size += 1;
        Ok(())
    }

    fn container(
        &mut self,
        depth: usize,
        typed: &[u8],
        inside: fn(&mut Self, usize) -> Result<(), Reason>,
    ) -> Result<(), Reason> {
        if depth == DEPTH_MAX {
            return Err(Reason::TooDeep);
        }
        self.size += CONTAINER_BYTES;
        self.out.extend_from_slice(typed);
        inside(self, depth + 1)?;
        self.out.push(b'}');
        Ok(())
    }

    fn array(&mut self, depth: usize) -> Result<(), Reason> {
        self.take(b'[');
        self.out.push(b'[');
        if !self.take(b']') {
            loop {
                self.size += ELEMENT_BYTES;
                self.value(depth)?;
                self.space();
                if self.take(b',') {
                    self.out.push(b',');
                } else if self.take(b']') {
                    break;
                } else {
                    return Err(self.bad("expected `,` or `]`"));
                }
            }
        }
        self.out.push(b']');
        Ok(())
    }
}
