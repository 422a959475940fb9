//! Failures of a run, by whose budget they are on: losses of AWS do not spend the user's retries.

use serde::{Deserialize, Serialize};

use super::outcome::{Class, Outcome};
use crate::{backoff::wait_secs, trigger::Retry};

/// Tasks of one run that may stop before their container ran.
const START_FAILURES_MAX: u32 = 5;
/// Tasks of one run that AWS may take away.
const LOSSES_MAX: u32 = 20;
/// Tasks of one run that may stop for reasons unknown to this version.
const UNKNOWN_MAX: u32 = 5;
/// Spot tasks that AWS may take back before the run is launched on demand.
const SPOT_LOSSES_MAX: u32 = 3;

/// Failures so far. All of them start from zero when a run is redriven.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Spent {
    /// Attempts at the work that failed.
    pub work: u32,
    /// Tasks that did not start.
    pub start: u32,
    /// Tasks that AWS lost or took back.
    pub losses: u32,
    /// Of those, tasks on Spot capacity.
    pub spot: u32,
    /// Tasks that stopped for unknown reasons.
    pub unknown: u32,
    /// Launches of the present attempt that ECS refused for want of capacity.
    pub capacity: u32,
    /// Launches of the present attempt whose revision was inactive.
    pub inactive: u32,
    /// Launches of the present attempt that ECS refused for other reasons.
    pub refusals: u32,
    /// Memory of the task in MiB, raised after it was killed for taking too much.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<u32>,
}

impl Spent {
    /// Whether Spot capacity was lost so often that the run is launched on demand.
    #[must_use]
    pub fn is_spot_over(&self) -> bool {
        self.spot >= SPOT_LOSSES_MAX
    }

    /// Counts the failure, and gives the wait in seconds before the next attempt if there is one.
    /// `memory` is what the next task could get, in MiB.
    pub(super) fn failed(
        &mut self,
        outcome: &Outcome,
        memory: Option<u32>,
        retry: &Retry,
        jitter: u64,
    ) -> Option<u32> {
        let (count, most) = match outcome.class {
            Class::Work | Class::OutOfMemory => (&mut self.work, retry.attempts),
            Class::Start => (&mut self.start, START_FAILURES_MAX),
            Class::Spot | Class::Infrastructure => (&mut self.losses, LOSSES_MAX),
            Class::Unknown => (&mut self.unknown, UNKNOWN_MAX),
            Class::Succeeded
            | Class::Superseded
            | Class::Cancelled
            | Class::Skipped
            | Class::Missed
            | Class::Unheard
            | Class::Rejected
            | Class::Launch => return None,
        };
        *count = count.saturating_add(1);
        let failures = *count;
        if outcome.class == Class::Spot {
            self.spot = self.spot.saturating_add(1);
        }
        if outcome.is_final || failures >= most {
            return None;
        }
        if outcome.class == Class::OutOfMemory {
            // The same memory would not be enough again, and one more doubling is a guess.
            if self.memory.is_some() {
                return None;
            }
            self.memory = Some(memory?);
        }
        let backoff = retry.backoff;
        Some(wait_secs(backoff.base.get(), backoff.max.get(), failures - 1, jitter))
    }
}

#[cfg(test)]
mod tests;
