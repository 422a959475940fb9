//! Attribute names of one JSON object, to find one that appears twice.

use super::text;
use crate::ingest::hash::hash;
use crate::ingest::reason::Reason;

/// Up to this many names are compared pairwise, which is cheaper than sorting them.
const PAIRWISE_MAX: usize = 16;

/// One name: where it is in the record, without quotes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name {
    hash: u64,
    start: usize,
    end: usize,
    escaped: bool,
}

impl Name {
    /// The name at `start..end`.
    pub(super) fn new(start: usize, end: usize, escaped: bool) -> Self {
        Self { hash: 0, start, end, escaped }
    }

    fn raw<'a>(&self, record: &'a [u8]) -> &'a [u8] {
        &record[self.start..self.end]
    }

    fn text(&self, record: &[u8]) -> Vec<u8> {
        let mut text = Vec::new();
        text::unescape(self.raw(record), &mut text);
        text
    }

    fn take_hash(&mut self, record: &[u8]) {
        self.hash = if self.escaped { hash(&self.text(record)) } else { hash(self.raw(record)) };
    }

    fn same(&self, other: &Self, record: &[u8]) -> bool {
        if self.hash != other.hash {
            return false;
        }
        if self.escaped || other.escaped {
            return self.text(record) == other.text(record);
        }
        self.raw(record) == other.raw(record)
    }
}

/// The names of the last record that was found to have each only once, as they were spelled.
///
/// Most lines of an object have the same names in the same order, and need no search.
#[derive(Debug, Default)]
pub(super) struct Shape {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Shape {
    fn fits(&self, names: &[Name], record: &[u8]) -> bool {
        let mut start = 0;
        names.len() == self.ends.len()
            && names.iter().zip(&self.ends).all(|(name, &end)| {
                let known = &self.bytes[start..end];
                start = end;
                name.raw(record) == known
            })
    }

    fn learn(&mut self, names: &[Name], record: &[u8]) {
        self.bytes.clear();
        self.ends.clear();
        for name in names {
            self.bytes.extend_from_slice(name.raw(record));
            self.ends.push(self.bytes.len());
        }
    }

    /// Refuses the names of a whole record if one appears twice. Their order may change.
    pub(super) fn check_unique(&mut self, names: &mut [Name], record: &[u8]) -> Result<(), Reason> {
        if self.fits(names, record) {
            return Ok(());
        }
        // Learned before the names are sorted, and only trusted if they are found unique.
        self.learn(names, record);
        check_unique(names, record).inspect_err(|_| *self = Self::default())
    }
}

/// Refuses `names`, all of one object, if one appears twice. Their order may change.
pub(super) fn check_unique(names: &mut [Name], record: &[u8]) -> Result<(), Reason> {
    for name in &mut *names {
        name.take_hash(record);
    }
    let few = names.len() <= PAIRWISE_MAX;
    let twice = if few { pairwise(names, record) } else { sorted(names, record) };
    twice.map_or(Ok(()), |name| {
        Err(Reason::DuplicateName(String::from_utf8_lossy(&name.text(record)).into_owned()))
    })
}

fn pairwise<'a>(names: &'a [Name], record: &[u8]) -> Option<&'a Name> {
    names.iter().enumerate().find_map(|(index, name)| {
        names[..index].iter().any(|earlier| earlier.same(name, record)).then_some(name)
    })
}

/// Names whose hashes collide without being equal lie beside each other and may hide a third, so
/// within a run of equal hashes all are compared.
fn sorted<'a>(names: &'a mut [Name], record: &[u8]) -> Option<&'a Name> {
    names.sort_unstable_by_key(|name| name.hash);
    names.chunk_by(|one, other| one.hash == other.hash).find_map(|run| pairwise(run, record))
}
