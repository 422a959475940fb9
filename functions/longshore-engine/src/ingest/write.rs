//! One batch ─▶ table, until every row of it is written or set aside.

use longshore::ingest::{Batch, Refused};

use super::IngestError;
use super::backoff::Backoff;
use crate::ports::{Lease, Pause, Rng, Table, TableTrouble};

/// What a lane writes through.
pub(super) struct Ports<'a, T, P, L> {
    pub(super) table: &'a T,
    pub(super) pause: &'a P,
    pub(super) lease: &'a L,
}

impl<T, P, L> Clone for Ports<'_, T, P, L> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, P, L> Copy for Ports<'_, T, P, L> {}

/// A batch that is done.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) lane: usize,
    /// Rows that the table acknowledged.
    pub(super) written: u64,
    /// Rows that it refused, one by one.
    pub(super) refused: Vec<Refused>,
    /// The batch, empty, to be filled again.
    pub(super) spent: Batch,
}

/// Writes `batch`. What is left unprocessed goes again before anything newer of its lane can.
///
/// A batch that is refused for one item is halved until the item is found: 5 times for 25 rows.
pub(super) async fn write_batch<T: Table, P: Pause + Rng, L: Lease>(
    ports: Ports<'_, T, P, L>,
    lane: usize,
    batch: Batch,
) -> Result<Done, IngestError> {
    let mut done = Done { lane, written: 0, refused: Vec::new(), spent: Batch::default() };
    let mut halves = Vec::new();
    let mut next = Some(batch);
    while let Some(mut part) = next {
        match write_part(ports, &mut part, &mut done.written).await? {
            None => done.spent = part,
            Some(words) if part.len() <= 1 => done.refused.extend(refused(&part, &words)),
            Some(_) => {
                let (first, second) = part.halves();
                halves.push(second);
                halves.push(first);
            }
        }
        next = halves.pop();
    }
    done.spent.clear();
    Ok(done)
}

/// Writes what is left of `part`; comes back with words if the table finds an item invalid.
async fn write_part<T: Table, P: Pause + Rng, L: Lease>(
    ports: Ports<'_, T, P, L>,
    part: &mut Batch,
    written: &mut u64,
) -> Result<Option<String>, IngestError> {
    let mut backoff = Backoff::default();
    loop {
        if !ports.lease.still_ours().await {
            return Err(IngestError::FenceLost);
        }
        let trouble = match ports.table.write(part).await {
            Ok(unprocessed) => {
                let left = unprocessed.len().min(part.len());
                let progress = part.len() - left;
                *written += progress as u64;
                if left == 0 {
                    return Ok(None);
                }
                if progress > 0 {
                    part.keep_unprocessed(unprocessed);
                    backoff.reset();
                }
                "the table leaves items unprocessed".to_owned()
            }
            Err(TableTrouble::Invalid(words)) => return Ok(Some(words)),
            Err(TableTrouble::Retryable(words)) => words,
            Err(rejected @ TableTrouble::Rejected(_)) => return Err(rejected.into()),
        };
        if !backoff.wait(ports.pause).await {
            return Err(IngestError::Retryable(format!("patience is at its end: {trouble}")));
        }
    }
}

fn refused(part: &Batch, words: &str) -> Option<Refused> {
    part.item(0).map(|item| Refused::new(&item, words))
}
