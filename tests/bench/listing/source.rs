//! A bucket of so many keys, and an inventory of it, made up page by page.

use std::io::Write as _;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use longshore::batch::Found;
use longshore_engine::ports::{
    Chunks, ListPage, Listing, ObjectRef, ObjectTrouble, Objects, Opened,
};
use serde_json::json;

/// Objects of a page of ListObjectsV2, and rows of a chunk of an inventory.
const PAGE: u64 = 1_000;
/// Where the manifest lies.
pub(crate) const MANIFEST: &str = "all/data/daily/2026-11-22T01-00Z/manifest.json";

fn key(n: u64) -> String {
    format!("logs/2026/11/23/host-{:03}/part-{n:07}.csv.gz", n % 997)
}

/// The keys of a prefix.
pub(crate) struct Prefix {
    pub(crate) keys: u64,
}

impl Listing for Prefix {
    async fn page(&self, _: &str, _: &str, after: Option<&str>) -> Result<ListPage, ObjectTrouble> {
        let first = after.and_then(|after| after.parse().ok()).unwrap_or(0);
        let next = (first + PAGE).min(self.keys);
        let found = |n: u64| Found {
            key: key(n),
            size: Some(n),
            etag: Some("d41d8cd98f00b204e9800998ecf8427e".into()),
            modified: "2026-11-23T00:00:00Z".parse().ok(),
        };
        let next_place = (next < self.keys).then(|| next.to_string());
        Ok(ListPage { found: (first..next).map(found).collect(), next: next_place })
    }
}

/// An inventory of one file.
pub(crate) struct Lists {
    manifest: Bytes,
    /// One gzip member per thousand rows, made when it is read.
    keys: u64,
    size: u64,
}

impl Lists {
    pub(crate) fn of(keys: u64) -> Self {
        let manifest = json!({
            "sourceBucket": "data", "destinationBucket": "arn:aws:s3:::lists",
            "creationTimestamp": "1795309200000", "fileFormat": "CSV",
            "fileSchema": "Bucket, Key, Size, LastModifiedDate, ETag",
            "files": [{"key": "1.csv.gz"}],
        });
        let size = (0..keys).step_by(PAGE_STEP).map(|first| member(first, keys).len() as u64).sum();
        Self { manifest: manifest.to_string().into(), keys, size }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a thousand")]
const PAGE_STEP: usize = PAGE as usize;

/// Rows from `first` on, compressed.
fn member(first: u64, keys: u64) -> Bytes {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    for n in first..(first + PAGE).min(keys) {
        let key = key(n);
        let row = format!(
            "\"data\",\"{key}\",\"{n}\",\"2026-11-23T00:00:00.000Z\",\"d41d8cd98f00b204e9800998ecf8427e\"\n"
        );
        gzip.write_all(row.as_bytes()).expect("memory");
    }
    gzip.finish().expect("memory").into()
}

/// The manifest, or what is left of the rows.
pub(crate) enum Body {
    Manifest(Option<Bytes>),
    Rows { next: u64, keys: u64 },
}

impl Chunks for Body {
    async fn next(&mut self) -> Result<Option<Bytes>, ObjectTrouble> {
        Ok(match self {
            Self::Manifest(bytes) => bytes.take(),
            Self::Rows { next, keys } if *next < *keys => {
                let first = *next;
                *next += PAGE;
                Some(member(first, *keys))
            }
            Self::Rows { .. } => None,
        })
    }
}

impl Objects for Lists {
    type Body = Body;

    async fn open(&self, object: &ObjectRef, _: u64) -> Result<Opened<Body>, ObjectTrouble> {
        let is_manifest = object.key == MANIFEST;
        let manifest = self.manifest.clone();
        Ok(Opened {
            size: if is_manifest { manifest.len() as u64 } else { self.size },
            etag: None,
            content_type: None,
            version_id: None,
            last_modified: None,
            body: if is_manifest {
                Body::Manifest(Some(manifest))
            } else {
                Body::Rows { next: 0, keys: self.keys }
            },
        })
    }

    async fn put(&self, _: &str, _: &str, _: Bytes) -> Result<(), ObjectTrouble> {
        Ok(())
    }
}
