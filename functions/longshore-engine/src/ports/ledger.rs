//! Remembers runs.

use std::future::Future;

use jiff::Timestamp;
use longshore::{
    run::{Change, LaunchId, Outbox, Run, RunId, Written},
    trigger::Launch,
};

/// The table of runs and what became of them. Reads see every write that was answered.
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

    /// Up to `count_max` runs of `shard` (of 256) that the sweep must look at
    /// ([`Run::swept_at`]), the oldest first. It may
    /// lag behind the runs themselves: read the run before acting on it.
    fn due(
        &self,
        shard: u8,
        now: Timestamp,
        count_max: usize,
    ) -> impl Future<Output = Result<Vec<RunId>, LedgerError>> + Send;
}

/// The ledger could not answer; the write may or may not have happened.
#[derive(Debug, thiserror::Error)]
#[error("ledger: {0}")]
pub struct LedgerError(pub String);
