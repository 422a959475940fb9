//! The loop of an object with records: read, cut, transcode, hand to lanes, settle what is done.

use std::future::Future;
use std::pin::pin;

use bytes::{Bytes, BytesMut};
use futures_util::future::{Either, select};
use longshore::ingest::object::MAGIC_BYTES;
use longshore::ingest::{
    Batch, Counts, DeadLetters, Format, Item, Items, Pushed, REFUSED_MAX, Refused, Step,
};
use tracing::debug;

use super::IngestPlan;
use super::error::IngestError;
use super::gunzip::{self, Gunzip};
use super::lanes::Lanes;
use super::source::Source;
use super::write::{Done, Ports, write_batch};
use crate::ports::{Lease, Objects, Pause, Rng, Table};

/// Pours all records of `source` into the table and says what became of them.
///
/// Whatever ends it, the calls under way have come to their end, and the lease knows how far it is.
pub(super) async fn pour<O: Objects, T: Table, P: Pause + Rng, L: Lease>(
    ports: Ports<'_, T, P, L>,
    mut source: Source<'_, O, P>,
    format: Format,
    plan: &IngestPlan,
    letters: &mut DeadLetters,
) -> Result<Counts, IngestError> {
    let begin = |lane, batch| write_batch(ports, lane, batch);
    let writing = Writing {
        lanes: Lanes::new(plan.lanes, begin),
        lease: ports.lease,
        letters,
        counts: Counts::default(),
        behind: plan.behind.records,
        refused: Vec::new(),
        refused_max: REFUSED_MAX.saturating_sub(plan.behind.refused.len()),
        unkept: None,
    };
    for refused in &plan.behind.refused {
        writing.letters.add(&refused.bad())?;
    }
    let mut pouring = Pouring { items: Items::new(format, plan.key.clone()), writing };
    let poured = pouring.all(&mut source).await;
    if poured.is_err() {
        pouring.writing.halt().await;
    }
    poured?;
    let Writing { mut counts, letters, .. } = pouring.writing;
    counts.dead_lettered = letters.count();
    let refused_before = plan.behind.refused.len() as u64;
    counts.written_before = counts.written_before.saturating_sub(refused_before);
    Ok(counts)
}

/// The first bytes, enough of them to know whether they are compressed.
async fn start<O: Objects, P: Pause + Rng>(
    source: &mut Source<'_, O, P>,
) -> Result<Bytes, IngestError> {
    let mut start = source.next().await?.unwrap_or_default();
    while start.len() < MAGIC_BYTES {
        let Some(more) = source.next().await? else { break };
        let mut joined = BytesMut::from(start);
        joined.extend_from_slice(&more);
        start = joined.freeze();
    }
    Ok(start)
}

struct Pouring<'a, W, D, L> {
    items: Items,
    writing: Writing<'a, W, D, L>,
}

/// Where items go.
struct Writing<'a, W, D, L> {
    lanes: Lanes<W, D>,
    lease: &'a L,
    letters: &'a mut DeadLetters,
    counts: Counts,
    /// Records up to this one have come to their end before.
    behind: u64,
    /// Records that the table refused, at most `refused_max`, …
    refused: Vec<Refused>,
    refused_max: usize,
    /// … and the first one beside them: only whoever writes it again hears why.
    unkept: Option<u64>,
}

impl<W, D, L> Pouring<'_, W, D, L>
where
    W: Fn(usize, Batch) -> D,
    D: Future<Output = Result<Done, IngestError>>,
    L: Lease,
{
    async fn all<O: Objects, P: Pause + Rng>(
        &mut self,
        source: &mut Source<'_, O, P>,
    ) -> Result<(), IngestError> {
        let start = start(source).await?;
        let mut gunzip = gunzip::applies(&start).then(Gunzip::new);
        let mut chunk = Some(start);
        while let Some(bytes) = chunk {
            match &mut gunzip {
                None => self.take(&bytes, false).await?,
                Some(gunzip) => self.take_compressed(&bytes, gunzip).await?,
            }
            chunk = self.writing.meanwhile(source.next()).await?;
        }
        if let Some(gunzip) = &gunzip {
            gunzip.end()?;
        }
        self.take(&[], true).await?;
        self.writing.lanes.flush();
        while let Some(done) = self.writing.lanes.settled().await {
            self.writing.account(&done?)?;
        }
        Ok(())
    }

    async fn take_compressed(
        &mut self,
        bytes: &[u8],
        gunzip: &mut Gunzip,
    ) -> Result<(), IngestError> {
        let mut input = bytes;
        loop {
            let plain = gunzip.next(&mut input)?;
            if plain.is_empty() {
                return Ok(());
            }
            self.take(plain, false).await?;
        }
    }

    /// Turns `bytes` into items and hands them to lanes, waiting where a lane is full.
    async fn take(&mut self, bytes: &[u8], last: bool) -> Result<(), IngestError> {
        let mut input = bytes;
        loop {
            match self.items.next(&mut input, last)? {
                Step::NeedMore => return Ok(()),
                Step::Bad(bad) => {
                    self.writing.counts.read += 1;
                    self.writing.letters.add(&bad)?;
                }
                Step::Item(item) => self.writing.push(&item).await?,
            }
        }
    }
}

impl<W, D, L> Writing<'_, W, D, L>
where
    W: Fn(usize, Batch) -> D,
    D: Future<Output = Result<Done, IngestError>>,
    L: Lease,
{
    async fn push(&mut self, item: &Item<'_>) -> Result<(), IngestError> {
        if item.number <= self.behind {
            self.counts.written_before += 1;
        } else {
            let pushed = loop {
                if let Some(pushed) = self.lanes.push(item) {
                    break pushed;
                }
                if let Some(done) = self.lanes.settled().await {
                    self.account(&done?)?;
                }
            };
            self.counts.replaced += u64::from(pushed == Pushed::Replaced);
        }
        self.counts.read += 1;
        Ok(())
    }

    /// Waits for `next` while the lanes get on.
    async fn meanwhile<N>(
        &mut self,
        next: impl Future<Output = Result<N, IngestError>>,
    ) -> Result<N, IngestError> {
        let mut next = pin!(next);
        loop {
            let settled = match select(next.as_mut(), pin!(self.lanes.settled())).await {
                Either::Left((next, _)) => return next,
                Either::Right((settled, _)) => settled,
            };
            match settled {
                Some(done) => self.account(&done?)?,
                None => return next.await,
            }
        }
    }

    fn account(&mut self, done: &Done) -> Result<(), IngestError> {
        self.counts.written += done.written;
        for refused in &done.refused {
            if self.refused.len() < self.refused_max {
                self.refused.push(refused.clone());
            } else {
                self.unkept = self.unkept.into_iter().chain([refused.number]).min();
            }
            self.letters.add(&refused.bad())?;
        }
        self.lanes.hurry(self.counts.read);
        let unwritten = [self.lanes.unwritten(), self.unkept].into_iter().flatten().min();
        let reached = unwritten.map_or(self.counts.read, |first| first.saturating_sub(1));
        if reached > self.behind {
            self.lease.reached(reached, &self.refused);
        }
        Ok(())
    }

    /// Nothing more is begun; what is under way is waited for.
    async fn halt(&mut self) {
        self.lanes.halt();
        while let Some(done) = self.lanes.settled().await {
            if let Err(error) = done.and_then(|done| self.account(&done)) {
                debug!(%error, "So ended a batch of an object that was broken off");
            }
        }
    }
}
