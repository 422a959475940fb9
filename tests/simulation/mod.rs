//! The production flows in a world made of one seed: the same seed, the same history.
//!
//! ```text
//! seed ─▶ weather: what goes wrong, and when      scenario: events, deployments, people
//!            │                                       │
//!         world ◀── every call of a port: latency, fault, crash ──┐
//!            │                                                    │
//!         drive: messages, sweeps, tasks ─▶ on_message, on_change, sweep, claim_fence …
//!            │
//!         watch, at every write                   check, when everything is over
//! ```
//!
//! Nothing of the flows is rewritten here; only their ports are. A flow waits at every port call,
//! so any two flows interleave at every call, and any flow can end there for good.

mod call;
mod chance;
mod check;
mod claims;
mod crew;
mod done;
mod drive;
mod ecs;
mod events;
mod functions;
mod gathered;
mod ledger;
mod life;
mod mails;
mod mates;
mod objects;
mod operator;
mod overlaps;
mod pace;
mod planted;
mod pools;
mod process;
mod queues;
mod refuse;
mod repairs;
mod scenario;
mod spec;
mod stats;
mod tables;
mod tasks;
mod ticked;
mod ticks;
mod timed;
mod wake;
mod watch;
mod weather;
mod working;
mod world;

use std::fmt;

pub use planted::Planted;
pub use stats::{Stats, Times};

/// A promise that was not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The seed that shows it, each time.
    pub seed: u64,
    /// Which invariant.
    pub invariant: &'static str,
    /// What was seen.
    pub seen: String,
    /// What happened, oldest first.
    pub history: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.history {
            writeln!(f, "{line}")?;
        }
        writeln!(f, "seed {}: {}: {}", self.seed, self.invariant, self.seen)
    }
}

/// Plays the history of `seed`, with the bug that is planted.
pub fn simulate(seed: u64, planted: Planted) -> Result<Stats, Box<Violation>> {
    let silent = drive::play(seed, planted, false);
    let Some((invariant, what)) = silent.violation else { return Ok(silent.stats) };
    // Lines are only written when somebody will read them; the second time is the same.
    let history = drive::play(seed, planted, true).history;
    Err(Box::new(Violation { seed, invariant, seen: what, history }))
}
