//! Remembers runs, triggers, and what runs share.

use std::future::Future;

use jiff::Timestamp;
use longshore::{
    run::{Change, LaunchId, ObjectOrder, Outbox, Run, RunId, Written},
    trigger::{Launch, Listed, Registered},
};

/// The table of runs and what became of them. Reads see every write that was answered, unless
/// they say otherwise.
pub trait Ledger: Sync {
    /// Writes all of `change` if the run still has the version that it expects.
    fn write(&self, change: &Change) -> impl Future<Output = Result<Written, LedgerError>> + Send;

    /// The run named `id`, if there is one.
    fn run(&self, id: &RunId) -> impl Future<Output = Result<Option<Run>, LedgerError>> + Send;

    /// The frozen launch named `id`, if it was claimed.
    fn launch(
        &self,
        id: &LaunchId,
    ) -> impl Future<Output = Result<Option<Launch>, LedgerError>> + Send;

    /// The objects of a list, in its order.
    fn list(&self, list: &RunId) -> impl Future<Output = Result<Vec<Listed>, LedgerError>> + Send;

    /// Has an object be one run's alone, by itself and not with a change of the run: safe to repeat.
    fn claim(&self, claim: &Claim<'_>)
    -> impl Future<Output = Result<Claimed, LedgerError>> + Send;

    /// The run of the newest version of `object` that `trigger` has seen, if only the newest
    /// counts; `object` is [`ObjectVersion::object`](longshore::trigger::ObjectVersion::object).
    fn newest(
        &self,
        trigger: &str,
        object: &str,
    ) -> impl Future<Output = Result<Option<RunId>, LedgerError>> + Send;

    /// Messages that the run owes, sent or not.
    fn outbox(&self, id: &RunId) -> impl Future<Output = Result<Vec<Outbox>, LedgerError>> + Send;

    /// Up to `count_max` runs of `shard` (of 256) that are due, the oldest first. It may lag
    /// behind the runs themselves: read the run before acting on it.
    fn due(
        &self,
        shard: u8,
        now: Timestamp,
        count_max: usize,
    ) -> impl Future<Output = Result<Vec<RunId>, LedgerError>> + Send;

    /// What is remembered of a trigger.
    fn registered(
        &self,
        trigger: &str,
    ) -> impl Future<Output = Result<Option<Registered>, LedgerError>> + Send;

    /// Remembers the settings of a trigger, unless newer ones or another owner are there; the
    /// pause stays as it is.
    fn register(&self, seen: &Registered) -> impl Future<Output = Result<(), LedgerError>> + Send;

    /// Remembers the newest tick that the schedule of a trigger sent; the first one is where looking
    /// for others begins.
    fn ticked(
        &self,
        trigger: &str,
        tick: Timestamp,
    ) -> impl Future<Output = Result<(), LedgerError>> + Send;

    /// Remembers up to which tick others were looked for, and how many in a row before that were
    /// run although the schedule did not send them.
    fn looked(
        &self,
        trigger: &str,
        to: Timestamp,
        caught_up: u32,
    ) -> impl Future<Output = Result<(), LedgerError>> + Send;

    /// Names of all triggers that were ever seen. It may lag.
    fn triggers(&self) -> impl Future<Output = Result<Vec<String>, LedgerError>> + Send;

    /// Up to `count_max` runs that wait for room under `trigger`, in the order of their admission.
    /// It may lag.
    fn queued(
        &self,
        trigger: &str,
        count_max: usize,
    ) -> impl Future<Output = Result<Vec<RunId>, LedgerError>> + Send;

    /// A slot of `trigger` below `limit` that no run holds.
    fn free_slot(
        &self,
        trigger: &str,
        limit: u32,
    ) -> impl Future<Output = Result<Option<u32>, LedgerError>> + Send;

    /// The run that holds the slot `number` of `trigger`.
    fn slot_holder(
        &self,
        trigger: &str,
        number: u32,
    ) -> impl Future<Output = Result<Option<RunId>, LedgerError>> + Send;

    /// Takes up to `wanted` launch permits of the second at `now`, of which there are `per_second`
    /// for each `kind` of capacity; gives how many.
    fn permits(
        &self,
        kind: &str,
        now: Timestamp,
        wanted: u32,
        per_second: u32,
    ) -> impl Future<Output = Result<u32, LedgerError>> + Send;
}

/// A run claims an object: it gets one that no other run has, or an older version of which no
/// other run holds.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// Name of the trigger.
    pub trigger: &'a str,
    /// Which object, and the version's place.
    pub order: &'a ObjectOrder,
    /// The run.
    pub run: &'a RunId,
    /// Its attempt, since a run that has ended may be redriven.
    pub attempt: u32,
    /// The run whose objects it takes over.
    pub parent: Option<&'a RunId>,
    /// A holder that has ended, and frees nothing any more.
    pub ended: Option<&'a Holder>,
}

/// A run that has claimed an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The run.
    pub run: RunId,
    /// Its attempt when it did.
    pub attempt: u32,
}

/// Whose an object is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// The claimant's.
    Ours,
    /// Another run's, which has this version or a newer one.
    Theirs(RunId),
    /// Not the claimant's yet: the run of an older version may be at work.
    Held(Holder),
}

/// The ledger could not answer; the write may or may not have happened.
#[derive(Clone, Debug, thiserror::Error)]
#[error("ledger: {0}")]
pub struct LedgerError(pub String);
