//! A tick: many objects, some at a time, in constant memory, with nothing left out.
//!
//! ```text
//! names ─▶ filter ─▶ 4 under way ─▶ ingest ─▶ tally
//! (pages)    └─▶ counted         └─▶ another task's: end without a word
//! ```
//!
//! Whatever ends the work before its end, the next attempt begins it anew: all effects are the same
//! again.

mod afresh;
mod inventory;
mod names;
mod since;

#[cfg(test)]
mod tests;

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::{Either, select};
use futures_util::{StreamExt, stream::FuturesUnordered};
use longshore::batch::{Filter, Found, Tally, Verdict};

pub use afresh::ingest_as_it_is;
pub use inventory::Inventory;
pub use names::{Names, Pages};
pub use since::since;

use super::{IngestError, Ingested};
use crate::ports::{Lease, ObjectTrouble};

/// So many objects in a row that meet trouble are no trouble of theirs: each has been waited for up
/// to five minutes, and a later attempt is cheaper.
const TROUBLED_IN_A_ROW_MAX: u32 = 16;

/// How a tick is to be worked off.
#[derive(Debug)]
pub struct Course<'a, L> {
    /// Which objects.
    pub filter: &'a Filter,
    /// How many at once.
    pub parallel: usize,
    /// Whether the run is still ours.
    pub lease: &'a L,
    /// Whether no more objects are to be taken.
    pub stop: &'a AtomicBool,
}

/// Works off the objects of `names` and counts them in `tally`.
///
/// Objects that fail do not keep others from being done: they are in the tally. An error says that
/// not all objects were looked at.
pub async fn work_off<D>(
    names: &mut impl Names,
    course: &Course<'_, impl Lease>,
    work: impl Fn(Found) -> D,
    tally: &mut Tally,
) -> Result<(), IngestError>
where
    D: Future<Output = Result<Ingested, IngestError>>,
{
    let begin = |found: Found| {
        let done = work(found.clone());
        async move { (found, done.await) }
    };
    let mut crew = Crew { under_way: FuturesUnordered::new(), tally, troubled_in_a_row: 0 };
    let looked_at = look_at_all(names, course, begin, &mut crew).await;
    // Those under way have begun to write, and are let to their end.
    if looked_at != Err(IngestError::FenceLost) {
        while crew.one_less().await? {}
    }
    looked_at
}

async fn look_at_all<D>(
    names: &mut impl Names,
    course: &Course<'_, impl Lease>,
    begin: impl Fn(Found) -> D,
    crew: &mut Crew<'_, D>,
) -> Result<(), IngestError>
where
    D: Future<Output = (Found, Result<Ingested, IngestError>)>,
{
    while let Some(page) = crew.meanwhile(names.next()).await? {
        if !course.lease.still_ours().await {
            return Err(IngestError::FenceLost);
        }
        for found in page {
            match course.filter.judge(&found) {
                Verdict::Ours => {}
                Verdict::Filtered => {
                    crew.tally.filtered += 1;
                    continue;
                }
                Verdict::Elsewhere => continue,
            }
            while crew.under_way.len() >= course.parallel.max(1) && crew.one_less().await? {}
            if course.stop.load(Ordering::Relaxed) {
                return Err(IngestError::Retryable("it was stopped before all were done".into()));
            }
            crew.under_way.push(begin(found));
        }
    }
    Ok(())
}

/// The objects that are being worked off.
struct Crew<'t, D> {
    under_way: FuturesUnordered<D>,
    tally: &'t mut Tally,
    troubled_in_a_row: u32,
}

impl<D> Crew<'_, D>
where
    D: Future<Output = (Found, Result<Ingested, IngestError>)>,
{
    /// Waits for `next` while those under way get on.
    async fn meanwhile<N>(
        &mut self,
        next: impl Future<Output = Result<N, IngestError>>,
    ) -> Result<N, IngestError> {
        let mut next = pin!(next);
        loop {
            if self.under_way.is_empty() {
                return next.await;
            }
            match select(next.as_mut(), self.under_way.next()).await {
                Either::Left((next, _)) => return next,
                Either::Right((Some((found, ended)), _)) => self.count(&found, ended)?,
                Either::Right((None, _)) => {}
            }
        }
    }

    /// Waits until one of them has ended; `false` if none is under way.
    async fn one_less(&mut self) -> Result<bool, IngestError> {
        let Some((found, ended)) = self.under_way.next().await else { return Ok(false) };
        self.count(&found, ended)?;
        Ok(true)
    }

    fn count(
        &mut self,
        found: &Found,
        ended: Result<Ingested, IngestError>,
    ) -> Result<(), IngestError> {
        let is_troubled = match ended {
            Ok(Ingested { summary, dead_letters }) => {
                let bytes = found.size.unwrap_or(0);
                self.tally.read(&found.key, bytes, summary.counts(), dead_letters);
                false
            }
            Err(IngestError::Superseded(ObjectTrouble::Gone(_))) => {
                self.tally.gone += 1;
                false
            }
            Err(IngestError::Bad { why, dead_letters: Some(letters) }) => {
                self.tally.set_aside(&found.key, &why, letters);
                false
            }
            Err(
                IngestError::Rejected(why)
                | IngestError::NoTable(why)
                | IngestError::Bad { why, dead_letters: None },
            ) => {
                self.tally.refused(&found.key, &why);
                false
            }
            Err(IngestError::FenceLost) => return Err(IngestError::FenceLost),
            Err(trouble) => {
                self.tally.troubled(&found.key, &trouble.to_string());
                true
            }
        };
        self.troubled_in_a_row = if is_troubled { self.troubled_in_a_row + 1 } else { 0 };
        if self.troubled_in_a_row == TROUBLED_IN_A_ROW_MAX {
            let words = format!("{TROUBLED_IN_A_ROW_MAX} objects in a row met trouble");
            return Err(IngestError::Retryable(words));
        }
        Ok(())
    }
}
