//! Items ─▶ batches: what one `BatchWriteItem` call carries, as bytes.
//!
//! `DynamoDB` refuses a whole call that names a key twice, so a later row with the same key takes
//! the place of the earlier one. Rows of one key always share a lane, and a lane writes its batches
//! one after the other, so the newest row of a key is the last that is written.

use super::items::Item;
use super::unprocessed::Unprocessed;

/// Most puts of one call (`BatchWriteItem` API reference).
pub const BATCH_ITEMS_MAX: usize = 25;
/// A batch is closed before it grows beyond this, far below the 16 MB of a call: it bounds what all
/// lanes together hold in memory. One item alone may be larger.
pub const BATCH_BYTES_MAX: usize = 256 * 1024;
/// A buffer that one giant item made larger than this is given back.
const BUFFER_BYTES_KEPT: usize = 64 * 1024;

const BEFORE: &[u8] = b"{\"PutRequest\":{\"Item\":";
const AFTER: &[u8] = b"}}";

/// The lane, of `lanes`, that writes all rows with the key hash `hash`.
#[must_use]
pub fn lane_of(hash: u64, lanes: usize) -> usize {
    // The high bits choose the lane: `hash` is compared by its low ones elsewhere.
    let lanes = u64::try_from(lanes.max(1)).unwrap_or(1);
    usize::try_from((hash >> 32) % lanes).unwrap_or(0)
}

/// What happened to a pushed item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// It is a new row.
    Added,
    /// It took the place of an earlier row with the same key.
    Replaced,
}

/// Puts of different keys, as the bytes that go over the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    bytes: Vec<u8>,
    identities: Vec<u8>,
    puts: Vec<Put>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Put {
    /// Where its item begins and ends in `bytes`.
    item: (usize, usize),
    /// Where its identity begins and ends in `identities`.
    identity: (usize, usize),
    hash: u64,
    number: u64,
    offset: u64,
}

