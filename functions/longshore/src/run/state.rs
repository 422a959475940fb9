//! A run as the ledger holds it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    identity::{LaunchId, RunId},
    outcome::{Outcome, WorkResult},
};
use crate::trigger::Input;

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// A batch that still claims its objects.
    Forming,
    /// Accepted; nothing was launched.
    Admitted,
    /// Somebody holds the lease to call RunTask; a task may or may not exist.
    Launching,
    /// ECS named the task.
    Launched,
    /// The task was seen RUNNING.
    Running,
    /// Waits until `due` for its next launch or attempt.
    Backoff,
    /// The work is done.
    Succeeded,
    /// The work is not done, and the reason is in the `failed` queue.
    Failed,
    /// Somebody stopped the task.
    Cancelled,
    /// A newer version of the object made the work pointless.
    Superseded,
}

impl State {
    /// Whether nothing can follow.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled | Self::Superseded)
    }

    /// The word, as stored and shown.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Forming => "forming",
            Self::Admitted => "admitted",
            Self::Launching => "launching",
            Self::Launched => "launched",
            Self::Running => "running",
            Self::Backoff => "backoff",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Superseded => "superseded",
        }
    }
}

/// One (trigger, event identity) and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// Derived from trigger and identity.
    pub id: RunId,
    /// Name of the trigger.
    pub trigger: String,
    /// Where it stands.
    #[serde(rename = "st")]
    pub state: State,
    /// Attempt at the work, from 1.
    #[serde(rename = "att")]
    pub attempt: u32,
    /// Launch within the attempt, from 1.
    #[serde(rename = "try")]
    pub launch: u32,
    /// Counts the writes; every write expects the number that it read.
    pub ver: u64,
    /// Id of the last write, by which its writer knows it again after a lost answer.
    pub wid: String,
    /// What it works on.
    pub input: Input,
    /// Tells another event that claims the same identity apart.
    #[serde(rename = "phash")]
    pub input_digest: String,
    /// When it was admitted.
    pub admitted_at: Timestamp,
    /// When somebody must look at it again, at the latest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// Until when whoever launches it is alone to do so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_until: Option<Timestamp>,
    /// When RunTask was first about to be called with the present client token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_call_at: Option<Timestamp>,
    /// What the present launch starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// ARN of the task, once ECS named it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_arn: Option<String>,
    /// `version` of the newest event of the task that counted.
    #[serde(rename = "tver", default, skip_serializing_if = "Option::is_none")]
    pub task_version: Option<i64>,
    /// ARN of the task that holds the fence.
    #[serde(rename = "exec", default, skip_serializing_if = "Option::is_none")]
    pub executor: Option<String>,
    /// What the holder of the fence reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<WorkResult>,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// What happened, oldest first.
    pub history: Vec<Entry>,
}

impl Run {
    /// When the sweep must look at it, at the latest. A run that is not launched yet is driven by
    /// its inbox message, which is not acknowledged before.
    #[must_use]
    pub fn swept_at(&self) -> Option<Timestamp> {
        match self.state {
            State::Forming | State::Admitted | State::Launching | State::Backoff => None,
            _ => self.due,
        }
    }

    /// The present launch.
    #[must_use]
    pub fn launch_id(&self) -> LaunchId {
        LaunchId { run: self.id.clone(), attempt: self.attempt, launch: self.launch }
    }

    /// ARN of the task whose end is the run's: the fence's holder, or else the one ECS named.
    #[must_use]
    pub fn task(&self) -> Option<&str> {
        self.executor.as_deref().or(self.task_arn.as_deref())
    }
}

/// What a launch starts; events of other tasks that claim the run do not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// ARN of the cluster.
    pub cluster: String,
    /// ARN of the task definition with its revision.
    pub definition: String,
    /// Container whose exit code is the run's.
    pub container: String,
}

/// One line of a run's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// The state that followed.
    pub state: State,
    /// What happened, in words.
    pub note: String,
}
