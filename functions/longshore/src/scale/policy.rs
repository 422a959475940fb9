//! What somebody wants of a queue's fleet, and the constants that it comes to.

use std::ops::RangeInclusive;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{printable::printable, trigger::Seconds};

/// Waits that can be asked for: up to the longest retention of a queue (SetQueueAttributes API
/// reference), after which no message is there to begin.
const MAX_WAIT_SECS: RangeInclusive<u32> = 1..=1_209_600;
/// Tasks of a fleet: above 5,000 a service needs a raised quota (Amazon ECS service quotas), and
/// one scaler's tick could no longer look at each of them.
const MAX_TASKS: RangeInclusive<u32> = 1..=5_000;
/// Messages that a task works on at once; ten receives are in flight at most, of ten messages.
const MESSAGES_PER_TASK: RangeInclusive<u32> = 1..=1_000;
/// Longest work on a message: visibility ends after 12 hours (ChangeMessageVisibility API
/// reference).
const EXPECTED_SECS_MAX: f64 = 43_200.0;
/// What is expected of work on a message until ten have been seen, unless the settings say.
const EXPECTED_SECS: f64 = 5.0;
/// How much of the text of others is repeated, so that what to do stays in sight.
const WHY_CHARS_MAX: usize = 600;

/// How the fleet of a queue is to be scaled; what is left out has a default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[serde(expecting = "the scaling of a queue, like {\"maxWait\": \"60s\", \"maxTasks\": 10}")]
pub struct Settings {
    /// Longest time from a message's arrival to the beginning of its work.
    pub max_wait: Seconds,
    /// Tasks that are kept even if there is nothing to do.
    pub min_tasks: u32,
    /// Most tasks, those included that are starting or about to leave.
    pub max_tasks: u32,
    /// Messages that one task works on at once.
    pub messages_per_task: u32,
    /// What to prefer where it can be chosen.
    pub bias: Bias,
    /// Seconds that work on a message takes, as far as known; it is measured anyway.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_seconds: Option<f64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_wait: Seconds::new(60),
            min_tasks: 0,
            max_tasks: 10,
            messages_per_task: 1,
            bias: Bias::default(),
            expected_seconds: None,
        }
    }
}

/// What to prefer where it can be chosen: less money, or less waiting.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Bias {
    /// Fewest billed seconds that keep the wait.
    Cheap,
    /// A little room for what may come.
    #[default]
    Balanced,
    /// Room, and tasks that stay: waits are short, and cost half as much again.
    Fast,
}

/// Settings that cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {why}; {todo}")]
pub struct BadSettings {
    /// Where, as a path.
    pub at: String,
    /// What is wrong there.
    pub why: String,
    /// What to do about it.
    pub todo: &'static str,
}

const CORRECT: &str = "correct the settings of the queue";

/// Settings that can be followed, in the units of the decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    pub(super) max_wait_secs: f64,
    pub(super) min_tasks: u32,
    pub(crate) max_tasks: u32,
    /// Messages that a task works on at once.
    pub(super) slots: f64,
    pub(super) expected_secs: f64,
    pub(super) bias: Bias,
}

impl Policy {
    /// Reads settings; `at` says where they were, for the refusal.
    pub fn parse(at: &str, settings: Value) -> Result<Self, BadSettings> {
        let parsed = serde_path_to_error::deserialize(settings);
        let settings: Settings = parsed.map_err(|error| {
            let path = format!("{at}.{}", error.path());
            bad(path.trim_end_matches(['.', '?']), error.inner().to_string())
        })?;
        Self::new(at, &settings)
    }

