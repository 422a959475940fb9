//! The buckets of this AWS and all that is in them.
//!
//! ```text
//! body ─▶ file under a temporary name ─▶ its lasting name ─▶ rows ─▶ memory ─▶ answer, event
//! ```
//! Writes take effect one after the other under one lock, which gives them their order: conditions
//! are judged, the sequencer is drawn and the rows are written in one step.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use s3s::S3Result;

use super::{
    body,
    bucket::{Bucket, BucketRow, Versioning},
    event::ObjectEvent,
    identity::Sequencer,
    refusal,
    upload::{Completed, Upload},
    version::Version,
};
use crate::{Change, Ground, StoreError, template::BucketSpec};

/// Rows of bucket settings, by name.
const BUCKET: &str = "s3_bucket";
/// Rows of versions, by [`Version::row_key`].
pub(super) const OBJECT: &str = "s3_object";
/// The one row with the last sequencer.
pub(super) const SEQUENCER: &str = "s3_sequencer";
/// Rows of events that were not handed over yet, by sequencer.
pub(super) const EVENT: &str = "s3_event";

/// All buckets.
#[derive(Debug)]
pub(super) struct Buckets {
    pub(super) ground: Ground,
    dir: PathBuf,
    state: Mutex<State>,
}

/// What the lock guards.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) buckets: BTreeMap<String, Bucket>,
    pub(super) uploads: HashMap<String, Upload>,
    pub(super) completed: Completed,
    last: Sequencer,
}

/// A version that was found, and the id that answers show for it.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) version: Arc<Version>,
    pub(super) shown_id: Option<String>,
}

impl Buckets {
    /// Reads what was kept, and removes the bodies of uploads that were never acknowledged.
    pub(super) fn open(ground: Ground) -> Result<Self, StoreError> {
        let state = State::load(&ground)?;
        let dir = ground.store.dir().join("objects");
        let versions = state.buckets.values().flat_map(|bucket| bucket.objects.values()).flatten();
        let parts = state.uploads.values().flat_map(Upload::files);
        let kept: HashSet<&str> =
            versions.filter_map(|version| version.file()).chain(parts).collect();
        body::sweep(&dir, &kept)
            .map_err(|source| StoreError::Directory { path: dir.display().to_string(), source })?;
        drop(kept);
        Ok(Self { ground, dir, state: Mutex::new(state) })
    }

    /// Events that an earlier process acknowledged but did not hand over, in their order.
    pub(super) fn unpublished(&self) -> Result<Vec<(String, ObjectEvent)>, StoreError> {
        self.ground.store.load(EVENT)
    }

    /// Forgets an event that was handed over; if that fails it will be handed over again.
    pub(super) fn published(&self, key: &str) {
        if let Err(error) = self.ground.store.write(&[Change::delete(EVENT, key)]) {
            tracing::warn!(%error, "an event that was handed over will be handed over again");
        }
    }

    /// Makes the bucket, or brings its settings up to date.
    pub(super) fn declare(&self, spec: &BucketSpec) -> Result<(), StoreError> {
        let mut state = self.lock();
        let known = state.buckets.get(&spec.name).map(|bucket| bucket.row.clone());
        let created = known.as_ref().map_or_else(|| self.now(), |row| row.created);
        let versioning = known.map_or(Versioning::Never, |row| row.versioning);
        let row = BucketRow {
            name: spec.name.clone(),
            versioning: versioning.switched(spec.versioned),
            event_bridge: spec.event_bridge,
            created,
        };
        self.settle(&mut state, row)
    }

    /// Changes settings of a bucket.
    pub(super) fn adjust(&self, bucket: &str, change: impl FnOnce(&mut BucketRow)) -> S3Result<()> {
        let mut state = self.lock();
        let mut row = state.bucket(bucket)?.row.clone();
        change(&mut row);
        self.settle(&mut state, row).map_err(|error| refusal::rows(&error))
    }

    fn settle(&self, state: &mut State, row: BucketRow) -> Result<(), StoreError> {
        self.ground.store.write(&[Change::put(BUCKET, &row.name, &row)])?;
        match state.buckets.get_mut(&row.name) {
            Some(bucket) => bucket.row = row,
            None => drop(state.buckets.insert(row.name.clone(), Bucket::new(row))),
        }
        Ok(())
    }

    /// Removes an empty bucket; says whether it was empty.
    pub(super) fn remove(&self, bucket: &str) -> S3Result<bool> {
        let mut state = self.lock();
        if !state.bucket(bucket)?.objects.is_empty() {
            return Ok(false);
        }
        self.write(&[Change::delete(BUCKET, bucket)])?;
        state.buckets.remove(bucket);
        Ok(true)
    }

    /// The version a reader gets.
    pub(super) fn find(&self, bucket: &str, key: &str, id: Option<&str>) -> S3Result<Found> {
        let state = self.lock();
        let bucket = state.bucket(bucket)?;
        let version = bucket.readable(key, id)?;
        Ok(Found { version: Arc::clone(version), shown_id: bucket.shown_id(version) })
    }

    /// The version a reader gets, with its body; no deletion that follows takes it away.
    pub(super) fn open_body(
        &self,
        bucket: &str,
        key: &str,
        id: Option<&str>,
    ) -> S3Result<(Found, std::fs::File)> {
        let state = self.lock();
        let bucket = state.bucket(bucket)?;
        let version = bucket.readable(key, id)?;
        let file = self.dir.join(version.file().unwrap_or_default());
        let file = std::fs::File::open(file).map_err(refusal::disk)?;
        Ok((Found { version: Arc::clone(version), shown_id: bucket.shown_id(version) }, file))
    }

    /// What `look` sees in the bucket.
    pub(super) fn look<T>(&self, bucket: &str, look: impl FnOnce(&Bucket) -> T) -> S3Result<T> {
        self.lock().bucket(bucket).map(look)
    }

    /// Settings of all buckets, by name.
    pub(super) fn all(&self) -> Vec<BucketRow> {
        self.lock().buckets.values().map(|bucket| bucket.row.clone()).collect()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> Timestamp {
        self.ground.clock.now()
    }

    /// Where bodies are.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn write(&self, changes: &[Change]) -> S3Result<()> {
        self.ground.store.write(changes).map_err(|error| refusal::rows(&error))
    }
}

impl State {
    fn load(ground: &Ground) -> Result<Self, StoreError> {
        let mut state = Self::default();
        for (name, row) in ground.store.load::<BucketRow>(BUCKET)? {
            state.buckets.insert(name, Bucket::new(row));
        }
        let mut versions = ground.store.load::<Version>(OBJECT)?;
        versions.sort_by_key(|(_, version)| version.sequencer);
        for (_, version) in versions {
            if let Some(bucket) = state.buckets.get_mut(&version.bucket) {
                bucket.place(Arc::new(version));
            }
        }
        state.uploads = Upload::load(&ground.store)?;
        for (_, last) in ground.store.load::<Sequencer>(SEQUENCER)? {
            state.last = last;
        }
        Ok(state)
    }

    pub(super) fn bucket(&self, name: &str) -> S3Result<&Bucket> {
        self.buckets.get(name).ok_or_else(|| refusal::no_such_bucket(name))
    }

    /// Draws the next sequencer.
    pub(super) fn next(&mut self, now: Timestamp) -> Sequencer {
        self.last = self.last.after(now);
        self.last
    }
}