impl Batch {
    /// How many puts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.puts.len()
    }

    /// Whether there is nothing to put.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.puts.is_empty()
    }

    /// The puts, with commas between them: `{"PutRequest":{"Item":…}},{"PutRequest":…}`.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether `item` may join.
    #[must_use]
    pub fn has_room(&self, item: &Item<'_>) -> bool {
        let grown = self.bytes.len() + BEFORE.len() + item.json.len() + AFTER.len() + 1;
        self.is_empty() || (self.len() < BATCH_ITEMS_MAX && grown <= BATCH_BYTES_MAX)
    }

    /// Adds `item`, in place of an earlier one with the same key.
    pub fn push(&mut self, item: &Item<'_>) -> Pushed {
        let earlier = self.index_of(item.hash, item.identity);
        if let Some(earlier) = earlier {
            self.keep(|index| index != earlier);
        }
        self.append(item);
        if earlier.is_some() { Pushed::Replaced } else { Pushed::Added }
    }

    fn append(&mut self, item: &Item<'_>) {
        if !self.is_empty() {
            self.bytes.push(b',');
        }
        self.bytes.extend_from_slice(BEFORE);
        let start = self.bytes.len();
        self.bytes.extend_from_slice(item.json);
        let end = self.bytes.len();
        self.bytes.extend_from_slice(AFTER);
        let identity = self.identities.len();
        self.identities.extend_from_slice(item.identity);
        self.puts.push(Put {
            item: (start, end),
            identity: (identity, self.identities.len()),
            hash: item.hash,
            number: item.number,
            offset: item.offset,
        });
    }

    fn index_of(&self, hash: u64, identity: &[u8]) -> Option<usize> {
        let same = |put: &Put| put.hash == hash && self.identity(put) == identity;
        self.puts.iter().position(same)
    }

    /// The put with the identity `identity`.
    pub(super) fn position(&self, identity: &[u8]) -> Option<usize> {
        self.puts.iter().position(|put| self.identity(put) == identity)
    }

    fn identity(&self, put: &Put) -> &[u8] {
        &self.identities[put.identity.0..put.identity.1]
    }

    /// The item of the put `index`.
    #[must_use]
    pub fn item(&self, index: usize) -> Option<Item<'_>> {
        self.puts.get(index).map(|put| Item {
            json: &self.bytes[put.item.0..put.item.1],
            identity: self.identity(put),
            hash: put.hash,
            number: put.number,
            offset: put.offset,
        })
    }

    /// Drops what was written; what is left keeps its order.
    pub fn keep_unprocessed(&mut self, unprocessed: Unprocessed) {
        self.keep(|index| unprocessed.contains(index));
    }

    fn keep(&mut self, keep: impl Fn(usize) -> bool) {
        let old = std::mem::take(self);
        for index in (0..old.len()).filter(|&index| keep(index)) {
            if let Some(item) = old.item(index) {
                self.append(&item);
            }
        }
    }

    /// The first half and the second, to find the one item that spoils the whole.
    #[must_use]
    pub fn halves(self) -> (Self, Self) {
        let middle = self.len() / 2;
        let (mut first, mut second) = (self.clone(), self);
        first.keep(|index| index < middle);
        second.keep(|index| index >= middle);
        (first, second)
    }

    /// Empties the batch and keeps its memory for the next.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(BUFFER_BYTES_KEPT);
        self.identities.clear();
        self.puts.clear();
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::{BATCH_BYTES_MAX, BATCH_ITEMS_MAX, Batch, Item, Pushed, Unprocessed, lane_of};
    use crate::ingest::hash::hash;

    fn item<'a>(key: &'a str, json: &'a str) -> Item<'a> {
        let (identity, json) = (key.as_bytes(), json.as_bytes());
        Item { json, identity, hash: hash(identity), number: 1, offset: 0 }
    }

    fn batch(rows: &[(&str, &str)]) -> Batch {
        let mut batch = Batch::default();
        for (key, json) in rows {
            batch.push(&item(key, json));
        }
        batch
    }

    fn check(batch: &Batch, expected: &Expect) {
        expected.assert_eq(std::str::from_utf8(batch.bytes()).unwrap());
    }

    #[test]
    fn a_later_row_takes_the_place_of_an_earlier_one() {
        let mut rows = batch(&[("a", "{1}"), ("b", "{2}"), ("c", "{3}")]);
        assert_eq!(rows.push(&item("b", "{4}")), Pushed::Replaced);
        assert_eq!(rows.push(&item("d", "{5}")), Pushed::Added);
        check(
            &rows,
            &expect![[
                r#"{"PutRequest":{"Item":{1}}},{"PutRequest":{"Item":{3}}},{"PutRequest":{"Item":{4}}},{"PutRequest":{"Item":{5}}}"#
            ]],
        );
    }

    #[test]
    fn what_is_unprocessed_stays_in_order() {
        let mut rows = batch(&[("a", "{1}"), ("b", "{2}"), ("c", "{3}")]);
        rows.keep_unprocessed(Unprocessed::none().and(2).and(0));
        check(&rows, &expect![[r#"{"PutRequest":{"Item":{1}}},{"PutRequest":{"Item":{3}}}"#]]);
    }

    #[test]
    fn halves_hold_every_row_once() {
        let (first, second) = batch(&[("a", "{1}"), ("b", "{2}"), ("c", "{3}")]).halves();
        check(&first, &expect![[r#"{"PutRequest":{"Item":{1}}}"#]]);
        check(&second, &expect![[r#"{"PutRequest":{"Item":{2}}},{"PutRequest":{"Item":{3}}}"#]]);
    }

    #[test]
    fn a_batch_is_bounded_in_items_and_bytes() {
        let keys: Vec<String> = (0..=BATCH_ITEMS_MAX).map(|n| n.to_string()).collect();
        let mut rows = Batch::default();
        for key in &keys[..BATCH_ITEMS_MAX] {
            assert!(rows.has_room(&item(key, "{}")));
            rows.push(&item(key, "{}"));
        }
        assert!(!rows.has_room(&item(&keys[BATCH_ITEMS_MAX], "{}")));
        let giant = "x".repeat(BATCH_BYTES_MAX);
        assert!(Batch::default().has_room(&item("a", &giant)), "alone, any item has room");
        assert!(!batch(&[("a", "{}")]).has_room(&item("b", &giant)));
    }

    #[test]
    fn a_key_has_one_lane() {
        for lanes in 1..70 {
            assert!(lane_of(hash(b"key"), lanes) < lanes);
        }
        assert_eq!(lane_of(7, 0), 0);
    }
}