    /// Judges settings; `at` says where they were, for the refusal.
    pub fn new(at: &str, settings: &Settings) -> Result<Self, BadSettings> {
        let Settings { max_wait, min_tasks, max_tasks, messages_per_task, bias, .. } = *settings;
        if !MAX_WAIT_SECS.contains(&max_wait.get()) {
            let (from, to) =
                (Seconds::new(*MAX_WAIT_SECS.start()), Seconds::new(*MAX_WAIT_SECS.end()));
            let why = format!("is {max_wait}, not {from} to {to}");
            return Err(bad(&format!("{at}.maxWait"), why));
        }
        within(at, "maxTasks", max_tasks, &MAX_TASKS)?;
        within(at, "messagesPerTask", messages_per_task, &MESSAGES_PER_TASK)?;
        if min_tasks > max_tasks {
            let why = format!("is {min_tasks}, more than maxTasks, which is {max_tasks}");
            return Err(bad(&format!("{at}.minTasks"), why));
        }
        let expected_secs = settings.expected_seconds.unwrap_or(EXPECTED_SECS);
        if !(expected_secs > 0.0 && expected_secs <= EXPECTED_SECS_MAX) {
            let why = format!("is {expected_secs}, not above 0 and up to {EXPECTED_SECS_MAX}");
            return Err(bad(&format!("{at}.expectedSeconds"), why));
        }
        let (max_wait_secs, slots) = (f64::from(max_wait.get()), f64::from(messages_per_task));
        Ok(Self { max_wait_secs, min_tasks, max_tasks, slots, expected_secs, bias })
    }
}

fn bad(at: &str, why: impl AsRef<str>) -> BadSettings {
    let (at, why) = (printable(at, WHY_CHARS_MAX), printable(why.as_ref(), WHY_CHARS_MAX));
    BadSettings { at, why, todo: CORRECT }
}

fn within(
    at: &str,
    name: &str,
    value: u32,
    bounds: &RangeInclusive<u32>,
) -> Result<(), BadSettings> {
    if bounds.contains(&value) {
        return Ok(());
    }
    let (from, to) = (bounds.start(), bounds.end());
    Err(bad(&format!("{at}.{name}"), format!("is {value}, not {from} to {to}")))
}

/// What a bias comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tuning {
    /// Spare room of the steady fleet, in square roots of its load (Halfin and Whitt: the delay
    /// stays the same if the room grows with the root).
    pub(super) spare_roots: f64,
    /// How long tasks of the steady fleet stay after they were last needed.
    pub(super) hold_secs: f64,
    /// How long any other task stays after it was last wanted: the noise of a few readings.
    pub(super) hold_burst_secs: f64,
    /// How many cold starts of waiting one warm task is worth.
    pub(super) warm_starts: f64,
    /// Shortest useful life that a task is launched for, after its start.
    pub(super) useful_secs: f64,
    /// Whether a wait that is longer than a cold start is used to do with fewer tasks.
    pub(super) is_patient: bool,
    /// How far arrivals that are not there yet are launched for, if not by the time there is.
    pub(super) speculation: Option<f64>,
}

impl Bias {
    /// Constants that a simulation of twelve shapes of load came to.
    pub(super) fn tuning(self) -> Tuning {
        match self {
            Self::Cheap => Tuning {
                spare_roots: 0.5,
                hold_secs: 20.0,
                hold_burst_secs: 10.0,
                warm_starts: 0.0,
                useful_secs: 45.0,
                is_patient: true,
                speculation: Some(0.0),
            },
            // 37 s: Fargate bills 60 at least, 23 of them pass before the task works.
            Self::Balanced => Tuning {
                spare_roots: 1.0,
                hold_secs: 45.0,
                hold_burst_secs: 25.0,
                warm_starts: 1.0,
                useful_secs: 37.0,
                is_patient: true,
                speculation: None,
            },
            Self::Fast => Tuning {
                spare_roots: 2.0,
                hold_secs: 240.0,
                hold_burst_secs: 60.0,
                warm_starts: 5.0,
                useful_secs: 15.0,
                is_patient: false,
                speculation: Some(1.0),
            },
        }
    }
}

#[cfg(test)]
mod tests;
