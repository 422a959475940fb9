//! How far the work on a message is, when it is not done: whoever has the message next goes on from
//! there.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::is_the_same;
use crate::{
    ingest::{Behind, Refused},
    trigger::ObjectVersion,
};

/// What is done of a message. Its objects are named by their places in it, from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Checkpoint {
    /// Objects that are done.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub done: BTreeSet<usize>,
    /// Objects that were begun.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    begun: BTreeMap<usize, Begun>,
}

/// How far an object is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Begun {
    /// What names the version, and no more.
    version: ObjectVersion,
    behind: Behind,
}

impl Checkpoint {
    /// The object at `place` is begun: gives what is done of `version`. `false` says that less is done
    /// than a checkpoint may have told, for what was done of another version is about to be undone.
    pub fn begin(&mut self, place: usize, version: &ObjectVersion) -> (Behind, bool) {
        let begun = self.begun.get(&place);
        if let Some(begun) = begun.filter(|begun| is_the_same(&begun.version, version)) {
            return (begun.behind.clone(), true);
        }
        let was_none = begun.is_none_or(|begun| begun.behind.records == 0);
        let (bucket, key) = (String::new(), String::new());
        let version = ObjectVersion { bucket, key, size: None, sequencer: None, ..version.clone() };
        self.begun.insert(place, Begun { version, behind: Behind::default() });
        (Behind::default(), was_none)
    }

    /// The first `records` of what was begun last at `place` have come to their end, some of them
    /// `refused`.
    pub fn reached(&mut self, place: usize, records: u64, refused: &[Refused]) {
        if let Some(begun) = self.begun.get_mut(&place) {
            begun.behind.reached(records, refused);
        }
    }

    /// The object at `place` is done.
    pub fn done(&mut self, place: usize) {
        self.begun.remove(&place);
        self.done.insert(place);
    }

    /// Whether more is done than at `earlier`.
    #[must_use]
    pub fn is_beyond(&self, earlier: &Self) -> bool {
        let before = |place: &usize, version: &ObjectVersion| {
            let begun = earlier.begun.get(place);
            let begun = begun.filter(|begun| is_the_same(&begun.version, version));
            begun.map_or(0, |begun| begun.behind.records)
        };
        let mut begun = self.begun.iter();
        self.done.len() > earlier.done.len()
            || begun.any(|(place, it)| it.behind.records > before(place, &it.version))
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn version(etag: &str) -> ObjectVersion {
        serde_json::from_str(&format!(r#"{{"bucket":"b","key":"k","etag":"{etag}"}}"#)).unwrap()
    }

    fn records(it: &mut Checkpoint, place: usize, etag: &str) -> (u64, bool) {
        let (behind, is_known) = it.begin(place, &version(etag));
        (behind.records, is_known)
    }

    #[test]
    fn it_moves_on_through_a_message_and_never_back() {
        let mut it = Checkpoint::default();
        assert_eq!(records(&mut it, 0, "e"), (0, true));
        it.reached(0, 70, &[]);
        it.reached(0, 60, &[]);
        assert_eq!(records(&mut it, 0, "e"), (70, true));
        let first = it.clone();
        it.done(0);
        assert_eq!(records(&mut it, 1, "e"), (0, true), "it is another object");
        assert!(it.is_beyond(&first) && !it.is_beyond(&it.clone()));
        it.reached(1, 5, &[]);
        // The third fails, and does not keep the fourth from being known.
        records(&mut it, 2, "e");
        records(&mut it, 3, "e");
        let before = it.clone();
        it.reached(3, 9, &[]);
        assert!(it.is_beyond(&before) && !before.is_beyond(&it));
        let json = serde_json::to_string(&it).unwrap();
        expect![[r#"{"done":[0],"begun":{"1":{"version":{"bucket":"","key":"","etag":"e"},"behind":{"records":5}},"2":{"version":{"bucket":"","key":"","etag":"e"},"behind":{"records":0}},"3":{"version":{"bucket":"","key":"","etag":"e"},"behind":{"records":9}}}}"#]].assert_eq(&json);
        assert_eq!(serde_json::from_str::<Checkpoint>(&json).unwrap(), it);
    }

    #[test]
    fn another_version_is_begun_anew_and_what_was_told_is_taken_back() {
        let mut it = Checkpoint::default();
        records(&mut it, 0, "e");
        it.reached(0, 70, &[]);
        let old = it.clone();
        assert_eq!(records(&mut it, 0, "f"), (0, false));
        assert!(!it.is_beyond(&old), "nothing of it is done");
        assert_eq!(records(&mut it, 0, "f"), (0, true));
        it.reached(0, 1, &[]);
        assert!(it.is_beyond(&old));
        assert_eq!(records(&mut it, 0, "e"), (0, false), "what lies between may have gone over it");
    }
}
