//! Messages that nobody can work on, in the bucket of the dead letters.

use bytes::Bytes;
use longshore::poll::Aside;
use longshore_engine::ports::{Objects, Shelf};

use crate::S3Objects;

/// A bucket, under a prefix; or none.
#[derive(Clone, Debug)]
pub struct S3Shelf {
    objects: S3Objects,
    bucket: Option<String>,
    prefix: String,
}

impl S3Shelf {
    /// In `bucket`, under `prefix`.
    #[must_use]
    pub fn new(objects: S3Objects, bucket: Option<String>, prefix: String) -> Self {
        Self { objects, bucket, prefix }
    }
}

impl Shelf for S3Shelf {
    async fn keep(&self, aside: &Aside) -> Result<(), String> {
        let bucket = self.bucket.as_deref().ok_or("there is no bucket for dead letters")?;
        let key = format!("{}{}", self.prefix, aside.key);
        let lines = Bytes::copy_from_slice(&aside.lines);
        let kept = self.objects.put(bucket, &key, lines).await;
        kept.map_err(|trouble| format!("`{bucket}/{key}`: {trouble}"))
    }
}
