//! What a message says of an object, and what lies under its key ─▶ what to read.
//!
//! Nobody keeps two workers from having messages about two versions of one object. So whoever has
//! written one looks once more what lies under the key, and reads that too if it is another: then
//! the rows that were written last are those of the newest version, whoever wrote them.

use crate::trigger::ObjectVersion;

/// What to do about an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fresh {
    /// Nothing: it was deleted.
    Gone,
    /// Nothing: a newer version lies there, which has a message of its own.
    Newer,
    /// Read this version.
    Read(ObjectVersion),
}

/// What to do about `told`, an object of a message that was received `receives` times, while
/// `current` lies under its key.
///
/// A message that comes again may have left rows of the older version behind, after the newer one's
/// were written: then the newer one is read once more.
#[must_use]
pub fn fresh(told: &ObjectVersion, receives: u32, current: Option<ObjectVersion>) -> Fresh {
    let Some(current) = current else { return Fresh::Gone };
    let names_one = told.version_id.is_some() || told.etag.is_some();
    if names_one && receives <= 1 && !is_the_same(told, &current) {
        return Fresh::Newer;
    }
    Fresh::Read(current)
}

/// Whether two sightings are of the same bytes.
#[must_use]
pub fn is_the_same(one: &ObjectVersion, other: &ObjectVersion) -> bool {
    match (&one.version_id, &other.version_id) {
        (Some(one), Some(other)) => one == other,
        _ => one.etag.is_some() && one.etag == other.etag,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `version:etag`, either of which may be missing.
    fn object(text: &str) -> ObjectVersion {
        let (version, etag) = text.split_once(':').unwrap();
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        ObjectVersion {
            bucket: "b".into(),
            key: "k".into(),
            version_id: some(version),
            etag: some(etag),
            size: None,
            sequencer: None,
        }
    }

    #[test]
    fn the_table_of_versions() {
        for (told, current, first, again) in [
            ("v1:e", "v1:e", "read", "read"),
            ("v1:e", "v2:f", "newer", "read"),
            ("v1:e", "v2:e", "newer", "read"),
            (":e", ":e", "read", "read"),
            (":e", ":f", "newer", "read"),
            (":e", "v2:e", "read", "read"),
            ("v1:", ":e", "newer", "read"),
            (":", ":e", "read", "read"),
            (":", "v1:e", "read", "read"),
        ] {
            let done = |receives| match fresh(&object(told), receives, Some(object(current))) {
                Fresh::Gone => "gone",
                Fresh::Newer => "newer",
                Fresh::Read(read) => {
                    assert_eq!(read, object(current), "what lies there is read, and nothing else");
                    "read"
                }
            };
            assert_eq!((done(1), done(2)), (first, again), "{told} {current}");
            assert_eq!(fresh(&object(told), 1, None), Fresh::Gone);
        }
        assert!(!is_the_same(&object(":"), &object(":")), "nobody knows");
    }
}
