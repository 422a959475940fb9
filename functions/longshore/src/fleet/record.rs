//! What was observed of a queue, so that its decisions can be made again.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::scale::{Decision, Observation, Policy, Settings, State, decide};

/// Observations in a row, and what was remembered before the first of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// When the first of them was made.
    pub at: Timestamp,
    /// How the fleet was to be scaled.
    pub settings: Settings,
    /// What was remembered.
    pub state: State,
    /// What was observed, the oldest first.
    pub observations: Vec<Observation>,
}

impl Record {
    /// Makes the decisions once more, and gives what is remembered after them.
    #[must_use]
    pub fn replay(&self, policy: &Policy) -> (Vec<Decision>, State) {
        let mut state = self.state.clone();
        let decide = |observation| {
            let (decision, next) = decide(observation, std::mem::take(&mut state), policy);
            state = next;
            decision
        };
        let decisions = self.observations.iter().map(decide).collect();
        (decisions, state)
    }
}
