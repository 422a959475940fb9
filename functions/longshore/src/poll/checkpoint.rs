//! How far the work on a message is, when it is not done: whoever has the message next goes on from
//! there.

use serde::{Deserialize, Serialize};

use super::is_the_same;
use crate::trigger::ObjectVersion;

/// What is done of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Checkpoint {
    /// So many of its objects, the first ones.
    pub objects: usize,
    /// The version of the object after them that was begun, if any was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<ObjectVersion>,
    /// So many of that version's records, the first ones.
    #[serde(default)]
    pub records: u64,
}

impl Checkpoint {
    /// Object number `object` of the message, from 0, is begun: gives how many of the records of
    /// `version` are done. Of an object that does not come next nothing is known, since one before it
    /// has to be tried again.
    pub fn begin(&mut self, object: usize, version: &ObjectVersion) -> u64 {
        if object != self.objects {
            return 0;
        }
        if !self.version.as_ref().is_some_and(|known| is_the_same(known, version)) {
            (self.version, self.records) = (Some(version.clone()), 0);
        }
        self.records
    }

    /// The first `records` of what was begun last, object number `object`, are done.
    pub fn reached(&mut self, object: usize, records: u64) {
        if object == self.objects {
            self.records = self.records.max(records);
        }
    }

    /// Object number `object` is done.
    pub fn done(&mut self, object: usize) {
        if object == self.objects {
            *self = Self { objects: object + 1, version: None, records: 0 };
        }
    }

    /// Whether more is done than at `earlier`.
    #[must_use]
    pub fn is_beyond(&self, earlier: &Self) -> bool {
        let earlier_records = if self.version == earlier.version { earlier.records } else { 0 };
        let (objects, earlier_objects) = (self.objects, earlier.objects);
        (objects, self.records) > (earlier_objects, earlier_records)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn version(etag: &str) -> ObjectVersion {
        serde_json::from_str(&format!(r#"{{"bucket":"b","key":"k","etag":"{etag}"}}"#)).unwrap()
    }

    #[test]
    fn it_moves_on_through_a_message_and_never_back() {
        let mut it = Checkpoint::default();
        assert_eq!(it.begin(0, &version("e")), 0);
        it.reached(0, 70);
        it.reached(0, 60);
        assert_eq!(it.begin(0, &version("e")), 70);
        let first = it.clone();
        it.done(0);
        assert_eq!(it.begin(1, &version("e")), 0, "it is another object");
        assert!(it.is_beyond(&first) && !first.is_beyond(&it));
        let before = it.clone();
        it.reached(1, 5);
        assert!(it.is_beyond(&before) && !it.is_beyond(&it.clone()));
        expect![[r#"{"objects":1,"version":{"bucket":"b","key":"k","etag":"e"},"records":5}"#]]
            .assert_eq(&serde_json::to_string(&it).unwrap());
    }

    #[test]
    fn another_version_is_begun_anew() {
        let mut it = Checkpoint::default();
        it.begin(0, &version("e"));
        it.reached(0, 70);
        let old = it.clone();
        assert_eq!(it.begin(0, &version("f")), 0);
        assert!(!it.is_beyond(&old), "nothing of it is done");
        it.reached(0, 1);
        assert!(it.is_beyond(&old));
        assert_eq!(it.begin(0, &version("e")), 0, "what lies between may have gone over it");
    }

    #[test]
    fn what_follows_an_object_that_failed_is_not_told() {
        let mut it = Checkpoint::default();
        assert_eq!(it.begin(1, &version("e")), 0);
        it.reached(1, 9);
        it.done(1);
        assert_eq!(it, Checkpoint::default());
    }
}
