//! One object ─▶ records ─▶ items ─▶ table, in constant memory, with nothing lost.
//!
//! ```text
//! source ─▶ gunzip ─▶ Items ─▶ lane 0 ─▶ one batch in flight ─▶ table
//! (resumes)            │      └─▶ lane 7 ─▶ one batch in flight ─┘
//!                      └─▶ dead letters ─▶ one NDJSON object
//! ```
//!
//! One future does it all: the caller polls it, nothing is spawned, and dropping it stops it.

mod backoff;
mod error;
mod gunzip;
mod lanes;
mod pour;
mod source;
pub mod tick;
mod write;

#[cfg(test)]
mod fakes;
#[cfg(test)]
mod tests;

use bytes::Bytes;
pub use error::IngestError;
use longshore::ingest::dead_letters::BAD_RECORDS_MAX;
use longshore::ingest::metadata::{Metadata, MetadataItem};
use longshore::ingest::{Batch, Behind, Counts, DeadLetters, KeySchema, Kind, Origin, Summary};
use pour::pour;
use source::Source;
use tracing::info;
use write::{Ports, write_batch};

use crate::ports::{Lease, ObjectRef, Objects, Pause, Rng, Table};

/// Lanes of an object, each with one batch in flight: 25 rows at 5 ms in 8 lanes are 40,000 rows
/// per second, the default write quota of a table.
pub const LANES_DEFAULT: usize = 8;

/// What is to be done with one object.
#[derive(Clone, Debug)]
pub struct IngestPlan {
    /// The object.
    pub object: ObjectRef,
    /// Primary key of the table.
    pub key: KeySchema,
    /// Bucket for records that cannot be items. No trigger should watch what is written there.
    pub dead_letter_bucket: String,
    /// Put before `dead-letter/…` in that bucket, for instance `longshore/`.
    pub dead_letter_prefix: String,
    /// More bad records than this, and the object is rejected.
    pub bad_records_max: u64,
    /// Whether a bad object is set aside as one dead letter: a run of one object tells of it by its
    /// own failure.
    pub sets_object_aside: bool,
    /// Batches in flight at once.
    pub lanes: usize,
    /// What is done of these very bytes: it is read and judged again, and not written.
    pub behind: Behind,
}

impl IngestPlan {
    /// With the default bounds.
    #[must_use]
    pub fn new(object: ObjectRef, key: KeySchema, dead_letter_bucket: String) -> Self {
        Self {
            object,
            key,
            dead_letter_bucket,
            dead_letter_prefix: String::new(),
            bad_records_max: BAD_RECORDS_MAX,
            sets_object_aside: false,
            lanes: LANES_DEFAULT,
            behind: Behind::default(),
        }
    }
}

/// An object that is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ingested {
    /// Where every record went.
    pub summary: Summary,
    /// Key of the object that holds the dead letters, if there are any.
    pub dead_letters: Option<String>,
}

/// Writes the records of one object to the table; safe to repeat from the start.
pub async fn ingest<O: Objects>(
    objects: &O,
    table: &impl Table,
    pause: &(impl Pause + Rng),
    lease: &impl Lease,
    plan: &IngestPlan,
) -> Result<Ingested, IngestError> {
    let ports = Ports { table, pause, lease };
    let mut letters = DeadLetters::new(origin(&plan.object), plan.bad_records_max);
    let counts = match records(objects, ports, plan, &mut letters).await {
        Ok(counts) => counts,
        Err(error) => return Err(told(objects, ports, plan, letters, error).await?),
    };
    let dead_letters = put_letters(objects, ports, plan, letters).await?;
    let summary =
        Summary::try_from(counts).map_err(|error| IngestError::Defect(error.to_string()))?;
    info!(object.key = ?plan.object.key, %summary, "Wrote the records of an object");
    Ok(Ingested { summary, dead_letters })
}

/// Reads the object to its end, and says where its records went.
async fn records<O: Objects, T: Table, P: Pause + Rng, F: Lease>(
    objects: &O,
    ports: Ports<'_, T, P, F>,
    plan: &IngestPlan,
    letters: &mut DeadLetters,
) -> Result<Counts, IngestError> {
    let source = Source::open(objects, ports.pause, &plan.object).await?;
    *letters = DeadLetters::new(origin(source.object()), plan.bad_records_max);
    let opened = source.facts();
    match Kind::of(&plan.object.key, opened.content_type.as_deref(), opened.size) {
        Kind::Records(format) => pour(ports, source, format, plan, letters).await,
        Kind::Opaque => put_metadata(ports, &source, plan, letters).await,
    }
}

/// The error, once it is told what can be told of it: the letters say why an object was rejected.
/// After any other error they are not all.
async fn told<T: Table, P: Pause + Rng, F: Lease>(
    objects: &impl Objects,
    ports: Ports<'_, T, P, F>,
    plan: &IngestPlan,
    mut letters: DeadLetters,
    error: IngestError,
) -> Result<IngestError, IngestError> {
    match error {
        IngestError::Bad { why, .. } => {
            if plan.sets_object_aside {
                letters.add_object(&why);
            }
            let put = put_letters(objects, ports, plan, letters).await?;
            Ok(IngestError::Bad { why, dead_letters: put.filter(|_| plan.sets_object_aside) })
        }
        IngestError::Rejected(_) | IngestError::NoTable(_) => {
            put_letters(objects, ports, plan, letters).await?;
            Ok(error)
        }
        error => Ok(error),
    }
}

fn origin(object: &ObjectRef) -> Origin {
    let ObjectRef { bucket, key, version_id, etag } = object.clone();
    Origin { bucket, key, version_id, etag }
}

/// One item that says what an opaque object is.
async fn put_metadata<O: Objects, T: Table, P: Pause + Rng, F: Lease>(
    ports: Ports<'_, T, P, F>,
    source: &Source<'_, O, P>,
    plan: &IngestPlan,
    letters: &mut DeadLetters,
) -> Result<Counts, IngestError> {
    let (object, opened) = (source.object(), source.facts());
    let metadata = Metadata {
        bucket: &object.bucket,
        key: &object.key,
        size: opened.size,
        etag: opened.etag.as_deref().map(|etag| etag.trim_matches('"')),
        version_id: object.pinned_version(),
        content_type: opened.content_type.as_deref(),
        last_modified: opened.last_modified.as_deref(),
    };
    let item = MetadataItem::new(&metadata, &plan.key)?;
    let mut batch = Batch::default();
    batch.push(&item.item());
    let done = write_batch(ports, 0, batch).await?;
    for refused in &done.refused {
        letters.add(&refused.bad())?;
    }
    let dead_lettered = letters.count();
    Ok(Counts { read: 1, written: done.written, dead_lettered, ..Counts::default() })
}

async fn put_letters<T: Table, P: Pause + Rng, F: Lease>(
    objects: &impl Objects,
    ports: Ports<'_, T, P, F>,
    plan: &IngestPlan,
    letters: DeadLetters,
) -> Result<Option<String>, IngestError> {
    if letters.count() == 0 {
        return Ok(None);
    }
    if !ports.lease.still_ours().await {
        return Err(IngestError::FenceLost);
    }
    let key = letters.origin().dead_letter_key(&plan.dead_letter_prefix);
    let bytes = Bytes::from(letters.into_lines());
    backoff::put(objects, ports.pause, &plan.dead_letter_bucket, &key, &bytes).await?;
    Ok(Some(key))
}
