//! What a worker of a pool has in hand, so that a launch that comes to it twice is worked on once.
//!
//! The ledger tells workers apart, and not two messages at one: a launch lies in the queue twice when
//! it was not known whether the first message was taken.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use longshore::run::LaunchId;

/// Launches that are remembered after their end: more than a worker ends before the observer has
/// heard of the first, and a hundred KB.
const ENDED_MAX: usize = 1_000;

/// Launches that a worker is at, and those it was at last.
#[derive(Debug, Default)]
pub struct Hands(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    at_work: BTreeSet<LaunchId>,
    ended: VecDeque<LaunchId>,
}

/// A launch in hand, until it is dropped.
#[derive(Debug)]
pub(super) struct Held<'a> {
    hands: &'a Hands,
    id: LaunchId,
}

impl Hands {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the launch in hand, unless the worker is at it or has told of its end.
    pub(super) fn take(&self, id: &LaunchId) -> Option<Held<'_>> {
        let mut known = self.known();
        let is_new = !known.ended.contains(id) && known.at_work.insert(id.clone());
        is_new.then(|| Held { hands: self, id: id.clone() })
    }
}

impl Held<'_> {
    /// The end of the work was told: what comes of the launch again is to be deleted.
    pub(super) fn told(self) {
        let mut known = self.hands.known();
        known.ended.push_back(self.id.clone());
        if known.ended.len() > ENDED_MAX {
            known.ended.pop_front();
        }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.hands.known().at_work.remove(&self.id);
    }
}
