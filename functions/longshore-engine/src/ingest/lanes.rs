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

/// All lanes; `W` begins to write a batch.
pub(super) struct Lanes<W, D> {
    begin: W,
    every: Vec<Lane>,
    in_flight: FuturesUnordered<D>,
    spare: Vec<Batch>,
}

#[derive(Default)]
struct Lane {
    filling: Batch,
    waiting: VecDeque<Batch>,
    busy: bool,
}

impl<W, D> Lanes<W, D>
where
    W: Fn(usize, Batch) -> D,
    D: Future<Output = Result<Done, IngestError>>,
{
    pub(super) fn new(count: usize, begin: W) -> Self {
        let every = (0..count.max(1)).map(|_| Lane::default()).collect();
        Self { begin, every, in_flight: FuturesUnordered::new(), spare: Vec::new() }
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
        if lane.busy {
            return;
        }
        if let Some(batch) = lane.waiting.pop_front() {
            lane.busy = true;
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

    /// Waits until a batch is done; `None` if none is in flight. Safe to drop and call again.
    pub(super) async fn settled(&mut self) -> Option<Result<Done, IngestError>> {
        let mut done = match self.in_flight.next().await? {
            Ok(done) => done,
            Err(error) => return Some(Err(error)),
        };
        self.spare.push(std::mem::take(&mut done.spent));
        self.every[done.lane].busy = false;
        self.send(done.lane);
        Some(Ok(done))
    }
}
