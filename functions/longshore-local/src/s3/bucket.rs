//! One bucket: its settings, and the versions under each key.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use s3s::S3Result;
use serde::{Deserialize, Serialize};

use super::{refusal, version::Version};

/// What a bucket does with the older versions of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Versioning {
    /// It never had any: a write replaces, a deletion removes.
    Never,
    /// Every write makes a version, every deletion a marker.
    Enabled,
    /// New versions have the id `null` and replace each other; older ones stay.
    Suspended,
}

/// Settings of a bucket, as its row keeps them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct BucketRow {
    pub(super) name: String,
    pub(super) versioning: Versioning,
    pub(super) event_bridge: bool,
    pub(super) created: Timestamp,
}

/// A bucket with all that is in it.
#[derive(Debug)]
pub(super) struct Bucket {
    pub(super) row: BucketRow,
    /// Versions of each key, the newest last; no key is without one.
    pub(super) objects: BTreeMap<String, Vec<Arc<Version>>>,
}

impl Versioning {
    /// What becomes of it when versioning is asked for, or is not; it never ends, only pauses.
    pub(super) fn switched(self, on: bool) -> Self {
        match (self, on) {
            (_, true) => Self::Enabled,
            (Self::Never, false) => Self::Never,
            (_, false) => Self::Suspended,
        }
    }
}

impl Bucket {
    pub(super) fn new(row: BucketRow) -> Self {
        Self { row, objects: BTreeMap::new() }
    }

    /// The newest version of `key`, which may be a delete marker.
    pub(super) fn newest(&self, key: &str) -> Option<&Arc<Version>> {
        self.objects.get(key)?.last()
    }

    pub(super) fn version(&self, key: &str, id: &str) -> Option<&Arc<Version>> {
        self.objects.get(key)?.iter().find(|version| version.id_text() == id)
    }

    /// The version that a reader gets who asks for `id`, or for the newest.
    pub(super) fn readable(&self, key: &str, id: Option<&str>) -> S3Result<&Arc<Version>> {
        let Some(id) = id else {
            let newest = self.newest(key).ok_or_else(refusal::no_such_key)?;
            let is_marker = newest.content.is_none();
            return if is_marker { Err(refusal::deleted(newest)) } else { Ok(newest) };
        };
        let version = self.version(key, id).ok_or_else(refusal::no_such_version)?;
        if version.content.is_none() {
            return Err(refusal::marker_has_no_content(version));
        }
        Ok(version)
    }

    /// The version id that answers show: none in a bucket that never had versions.
    pub(super) fn shown_id(&self, version: &Version) -> Option<String> {
        (self.row.versioning != Versioning::Never).then(|| version.id_text().to_owned())
    }

    /// Puts a version on top, and gives back the one with the same id that it replaces.
    pub(super) fn place(&mut self, version: Arc<Version>) -> Option<Arc<Version>> {
        let versions = self.objects.entry(version.key.clone()).or_default();
        let same = versions.iter().position(|other| other.id == version.id);
        let replaced = same.map(|index| versions.remove(index));
        versions.push(version);
        replaced
    }

    /// Takes a version out.
    pub(super) fn remove(&mut self, version: &Version) {
        if let Some(versions) = self.objects.get_mut(&version.key) {
            versions.retain(|other| other.id != version.id);
            if versions.is_empty() {
                self.objects.remove(&version.key);
            }
        }
    }
}
