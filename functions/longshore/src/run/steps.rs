//! What may happen to a run, and why it may not.

use jiff::Timestamp;

use super::{
    change::Outbox,
    identity::LaunchId,
    outcome::{Outcome, WorkResult},
};
use crate::trigger::Trigger;

/// Something that happened, or that somebody is about to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// T2: become the one who launches.
    Claim {
        /// What will be started, by its newest settings.
        trigger: Box<Trigger>,
    },
    /// T4a: ECS named the task of a launch.
    Launched {
        /// The launch.
        id: LaunchId,
        /// ARN of the task.
        task: String,
    },
    /// T4b: ECS refused a launch for certain.
    Refuse {
        /// The launch.
        id: LaunchId,
        /// `ver` of the claim under which the call was made.
        claimed_ver: u64,
        /// The refusal.
        refusal: LaunchRefusal,
        /// How long to wait before the next launch.
        wait_secs: u32,
    },
    /// T6: become the one task that does the work.
    Fence {
        /// The launch that started the task.
        id: LaunchId,
        /// ARN of the task.
        task: String,
    },
    /// T7: the task is RUNNING.
    Progress {
        /// The launch that started the task.
        id: LaunchId,
        /// ARN of the task.
        task: String,
        /// `version` of the task's event.
        version: i64,
    },
    /// T9: the holder of the fence reports.
    Report {
        /// ARN of the holder's task.
        task: String,
        /// What it reports.
        result: WorkResult,
    },
    /// T8: the task is STOPPED.
    Settle {
        /// The launch that started the task.
        id: LaunchId,
        /// ARN of the task.
        task: String,
        /// `version` of the task's event.
        version: i64,
        /// What the stop means.
        outcome: Outcome,
    },
    /// The task was asked about and goes on.
    LookAgain,
    /// T10: a message that the ended run owed was sent.
    Sent {
        /// The message.
        message: Outbox,
    },
}

/// Why ECS did not start a task, for certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchRefusal {
    /// ECS's reason.
    pub reason: String,
    /// Whether the same launch can never work.
    pub is_permanent: bool,
}

/// Why a step does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It has already happened.
    Duplicate,
    /// It is about another launch or task, or older than what is known.
    Stale,
    /// The run has ended.
    Ended,
    /// It is not time yet.
    TooEarly(Timestamp),
}
