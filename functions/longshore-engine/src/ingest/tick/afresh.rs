//! An object that a listing named is read as it is now, whole.

use std::time::Duration;

use super::super::{IngestError, IngestPlan, Ingested, ingest};
use crate::ports::{Lease, ObjectTrouble, Objects, Pause, Rng, Table};

/// How often an object may be overwritten while it is read.
const OVERWRITES_MAX: u32 = 5;
/// Longest call that an attempt may have left behind: a row of the bytes before must not come after
/// the same row of these.
const SETTLE: Duration = Duration::from_secs(20);

/// Writes the records of an object to the table, all of them of one version: whoever overwrites it
/// meanwhile has it read from its start again.
pub async fn ingest_as_it_is(
    objects: &impl Objects,
    table: &impl Table,
    pause: &(impl Pause + Rng),
    lease: &impl Lease,
    plan: &IngestPlan,
) -> Result<Ingested, IngestError> {
    for _ in 0..OVERWRITES_MAX {
        // The lanes are large, and one allocation per object is nothing.
        match Box::pin(ingest(objects, table, pause, lease, plan)).await {
            Err(IngestError::Superseded(ObjectTrouble::Superseded(_))) => {
                pause.sleep(SETTLE).await;
            }
            ended => return ended,
        }
    }
    let words = format!("it was overwritten {OVERWRITES_MAX} times while it was read");
    Err(IngestError::Retryable(words))
}
