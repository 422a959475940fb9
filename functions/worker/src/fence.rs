//! The fence as the work asks about it: often, so the ledger is asked only now and then.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use longshore::run::LaunchId;
use longshore_aws::{LedgerTable, Machine};
use longshore_engine::{PATIENCE, patiently, ports::Lease, still_ours};

/// How long an answer of the ledger holds. With the longest call (20 s) it is far below the lease
/// of a run (110 s), after which somebody else may take over.
const ASK_EVERY: Duration = Duration::from_secs(10);

/// Whether this task still holds the fence.
#[derive(Debug)]
pub(crate) struct FenceLease<'a> {
    ledger: &'a LedgerTable,
    launch: &'a LaunchId,
    task: &'a str,
    asked: Mutex<Instant>,
}

impl<'a> FenceLease<'a> {
    /// For the task that has just claimed the fence.
    pub(crate) fn of(ledger: &'a LedgerTable, launch: &'a LaunchId, task: &'a str) -> Self {
        Self { ledger, launch, task, asked: Mutex::new(Instant::now()) }
    }

    fn asked(&self) -> std::sync::MutexGuard<'_, Instant> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease for FenceLease<'_> {
    async fn still_ours(&self) -> bool {
        if self.asked().elapsed() < ASK_EVERY {
            return true;
        }
        let now = Instant::now();
        // Whoever asks writes nothing meanwhile, so that there is time to ask.
        let ask = || still_ours(self.ledger, self.launch, self.task);
        match patiently(&Machine, PATIENCE, ask).await {
            Ok(true) => {
                *self.asked() = now;
                true
            }
            Ok(false) => false,
            Err(trouble) => {
                tracing::warn!(%trouble, "It is not known whether the run is still this task's");
                false
            }
        }
    }
}
