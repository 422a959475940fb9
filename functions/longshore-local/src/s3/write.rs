//! How a write takes effect: judged, ordered, made durable and only then seen.

use std::sync::Arc;

use s3s::S3Result;

use super::{
    body,
    bucket::{Bucket, Versioning},
    checksum::Sum,
    conditions::WriteIf,
    draft::Body,
    event::{self, Cause, ObjectEvent},
    identity::{file_name, opaque_id},
    refusal,
    store::{Buckets, EVENT, Found, OBJECT, SEQUENCER, State},
    version::{About, Content, Version},
};
use crate::Change;

/// An object to be written, all but its body.
#[derive(Clone, Debug)]
pub(super) struct NewObject {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) about: About,
    pub(super) condition: WriteIf,
    pub(super) cause: Cause,
    /// The upload that ends with it, and what follows from its parts.
    pub(super) upload: Option<Assembled>,
}

/// What the parts of an upload make of an object.
#[derive(Clone, Debug)]
pub(super) struct Assembled {
    pub(super) upload_id: String,
    pub(super) etag: String,
    pub(super) sum: Option<Sum>,
    pub(super) sizes: Vec<u64>,
}

/// An event that must be handed over, and the key by which it is then forgotten.
pub(super) type Pending = Option<(String, ObjectEvent)>;

/// What a deletion did.
#[derive(Debug)]
pub(super) struct Deletion {
    /// Whether a delete marker was made or removed.
    pub(super) is_marker: bool,
    /// Id of the version that was made or removed.
    pub(super) version_id: Option<String>,
    pub(super) pending: Pending,
}

impl Buckets {
    /// Stores an object; when it returns, the object outlives the process.
    pub(super) fn put(&self, body: Body, new: NewObject) -> S3Result<(Found, Pending)> {
        let mut state = self.lock();
        let bucket = state.bucket(&new.bucket)?;
        new.condition.check(bucket.newest(&new.key).map(Arc::as_ref))?;
        let id = (bucket.row.versioning == Versioning::Enabled).then(opaque_id);
        let mut changes = match &new.upload {
            Some(assembled) => state.end_upload(&assembled.upload_id)?,
            None => Vec::new(),
        };
        let modified = self.now();
        let file = file_name();
        let version = Version {
            bucket: new.bucket,
            key: new.key,
            id,
            sequencer: state.next(modified),
            modified,
            content: Some(content(file.clone(), &body, new.about, new.upload.as_ref())),
        };
        let pending =
            pending(&state, &version, |it| event::created(it, &new.cause, &self.ground.account));
        body.keep(self.dir(), &file)?;
        let placed = self.place(&mut state, version, &pending, &mut changes);
        if placed.is_err() {
            body::discard(&self.dir().join(file));
        }
        let found = placed?;
        if let Some(assembled) = new.upload {
            state.forget_upload(&assembled.upload_id, &found, self.dir());
        }
        Ok((found, pending))
    }

    /// Deletes a version, or puts a delete marker on top, whichever the request and the bucket say.
    pub(super) fn delete(
        &self,
        bucket: &str,
        key: &str,
        id: Option<&str>,
        condition: &WriteIf,
        cause: &Cause,
    ) -> S3Result<Deletion> {
        let mut state = self.lock();
        let held = state.bucket(bucket)?;
        condition.check(held.newest(key).map(Arc::as_ref))?;
        match (id, held.row.versioning) {
            (None, Versioning::Enabled | Versioning::Suspended) => {
                self.put_marker(&mut state, bucket, key, cause)
            }
            (None, Versioning::Never) => {
                let newest = held.newest(key).cloned();
                self.remove_version(&mut state, newest, None, cause)
            }
            (Some(id), _) => {
                let version = held.version(key, id).cloned();
                self.remove_version(&mut state, version, Some(id), cause)
            }
        }
    }

    fn put_marker(
        &self,
        state: &mut State,
        bucket: &str,
        key: &str,
        cause: &Cause,
    ) -> S3Result<Deletion> {
        let versioning = state.bucket(bucket)?.row.versioning;
        let modified = self.now();
        let marker = Version {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            id: (versioning == Versioning::Enabled).then(opaque_id),
            sequencer: state.next(modified),
            modified,
            content: None,
        };
        let pending = pending(state, &marker, |it| event::marked(it, cause, &self.ground.account));
        let found = self.place(state, marker, &pending, &mut Vec::new())?;
        Ok(Deletion { is_marker: true, version_id: found.shown_id, pending })
    }

    /// Removes a version for good; one that is not there is as good as removed.
    fn remove_version(
        &self,
        state: &mut State,
        version: Option<Arc<Version>>,
        asked: Option<&str>,
        cause: &Cause,
    ) -> S3Result<Deletion> {
        let version_id = asked.map(str::to_owned);
        let Some(version) = version else {
            return Ok(Deletion { is_marker: false, version_id, pending: None });
        };
        let is_marker = version.content.is_none();
        let modified = self.now();
        let gone = Version { sequencer: state.next(modified), modified, ..(*version).clone() };
        let pending = pending(state, &gone, |it| event::removed(it, cause, &self.ground.account));
        let mut changes = vec![
            Change::delete(OBJECT, version.row_key()),
            Change::put(SEQUENCER, "", &gone.sequencer),
        ];
        changes.extend(event_row(&pending));
        self.write(&changes)?;
        if let Some(bucket) = state.buckets.get_mut(&version.bucket) {
            bucket.remove(&version);
        }
        self.discard(&version);
        Ok(Deletion { is_marker, version_id, pending })
    }

    /// Makes a version durable, then visible, then ends the one it replaces.
    fn place(
        &self,
        state: &mut State,
        version: Version,
        pending: &Pending,
        changes: &mut Vec<Change>,
    ) -> S3Result<Found> {
        changes.push(Change::put(OBJECT, version.row_key(), &version));
        changes.push(Change::put(SEQUENCER, "", &version.sequencer));
        changes.extend(event_row(pending));
        self.write(changes)?;
        let version = Arc::new(version);
        let bucket = state
            .buckets
            .get_mut(&version.bucket)
            .ok_or_else(|| refusal::no_such_bucket(&version.bucket))?;
        let shown_id = bucket.shown_id(&version);
        if let Some(replaced) = bucket.place(Arc::clone(&version)) {
            self.discard(&replaced);
        }
        Ok(Found { version, shown_id })
    }

    fn discard(&self, version: &Version) {
        if let Some(file) = version.file() {
            body::discard(&self.dir().join(file));
        }
    }
}

fn content(file: String, body: &Body, about: About, assembled: Option<&Assembled>) -> Content {
    Content {
        file,
        size: body.size,
        etag: assembled.map_or_else(|| body.etag(), |it| it.etag.clone()),
        sum: assembled.and_then(|it| it.sum.clone()).or_else(|| body.sum.clone()),
        parts: assembled.map(|it| it.sizes.clone()).unwrap_or_default(),
        about,
    }
}

/// The event of a version, if its bucket tells EventBridge.
fn pending(
    state: &State,
    version: &Version,
    event: impl FnOnce(&Version) -> ObjectEvent,
) -> Pending {
    let tells = |bucket: &Bucket| bucket.row.event_bridge;
    state
        .buckets
        .get(&version.bucket)
        .is_some_and(tells)
        .then(|| (version.sequencer.to_string(), event(version)))
}

fn event_row(pending: &Pending) -> Option<Change> {
    pending.as_ref().map(|(key, event)| Change::put(EVENT, key, event))
}
