//! An S3 Inventory ─▶ the objects that it lists, in constant memory.

use bytes::{Buf, Bytes};
use jiff::Timestamp;
use longshore::batch::{
    Address, Filter, Found, InventoryRows, Manifest, manifest::MANIFEST_BYTES_MAX,
};

use super::{
    super::{IngestError, gunzip::Gunzip, source::Source},
    Names,
};
use crate::ports::{ObjectRef, Objects, Pause, Rng};

/// The objects of an inventory.
#[derive(Debug)]
pub struct Inventory<'a, O: Objects, P> {
    objects: &'a O,
    pause: &'a P,
    bucket: &'a str,
    manifest: Manifest,
    next: usize,
    file: Option<File<'a, O, P>>,
}

impl<'a, O: Objects, P: Pause + Rng> Inventory<'a, O, P> {
    /// Reads the manifest at `place`; its objects may lie in `buckets`.
    pub async fn open(
        objects: &'a O,
        pause: &'a P,
        place: &'a Address,
        buckets: &[String],
    ) -> Result<Self, IngestError> {
        let bytes = manifest(objects, pause, place).await?;
        let manifest = Manifest::parse(&bytes, place, buckets)
            .map_err(|error| IngestError::Rejected(format!("{place}: {error}")))?;
        Ok(Self { objects, pause, bucket: &place.bucket, manifest, next: 0, file: None })
    }

    /// Whether its rows tell what `filter` asks for.
    pub fn suits(&self, filter: &Filter) -> Result<(), IngestError> {
        self.manifest.suits(filter).map_err(|error| IngestError::Rejected(error.to_string()))
    }

    /// Bucket of the objects.
    #[must_use]
    pub fn bucket(&self) -> &str {
        &self.manifest.bucket
    }

    /// Objects modified before are certainly listed.
    #[must_use]
    pub fn complete_until(&self) -> Timestamp {
        self.manifest.complete_until
    }
}

impl<O: Objects, P: Pause + Rng> Names for Inventory<'_, O, P>
where
    O::Body: Send,
    P: Sync,
{
    async fn next(&mut self) -> Result<Option<Vec<Found>>, IngestError> {
        loop {
            let Some(file) = &mut self.file else {
                let Some(key) = self.manifest.files.get(self.next) else { return Ok(None) };
                self.next += 1;
                let rows = InventoryRows::new(&self.manifest);
                let opened = File::open(self.objects, self.pause, self.bucket, key, rows).await?;
                self.file = Some(opened);
                continue;
            };
            let mut found = Vec::new();
            if !file.read(&mut found).await? {
                self.file = None;
            }
            if !found.is_empty() {
                return Ok(Some(found));
            }
        }
    }
}

/// One file of rows.
struct File<'a, O: Objects, P> {
    key: String,
    source: Source<'a, O, P>,
    gunzip: Gunzip,
    rows: InventoryRows,
    /// What is not decompressed yet.
    rest: Bytes,
    /// Whether nothing more comes out without the next bytes.
    is_hungry: bool,
}

impl<O: Objects, P> std::fmt::Debug for File<'_, O, P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("File").field("key", &self.key).finish_non_exhaustive()
    }
}

impl<'a, O: Objects, P: Pause + Rng> File<'a, O, P> {
    async fn open(
        objects: &'a O,
        pause: &'a P,
        bucket: &str,
        key: &str,
        rows: InventoryRows,
    ) -> Result<Self, IngestError> {
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        let object = ObjectRef { bucket, key: key.clone(), version_id: None, etag: None };
        let source = Source::open(objects, pause, &object).await;
        let source = source.map_err(|error| whole(&key, error))?;
        Ok(Self { key, source, gunzip: Gunzip::new(), rows, rest: Bytes::new(), is_hungry: true })
    }

    /// Adds some more objects to `found`; `false` at the end of the file.
    async fn read(&mut self, found: &mut Vec<Found>) -> Result<bool, IngestError> {
        let broken = |key: &str, words: String| {
            IngestError::Rejected(format!(
                "inventory file `{key}`: {words}; read another inventory"
            ))
        };
        if self.is_hungry {
            let next = self.source.next().await.map_err(|error| whole(&self.key, error))?;
            let Some(next) = next else {
                self.gunzip.end().map_err(|error| broken(&self.key, error.to_string()))?;
                let last = self.rows.read(&[], found);
                return last.map(|()| false).map_err(|error| broken(&self.key, error.to_string()));
            };
            self.rest = next;
        }
        let mut input = &self.rest[..];
        let plain = self.gunzip.next(&mut input);
        let plain = plain.map_err(|error| broken(&self.key, error.to_string()))?;
        self.is_hungry = plain.is_empty();
        if !self.is_hungry {
            let read = self.rows.read(plain, found);
            read.map_err(|error| broken(&self.key, error.to_string()))?;
        }
        let taken = self.rest.len() - input.len();
        self.rest.advance(taken);
        Ok(true)
    }
}

/// An inventory of which a part is gone or was replaced is none: what it listed would be left out.
fn whole(key: &str, error: IngestError) -> IngestError {
    match error {
        IngestError::Superseded(trouble) => IngestError::Rejected(format!(
            "`{key}` of the inventory: {trouble}; read another inventory"
        )),
        other => other,
    }
}

async fn manifest<O: Objects>(
    objects: &O,
    pause: &(impl Pause + Rng),
    place: &Address,
) -> Result<Vec<u8>, IngestError> {
    let (bucket, key) = (place.bucket.clone(), place.key.clone());
    let object = ObjectRef { bucket, key, version_id: None, etag: None };
    let source = Source::open(objects, pause, &object).await;
    let mut source = source.map_err(|error| whole(&place.key, error))?;
    let mut bytes = Vec::new();
    while let Some(chunk) = source.next().await.map_err(|error| whole(&place.key, error))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MANIFEST_BYTES_MAX {
            let words =
                format!("{place} is larger than {MANIFEST_BYTES_MAX} bytes, and no manifest");
            return Err(IngestError::Rejected(words));
        }
    }
    Ok(bytes)
}
