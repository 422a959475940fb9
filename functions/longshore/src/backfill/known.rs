//! Whether a run is about an object version that was found in a listing.

use crate::trigger::{ObjectEvent, ObjectVersion};

/// Whether `version` is the one that `listed` tells of. A listing names no sequencer, so without
/// version ids the entity tag decides: the same bytes again are no news.
#[must_use]
pub fn has_version(version: &ObjectVersion, listed: &ObjectEvent) -> bool {
    if (&version.bucket, &version.key) != (&listed.bucket, &listed.key) {
        return false;
    }
    match (&version.version_id, &listed.version_id) {
        (Some(one), Some(other)) => one == other,
        (None, None) => version.etag.is_some() && version.etag == listed.etag,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(run: (&str, Option<&str>, Option<&str>), expected: bool) {
        let [id, etag] = [run.1, run.2].map(|text| text.map(str::to_owned));
        let listed = |version_id| ObjectEvent {
            bucket: "b".into(),
            key: "k".into(),
            version_id,
            etag: Some("9a".into()),
            size: Some(1),
            sequencer: None,
            time: None,
        };
        let version = ObjectVersion {
            bucket: "b".into(),
            key: run.0.into(),
            version_id: id.clone(),
            etag,
            size: None,
            sequencer: Some("01".into()),
        };
        let listed = listed(id.map(|_| "v1".to_owned()));
        assert_eq!(has_version(&version, &listed), expected, "{run:?}");
    }

    #[test]
    fn a_version_is_known_by_its_id_and_without_one_by_its_entity_tag() {
        check(("k", Some("v1"), Some("other")), true);
        check(("k", Some("v2"), Some("9a")), false);
        check(("l", Some("v1"), Some("9a")), false);
        check(("k", None, Some("9a")), true);
        check(("k", None, Some("9b")), false);
        check(("k", None, None), false);
    }
}
