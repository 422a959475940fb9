//! A run as the ledger holds it.

use std::{collections::BTreeMap, fmt};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    identity::{LaunchId, RunId},
    outcome::{Class, Outcome, WorkResult},
    spent::Spent,
};
use crate::trigger::{Input, Retry};

/// How long a new task may be missing: ECS is eventually consistent, and says to ask for up to five
/// minutes (RunTask API reference).
const UNSEEN: SignedDuration = SignedDuration::from_mins(5);

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
    /// The run of whose objects, or shards, this one has its part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<RunId>,
    /// How many runs have its shards; it starts no task itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shards: Option<u32>,
    /// When it was admitted.
    pub admitted_at: Timestamp,
    /// When somebody must look at it again, at the latest; of an ended run, that it owes messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// What keeps it from being launched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits: Option<Wait>,
    /// Whether only the newest version of an object counts.
    #[serde(default)]
    pub latest: bool,
    /// Whether no other version of its object may be launched, since this one's task may write.
    #[serde(default)]
    pub holds: bool,
    /// The slot it holds, of those that its trigger's `concurrency` allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<u32>,
    /// Until when whoever launches it is alone to do so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_until: Option<Timestamp>,
    /// When RunTask was first about to be called with the present client token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_call_at: Option<Timestamp>,
    /// What the present launch starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// When the present state began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Why its task is being stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopping: Option<Stopping>,
    /// Failures so far.
    #[serde(default)]
    pub spent: Spent,
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
    /// What a newer longshore knows of it and this one does not: kept as it is, whoever writes.
    #[serde(flatten)]
    pub unknown: BTreeMap<String, Value>,
}

impl Run {
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

    /// The queue of the pool that has its work, if one does.
    #[must_use]
    pub fn pool(&self) -> Option<&str> {
        self.target.as_ref()?.queue.as_deref()
    }

    /// Who takes its launches.
    pub(super) fn launcher(&self) -> &'static str {
        if self.pool().is_some() { "the queue of its pool" } else { "ECS" }
    }

    /// Whether it lies in the queue of a pool, and no worker has taken it yet.
    #[must_use]
    pub fn lies_in_pool(&self) -> bool {
        self.state == State::Launched && self.executor.is_none() && self.pool().is_some()
    }

    /// Whether it waits, in the order of admission, for its trigger or the account to have room.
    #[must_use]
    pub fn is_queued(&self) -> bool {
        matches!(self.waits, Some(Wait::Slot | Wait::Paused | Wait::Permit))
    }

    /// Whether ECS may not tell of its task yet at `now`, although there is one.
    #[must_use]
    pub fn may_be_unseen(&self, now: Timestamp) -> bool {
        self.since.is_some_and(|since| now.duration_since(since) < UNSEEN)
    }

    /// Why its task must be stopped at `now`, if it must.
    #[must_use]
    pub fn overdue(&self, now: Timestamp) -> Option<Stopping> {
        let target = self.target.as_ref()?;
        let passed = |limit_secs: u32| {
            let limit = SignedDuration::from_secs(i64::from(limit_secs));
            self.since.is_some_and(|since| now.duration_since(since) >= limit)
        };
        let start = || Stopping::Start { limit_secs: target.start_timeout_secs };
        let run = |limit_secs| Stopping::Timeout { limit_secs };
        match self.state {
            _ if self.stopping.is_some() || self.lies_in_pool() => None,
            State::Launched => passed(target.start_timeout_secs).then(start),
            State::Running => target.timeout_secs.filter(|secs| passed(*secs)).map(run),
            _ => None,
        }
    }
}

/// What keeps a run from being launched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wait {
    /// Other runs of its trigger hold all slots.
    Slot,
    /// Its trigger is paused, or was forgotten.
    Paused,
    /// This run works on an older version of the object.
    Older(RunId),
    /// The account's launches of this second are used up.
    Permit,
    /// It is a tick that begins then, within its schedule's `jitter`.
    Until(Timestamp),
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slot => f.write_str("waits for a slot of its trigger"),
            Self::Paused => f.write_str("waits until its trigger is resumed"),
            Self::Older(run) => write!(f, "waits for run {run}, about an older version"),
            Self::Permit => f.write_str("waits for a launch permit"),
            Self::Until(at) => write!(f, "waits until {at}, its place in the schedule's jitter"),
        }
    }
}

/// Why longshore stops a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Stopping {
    /// It did not start in time.
    Start {
        /// The trigger's `startTimeout`, in seconds.
        limit_secs: u32,
    },
    /// It ran too long.
    Timeout {
        /// The trigger's `timeout`, in seconds.
        limit_secs: u32,
    },
    /// Somebody cancelled the run.
    Cancel {
        /// Who, or why.
        by: String,
    },
    /// A later tick of its schedule takes its place.
    Replace {
        /// Run of the later tick.
        by: RunId,
    },
}

impl Stopping {
    /// Whether the run is no longer wanted, and gets no other attempt.
    #[must_use]
    pub fn ends_the_run(&self) -> bool {
        matches!(self, Self::Cancel { .. } | Self::Replace { .. })
    }

    /// The kind of end of a task that was stopped for it.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            Self::Start { .. } => Class::Start,
            Self::Timeout { .. } => Class::Work,
            Self::Cancel { .. } => Class::Cancelled,
            Self::Replace { .. } => Class::Superseded,
        }
    }
}

/// The reason that StopTask is given.
impl fmt::Display for Stopping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start { limit_secs } => write!(f, "did not start within {limit_secs} s"),
            Self::Timeout { limit_secs } => write!(f, "ran longer than {limit_secs} s"),
            Self::Cancel { by } => write!(f, "cancelled by {by}"),
            Self::Replace { by } => write!(f, "replaced by run {by}, about a later tick"),
        }
    }
}

/// What a launch starts, and the rules of the attempt; events of other tasks that claim the run
/// do not count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// ARN of the cluster.
    pub cluster: String,
    /// ARN of the task definition with its revision.
    pub definition: String,
    /// Container whose exit code is the run's.
    pub container: String,
    /// Longest time from the launch to RUNNING, in seconds.
    pub start_timeout_secs: u32,
    /// Longest time a task may run, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_secs: Option<u32>,
    /// What happens after a failure.
    pub retry: Retry,
    /// URL of the queue of the pool that has the work, instead of a task of its own. From the fence
    /// on cluster, definition and container are those of the worker that took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
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
