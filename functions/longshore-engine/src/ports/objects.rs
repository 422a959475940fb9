//! S3 objects, as the worker reads and writes them.

use std::future::Future;

use bytes::Bytes;

/// Which bytes are meant: those of the event, not those that lie under the key by now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectRef {
    /// Bucket.
    pub bucket: String,
    /// Object key, decoded.
    pub key: String,
    /// Version; `null` names no version, since it is used again.
    pub version_id: Option<String>,
    /// Entity tag, which pins the bytes where no version does.
    pub etag: Option<String>,
}

impl ObjectRef {
    /// The version that pins the bytes, if the bucket keeps versions.
    #[must_use]
    pub fn pinned_version(&self) -> Option<&str> {
        self.version_id.as_deref().filter(|version| !version.is_empty() && *version != "null")
    }
}

/// An object that is being read.
#[derive(Debug)]
pub struct Opened<B> {
    /// Size of the whole object, wherever reading began.
    pub size: u64,
    /// Entity tag.
    pub etag: Option<String>,
    /// Content type.
    pub content_type: Option<String>,
    /// Version.
    pub version_id: Option<String>,
    /// When this version was made, ISO 8601.
    pub last_modified: Option<String>,
    /// Its bytes.
    pub body: B,
}

/// Bytes in the order of the object.
pub trait Chunks: Send {
    /// The next bytes; `None` at the end.
    fn next(&mut self) -> impl Future<Output = Result<Option<Bytes>, ObjectTrouble>> + Send;
}

/// Reads and writes objects.
pub trait Objects: Sync {
    /// What [`Objects::open`] reads from.
    type Body: Chunks;

    /// Begins to read `object` at the byte `offset`.
    fn open(
        &self,
        object: &ObjectRef,
        offset: u64,
    ) -> impl Future<Output = Result<Opened<Self::Body>, ObjectTrouble>> + Send;

    /// Writes an NDJSON object; what was there before is replaced.
    fn put(
        &self,
        bucket: &str,
        key: &str,
        bytes: Bytes,
    ) -> impl Future<Output = Result<(), ObjectTrouble>> + Send;
}

/// An object could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ObjectTrouble {
    /// It, or its version, was deleted: the run is superseded.
    #[error("the object is gone: {0}")]
    Gone(String),
    /// Other bytes lie under the key now, and their own event brings them: the run is superseded.
    #[error("the object was replaced: {0}")]
    Superseded(String),
    /// Not allowed. S3 says this of a missing key too, to whoever may not list the bucket.
    #[error("access is denied: {0}; allow s3:GetObject, s3:GetObjectVersion and s3:ListBucket")]
    Denied(String),
    /// In an archive storage class.
    #[error(
        "the object is archived: {0}; restore it, then redrive the run, or copy it over itself for \
         the next tick"
    )]
    Archived(String),
    /// Trying again may work.
    #[error("the object store did not answer: {0}")]
    Retryable(String),
    /// Trying again cannot work.
    #[error("the object store refused: {0}")]
    Rejected(String),
}
