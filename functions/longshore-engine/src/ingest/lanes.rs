//! Rows ─▶ lanes by key, one batch in flight in each.
//!
//! Same key, same lane, and a lane sends its batches one after the other: so the rows of a key
//! reach the table in the order of the object, whatever comes back unprocessed.

use std::collections::VecDeque;
use std::future::Future;

use futures_util::{StreamExt, stream::FuturesUnordered};
use longshore::ingest::{Batch, Item, Pushed, lane_of};

use super::IngestError;
use super::write::Done;

/// Full batches that may wait behind the one in flight, before reading stops. A little slack keeps
/// the other lanes busy while one is slow; more would only be memory.
const WAITING_MAX: usize = 2;
/// Records that may be read before a row is sent that waits for others to fill its batch: whoever goes
/// on with the object begins at the first row that was not written.
const BEHIND_MAX: u64 = 10_000;

/// All lanes; `W` begins to write a batch.
pub(super) struct Lanes<W, D> {
    begin: W,
    every: Vec<Lane>,
    in_flight: FuturesUnordered<D>,
    spare: Vec<Batch>,
    halted: bool,
}

#[derive(Default)]
struct Lane {
    filling: Batch,
    waiting: VecDeque<Batch>,
    /// The first record of the batch in flight.
    busy: Option<u64>,
}

impl Lane {
    /// Its first record that is not written.
    fn unwritten(&self) -> Option<u64> {
        let waiting = || self.waiting.front().and_then(first);
        self.busy.or_else(waiting).or_else(|| first(&self.filling))
    }
}

/// Rows lie in a batch in the order of the object.
fn first(batch: &Batch) -> Option<u64> {
    batch.item(0).map(|item| item.number)
}

impl<W, D> Lanes<W, D>
where
    W: Fn(usize, Batch) -> D,
    D: Future<Output = Result<Done, IngestError>>,
{
    pub(super) fn new(count: usize, begin: W) -> Self {
        let every = (0..count.max(1)).map(|_| Lane::default()).collect();
        Self { begin, every, in_flight: FuturesUnordered::new(), spare: Vec::new(), halted: false }
    }

    /// Adds `item` to its lane, or says that the lane must get on first: see [`Self::settled`].
    pub(super) fn push(&mut self, item: &Item<'_>) -> Option<Pushed> {
        let index = lane_of(item.hash, self.every.len());
        if !self.every[index].filling.has_room(item) {
            if self.every[index].waiting.len() >= WAITING_MAX {
                return None;
            }
            self.seal(index);
        }
        Some(self.every[index].filling.push(item))
    }

    /// Closes the batch that lane `index` is filling.
    fn seal(&mut self, index: usize) {
        let spare = self.spare.pop().unwrap_or_default();
        let lane = &mut self.every[index];
        let full = std::mem::replace(&mut lane.filling, spare);
        lane.waiting.push_back(full);
        self.send(index);
    }

    /// Sends the oldest batch of an idle lane.
    fn send(&mut self, index: usize) {
        let lane = &mut self.every[index];
        if self.halted || lane.busy.is_some() {
            return;
        }
        if let Some(batch) = lane.waiting.pop_front() {
            lane.busy = first(&batch);
            self.in_flight.push((self.begin)(index, batch));
        }
    }

    /// Sends what is left, full or not: nothing will follow.
    pub(super) fn flush(&mut self) {
        for index in 0..self.every.len() {
            if !self.every[index].filling.is_empty() {
                self.seal(index);
            }
        }
    }

    /// Closes the batches that have waited for too long to be filled, now that `read` records are read.
    pub(super) fn hurry(&mut self, read: u64) {
        for index in 0..self.every.len() {
            let Lane { filling, waiting, .. } = &self.every[index];
            let is_late = first(filling).is_some_and(|first| first + BEHIND_MAX < read);
            if is_late && waiting.len() < WAITING_MAX {
                self.seal(index);
            }
        }
    }

    /// Begins no other batch; those in flight come to their end.
    pub(super) fn halt(&mut self) {
        self.halted = true;
    }

    /// The first record that a lane has and the table has not.
    pub(super) fn unwritten(&self) -> Option<u64> {
        self.every.iter().filter_map(Lane::unwritten).min()
    }

    /// Waits until a batch is done; `None` if none is in flight. Safe to drop and call again.
    pub(super) async fn settled(&mut self) -> Option<Result<Done, IngestError>> {
        let mut done = match self.in_flight.next().await? {
            Ok(done) => done,
            Err(error) => return Some(Err(error)),
        };
        self.spare.push(std::mem::take(&mut done.spent));
        self.every[done.lane].busy = None;
        self.send(done.lane);
        Some(Ok(done))
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use super::*;
    use crate::ingest::fakes::run;

    #[test]
    fn a_row_that_has_no_company_is_sent_all_the_same() {
        let begin = |lane, batch: Batch| {
            let written = batch.len() as u64;
            ready(Ok(Done { lane, written, refused: Vec::new(), spent: Batch::default() }))
        };
        let mut lanes = Lanes::new(2, begin);
        for number in 1..=30_000 {
            let identity = number.to_string();
            let hash = u64::from(number == 7) << 32;
            let item = Item { json: b"{}", identity: identity.as_bytes(), hash, number, offset: 0 };
            while lanes.push(&item).is_none() {
                run(lanes.settled());
            }
            lanes.hurry(number);
            while run(lanes.settled()).is_some() {}
            let unwritten = lanes.unwritten().unwrap_or(number);
            assert!(unwritten + BEHIND_MAX + 1 >= number, "{unwritten} at {number}");
        }
        assert!(lanes.unwritten() > Some(29_970));
    }
}
