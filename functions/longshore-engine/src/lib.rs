//! Carries decisions out through ports: ask, decide, do, record. One async function per flow.
//!
//! Nothing here spawns, selects or sleeps, so the same flows run in Lambda, in a container and in
//! a simulated world.

mod advance;
mod drive;
mod evidence;
#[cfg(test)]
mod fakes;
mod form;
mod gather;
pub mod ingest;
mod launch;
mod observe;
mod outbox;
mod overlap;
mod patience;
mod permits;
pub mod poll;
mod pool;
pub mod ports;
mod scale;
mod shards;
mod sweep;
mod trigger;
mod triggers;
mod work;

pub use advance::{Advanced, Barred, advance};
pub use drive::Driven;
pub use observe::{Observed, on_change};
pub use patience::{PATIENCE, TELL, patiently};
pub use permits::Permits;
pub use pool::{Crew, Did, Hands, work_off_run};
pub use scale::{ScalePorts, ScaleTrouble, Scaling, scale};
pub use shards::redrive;
pub use sweep::{Sweep, Swept, sweep};
pub use trigger::{Handled, Message, on_messages};
pub use triggers::Triggers;
pub use work::{Fence, claim_fence, inputs, newer, report, still_ours};

use longshore::{backoff::wait_secs, run::RunId};

/// Something did not work now and may work later: whoever sent the message sends it again.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Trouble {
    /// The ledger could not be asked or told.
    #[error(transparent)]
    Ledger(#[from] ports::LedgerError),
    /// ECS could not be asked.
    #[error(transparent)]
    Ecs(#[from] ports::EcsError),
    /// A queue could not be sent to.
    #[error(transparent)]
    Queue(#[from] ports::QueueError),
    /// The run has to wait, because it was refused or somebody else is at it.
    #[error("run {run} waits {wait_secs} s: {reason}")]
    Wait {
        /// The run.
        run: RunId,
        /// How long, in seconds.
        wait_secs: u32,
        /// For what.
        reason: String,
    },
}

/// Bound of the first wait of a message that met trouble.
const WAIT_BASE_SECS: u32 = 2;
/// Longest wait: a message is back within a quarter of an hour of the end of any outage. With it
/// the 1,000 receives of a message last for days.
const WAIT_SECS_MAX: u32 = 900;

impl Trouble {
    /// Longest wait of a run for which its message comes back as a timer, in seconds. The sweep
    /// sees to longer ones, to the minute.
    pub(crate) const TIMER_SECS_MAX: u32 = 60;

    /// The run waits, and its message comes back in time.
    pub(crate) fn waits(run: &longshore::run::Run, wait_secs: u32) -> Self {
        let reason = run.history.last().map(|entry| entry.note.clone()).unwrap_or_default();
        Self::Wait { run: run.id.clone(), wait_secs, reason }
    }

    /// How long a message that met this trouble stays away, in seconds, when it was received
    /// `receives` times: longer and longer, and never shorter than the run has to wait.
    #[must_use]
    pub fn stays_away_secs(&self, receives: u32, jitter: u64) -> u32 {
        let tries = receives.saturating_sub(1);
        let backoff = wait_secs(WAIT_BASE_SECS, WAIT_SECS_MAX, tries, jitter);
        match self {
            Self::Wait { wait_secs, .. } => backoff.max(*wait_secs).min(WAIT_SECS_MAX),
            _ => backoff,
        }
    }
}
