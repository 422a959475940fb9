//! How the work of a run went, and how the run ended.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{places::Places, state::State};

/// What the holder of the fence reported about the work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkResult {
    /// How it went.
    pub status: WorkStatus,
    /// Why, in words; empty when there is nothing to say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Figures of the work, such as the equation of its records.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub summary: Value,
    /// Those of the run's objects whose work failed, when the work can tell.
    #[serde(default, skip_serializing_if = "Places::is_empty")]
    pub failed: Places,
}

impl WorkResult {
    /// A result of which nothing more is told.
    #[must_use]
    pub fn new(status: WorkStatus, reason: impl Into<String>) -> Self {
        let (summary, failed) = (Value::Null, Places::default());
        Self { status, reason: reason.into(), summary, failed }
    }
}

/// How the work went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WorkStatus {
    /// Done, completely.
    Done,
    /// The object is gone or was overwritten: nothing is to be done.
    Superseded,
    /// Not done.
    Failed,
}

/// How a run ended, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// Which kind of end.
    pub class: Class,
    /// Why, in words.
    pub reason: String,
    /// Exit code of the run's container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// ECS's stop code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_code: Option<String>,
    /// Whether no retry can help.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_final: bool,
}

impl Outcome {
    /// An outcome of which no task tells more.
    #[must_use]
    pub fn new(class: Class, reason: impl Into<String>) -> Self {
        Self { class, reason: reason.into(), exit_code: None, stop_code: None, is_final: false }
    }
}

/// The kinds of end. The kinds of failure have separate budgets of retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// The work is done.
    Succeeded,
    /// A newer version made the work pointless.
    Superseded,
    /// Somebody stopped the task.
    Cancelled,
    /// A tick that came while another was at work.
    Skipped,
    /// A tick that could not start in time.
    Missed,
    /// A tick of which the schedule sent no event.
    Unheard,
    /// The work failed.
    Work,
    /// The work says that no retry can help (exit code 3).
    Rejected,
    /// The container was killed for its memory.
    OutOfMemory,
    /// The task stopped before its container ran.
    Start,
    /// ECS refused to launch.
    Launch,
    /// AWS took the Spot capacity back.
    Spot,
    /// Host or ECS itself: not the work's fault.
    Infrastructure,
    /// A stop code that does not exist yet.
    Unknown,
}

impl Class {
    /// The terminal state of this kind of end.
    #[must_use]
    pub fn state(self) -> State {
        match self {
            Self::Succeeded => State::Succeeded,
            Self::Superseded | Self::Skipped | Self::Missed | Self::Unheard => State::Superseded,
            Self::Cancelled => State::Cancelled,
            Self::Work
            | Self::Rejected
            | Self::OutOfMemory
            | Self::Start
            | Self::Launch
            | Self::Spot
            | Self::Infrastructure
            | Self::Unknown => State::Failed,
        }
    }

    /// Whether it is the end of a tick that started nothing.
    #[must_use]
    pub fn is_of_an_idle_tick(self) -> bool {
        matches!(self, Self::Skipped | Self::Missed | Self::Unheard)
    }

    /// The word, as stored and shown.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Superseded => "superseded",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
            Self::Missed => "missed",
            Self::Unheard => "unheard",
            Self::Work => "work",
            Self::Rejected => "rejected",
            Self::OutOfMemory => "out-of-memory",
            Self::Start => "start",
            Self::Launch => "launch",
            Self::Spot => "spot",
            Self::Infrastructure => "infrastructure",
            Self::Unknown => "unknown",
        }
    }
}
