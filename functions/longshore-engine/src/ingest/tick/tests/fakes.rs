//! Names that are given, a bucket that changes between pages, and objects in memory.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use bytes::Bytes;
use longshore::batch::Found;

use super::super::super::IngestError;
use super::super::Names;
use crate::ports::{Chunks, ListPage, Listing, ObjectRef, ObjectTrouble, Objects, Opened};

/// Pages that are given.
pub(super) struct Listed(pub(super) VecDeque<Vec<Found>>);

impl Names for Listed {
    async fn next(&mut self) -> Result<Option<Vec<Found>>, IngestError> {
        Ok(self.0.pop_front())
    }
}

/// What happens to a bucket after a page was answered.
pub(super) type Change = Box<dyn Fn(usize, &mut BTreeMap<String, u64>) + Send + Sync>;

/// Keys and sizes that are listed in pages, and change in between.
pub(super) struct Bucket {
    pub(super) keys: Mutex<BTreeMap<String, u64>>,
    pub(super) page_size: usize,
    pub(super) change: Change,
    /// Answers instead of the next pages.
    pub(super) troubles: Mutex<VecDeque<ObjectTrouble>>,
    pub(super) calls: Mutex<usize>,
}

impl Listing for Bucket {
    async fn page(
        &self,
        bucket: &str,
        prefix: &str,
        after: Option<&str>,
    ) -> Result<ListPage, ObjectTrouble> {
        assert_eq!(bucket, "data");
        if let Some(trouble) = self.troubles.lock().unwrap().pop_front() {
            return Err(trouble);
        }
        let mut keys = self.keys.lock().unwrap();
        let later = |key: &&String| after.is_none_or(|after| key.as_str() > after);
        let mut left = keys.keys().filter(|key| key.starts_with(prefix)).filter(later).cloned();
        let names: Vec<_> = left.by_ref().take(self.page_size).collect();
        let next = left.next().and(names.last().cloned());
        drop(left);
        let found = |key: &String| Found { size: Some(keys[key]), ..super::found(key.clone()) };
        let found = names.iter().map(found).collect();
        let mut calls = self.calls.lock().unwrap();
        *calls += 1;
        (self.change)(*calls, &mut keys);
        Ok(ListPage { found, next })
    }
}

/// Objects by `bucket/key`.
#[derive(Default)]
pub(super) struct Shelves {
    pub(super) objects: BTreeMap<String, Bytes>,
    pub(super) chunk: usize,
}

pub(super) struct Body(Bytes, usize);

impl Chunks for Body {
    async fn next(&mut self) -> Result<Option<Bytes>, ObjectTrouble> {
        let chunk = self.0.split_to(self.1.min(self.0.len()));
        Ok((!chunk.is_empty()).then_some(chunk))
    }
}

impl Objects for Shelves {
    type Body = Body;

    async fn open(&self, object: &ObjectRef, offset: u64) -> Result<Opened<Body>, ObjectTrouble> {
        let bytes = self.objects.get(&format!("{}/{}", object.bucket, object.key));
        let bytes = bytes.ok_or_else(|| ObjectTrouble::Gone("404".into()))?;
        let rest = bytes.slice(usize::try_from(offset).unwrap()..);
        Ok(Opened {
            size: bytes.len() as u64,
            etag: None,
            content_type: None,
            version_id: None,
            last_modified: None,
            body: Body(rest, self.chunk),
        })
    }

    async fn put(&self, _: &str, key: &str, _: Bytes) -> Result<(), ObjectTrouble> {
        panic!("`{key}` is written")
    }
}
