//! The loop of an object with records: read, cut, transcode, hand to lanes, settle what is done.

use std::future::Future;
use std::pin::pin;

use bytes::{Bytes, BytesMut};
use futures_util::future::{Either, select};
use longshore::ingest::object::MAGIC_BYTES;
use longshore::ingest::{Batch, Counts, DeadLetters, Format, Items, Pushed, Step};

use super::IngestPlan;
use super::error::IngestError;
use super::gunzip::{self, Gunzip};
use super::lanes::Lanes;
use super::source::Source;
use super::write::{Done, Ports, write_batch};
use crate::ports::{Lease, Objects, Pause, Rng, Table};

/// Pours all records of `source` into the table and says what became of them.
pub(super) async fn pour<O: Objects, T: Table, P: Pause + Rng, L: Lease>(
    ports: Ports<'_, T, P, L>,
    mut source: Source<'_, O, P>,
    format: Format,
    plan: &IngestPlan,
    letters: &mut DeadLetters,
) -> Result<Counts, IngestError> {
    let begin = |lane, batch| write_batch(ports, lane, batch);
    let items = Items::new(format, plan.key.clone());
    let mut pouring =
        Pouring { items, lanes: Lanes::new(plan.lanes, begin), letters, counts: Counts::default() };
    let start = start(&mut source).await?;
    let mut gunzip = gunzip::applies(&start).then(Gunzip::new);
    let mut chunk = Some(start);
    while let Some(bytes) = chunk {
        match &mut gunzip {
            None => pouring.take(&bytes, false).await?,
            Some(gunzip) => pouring.take_compressed(&bytes, gunzip).await?,
        }
        chunk = pouring.meanwhile(source.next()).await?;
    }
    if let Some(gunzip) = &gunzip {
        gunzip.end()?;
    }
    pouring.take(&[], true).await?;
    pouring.lanes.flush();
    while let Some(done) = pouring.lanes.settled().await {
        pouring.account(&done?)?;
    }
    let mut counts = pouring.counts;
    counts.dead_lettered = pouring.letters.count();
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

struct Pouring<'a, W, D> {
    items: Items,
    lanes: Lanes<W, D>,
    letters: &'a mut DeadLetters,
    counts: Counts,
}

impl<W, D> Pouring<'_, W, D>
where
    W: Fn(usize, Batch) -> D,
    D: Future<Output = Result<Done, IngestError>>,
{
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
                    self.counts.read += 1;
                    self.letters.add(&bad)?;
                }
                Step::Item(item) => {
                    self.counts.read += 1;
                    let pushed = loop {
                        if let Some(pushed) = self.lanes.push(&item) {
                            break pushed;
                        }
                        if let Some(done) = self.lanes.settled().await {
                            account(&mut self.counts, self.letters, &done?)?;
                        }
                    };
                    self.counts.replaced += u64::from(pushed == Pushed::Replaced);
                }
            }
        }
    }

    fn account(&mut self, done: &Done) -> Result<(), IngestError> {
        account(&mut self.counts, self.letters, done)
    }
}

fn account(counts: &mut Counts, letters: &mut DeadLetters, done: &Done) -> Result<(), IngestError> {
    counts.written += done.written;
    for refused in &done.refused {
        letters.add(&refused.bad())?;
    }
    Ok(())
}
