//! Remembers runs, triggers, and what runs share.

use std::future::Future;

use jiff::Timestamp;
use longshore::{
    run::{Change, LaunchId, Outbox, Run, RunId, Written},
    trigger::{Launch, Registered},
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

    /// The run of the newest version of `object` that `trigger` has seen, if only the newest
    /// counts; `object` is [`Input::object`](longshore::trigger::Input::object).
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

/// The ledger could not answer; the write may or may not have happened.
#[derive(Debug, thiserror::Error)]
#[error("ledger: {0}")]
pub struct LedgerError(pub String);
