//! The bytes of one object in order, decompressed, through broken streams.

use bytes::Bytes;

use super::backoff::Backoff;
use super::error::IngestError;
use crate::ports::{Chunks, ObjectRef, ObjectTrouble, Objects, Opened, Pause, Rng};

/// An object that is read from its start to its end.
pub(super) struct Source<'a, O: Objects, P> {
    objects: &'a O,
    pause: &'a P,
    object: ObjectRef,
    opened: Opened<O::Body>,
    offset: u64,
}

impl<'a, O: Objects, P: Pause + Rng> Source<'a, O, P> {
    /// Opens `object`; from here on its bytes are pinned, whatever the event said.
    pub(super) async fn open(
        objects: &'a O,
        pause: &'a P,
        object: &ObjectRef,
    ) -> Result<Self, IngestError> {
        let opened = open(objects, pause, object, 0).await?;
        let object = ObjectRef {
            version_id: object.version_id.clone().or_else(|| opened.version_id.clone()),
            etag: opened.etag.clone().or_else(|| object.etag.clone()),
            ..object.clone()
        };
        Ok(Self { objects, pause, object, opened, offset: 0 })
    }

    /// The object with all that is known to name its bytes.
    pub(super) fn object(&self) -> &ObjectRef {
        &self.object
    }

    /// What the GET told.
    pub(super) fn facts(&self) -> &Opened<O::Body> {
        &self.opened
    }

    /// The next bytes, `None` at the end; a broken stream is taken up where it broke.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, IngestError> {
        let mut backoff = Backoff::default();
        loop {
            let trouble = match self.opened.body.next().await {
                Ok(Some(bytes)) => {
                    self.offset += bytes.len() as u64;
                    return Ok(Some(bytes));
                }
                Ok(None) if self.offset >= self.opened.size => return Ok(None),
                Ok(None) => "the stream ended early".to_owned(),
                // Every byte is here, and a range that begins at the end would be refused.
                Err(ObjectTrouble::Retryable(_)) if self.offset >= self.opened.size => {
                    return Ok(None);
                }
                Err(ObjectTrouble::Retryable(words)) => words,
                Err(other) => return Err(other.into()),
            };
            if !backoff.wait(self.pause).await {
                let Self { offset, object: ObjectRef { bucket, key, .. }, .. } = self;
                let words = format!("reading `{bucket}/{key}` at byte {offset}: {trouble}");
                return Err(IngestError::Retryable(words));
            }
            self.opened = open(self.objects, self.pause, &self.object, self.offset).await?;
        }
    }
}

async fn open<O: Objects>(
    objects: &O,
    pause: &(impl Pause + Rng),
    object: &ObjectRef,
    offset: u64,
) -> Result<Opened<O::Body>, IngestError> {
    let mut backoff = Backoff::default();
    loop {
        match objects.open(object, offset).await {
            Err(ObjectTrouble::Retryable(words)) => {
                if !backoff.wait(pause).await {
                    let ObjectRef { bucket, key, .. } = object;
                    return Err(IngestError::Retryable(format!(
                        "opening `{bucket}/{key}`: {words}"
                    )));
                }
            }
            Ok(opened) => return Ok(opened),
            Err(trouble) => return Err(trouble.into()),
        }
    }
}
