//! What an earlier worker has done of an object, so that another goes on behind it.

use serde::{Deserialize, Serialize};

use super::{
    items::Item,
    reason::{BadRecord, Reason},
    records::RAW_BYTES_MAX,
};

/// Refused records that are kept; behind one more nothing is taken for done.
pub const REFUSED_MAX: usize = 100;
/// Longest reason that is kept with each.
const WORDS_BYTES_MAX: usize = 1_024;

/// The records of an object that have come to their end, each written or refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Behind {
    /// So many, the first ones.
    pub records: u64,
    /// Those of them that the table refused, of which nobody was told yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<Refused>,
}

/// A record that the table refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refused {
    /// Which record of the object, from 1.
    pub number: u64,
    /// Where it begins, in bytes after decompression.
    pub offset: u64,
    words: String,
    /// The item, or its beginning, as DynamoDB-JSON.
    json: String,
    json_bytes: u64,
}

impl Refused {
    /// Of an item that was refused with these words.
    #[must_use]
    pub fn new(item: &Item<'_>, words: &str) -> Self {
        let start = &item.json[..item.json.len().min(RAW_BYTES_MAX)];
        Self {
            number: item.number,
            offset: item.offset,
            words: words[..words.floor_char_boundary(WORDS_BYTES_MAX)].to_owned(),
            json: start.utf8_chunks().next().map_or_else(String::new, |it| it.valid().to_owned()),
            json_bytes: item.json.len() as u64,
        }
    }

    /// The same, to be told of.
    #[must_use]
    pub fn bad(&self) -> BadRecord<'_> {
        BadRecord {
            number: self.number,
            offset: self.offset,
            reason: Reason::Refused(self.words.clone()),
            raw: self.json.as_bytes(),
            raw_bytes: self.json_bytes,
        }
    }
}

impl Behind {
    /// The first `records` have come to their end; `refused` are among those that were refused since
    /// the last time.
    pub fn reached(&mut self, records: u64, refused: &[Refused]) {
        let is_new = |one: &&Refused| self.records < one.number && one.number <= records;
        self.refused.extend(refused.iter().filter(is_new).cloned().collect::<Vec<_>>());
        self.records = self.records.max(records);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_record_is_kept_once_and_bounded() {
        let json = format!("{{\"é\":{{\"S\":\"{}\"}}}}", "é".repeat(RAW_BYTES_MAX));
        let item =
            |number| Item { json: json.as_bytes(), identity: b"", hash: 0, number, offset: 7 };
        let words = "ü".repeat(WORDS_BYTES_MAX);
        let refused = [9, 3].map(|number| Refused::new(&item(number), &words));
        assert_eq!(refused[0].words.len(), WORDS_BYTES_MAX);
        let bad = refused[0].bad();
        assert!(json.as_bytes().starts_with(bad.raw));
        assert!(bad.raw.len() <= RAW_BYTES_MAX && bad.raw.len() >= RAW_BYTES_MAX - 1);
        assert_eq!((bad.number, bad.offset, bad.raw_bytes), (9, 7, json.len() as u64));
        let mut behind = Behind::default();
        for records in [4, 8, 9, 9, 20] {
            behind.reached(records, &refused);
        }
        let numbers: Vec<_> = behind.refused.iter().map(|one| one.number).collect();
        assert_eq!((behind.records, numbers), (20, vec![3, 9]));
        let json = serde_json::to_string(&behind).unwrap();
        assert_eq!(serde_json::from_str::<Behind>(&json).unwrap(), behind);
    }
}
