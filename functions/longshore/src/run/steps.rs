//! What may happen to a run, and why it may not.

use jiff::Timestamp;

use super::{
    change::Outbox,
    identity::{LaunchId, RunId},
    outcome::{Outcome, WorkResult},
    places::Places,
    refusal::LaunchRefusal,
    state::{Stopping, Wait},
};
use crate::trigger::{ObjectVersion, Seconds, Trigger};

/// A worker of a pool, as the task that it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    /// ARN of its cluster.
    pub cluster: String,
    /// ARN of its task definition.
    pub definition: String,
    /// Its container.
    pub container: String,
}

/// Something that happened, or that somebody is about to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// The run has claimed what it could of its objects.
    Formed {
        /// The attempt for which they were claimed.
        attempt: u32,
        /// Those that it got.
        won: Places,
        /// The object, if it got just one.
        only: Option<ObjectVersion>,
    },
    /// T2: become the one who launches.
    Claim {
        /// What will be started, by its newest settings.
        trigger: Box<Trigger>,
        /// The slot to take, when the trigger limits its runs at once.
        slot: Option<u32>,
    },
    /// Something keeps the run from being launched.
    Wait {
        /// What.
        wait: Wait,
    },
    /// T1b, later: a newer version of the object came before this one was launched.
    Overtaken {
        /// Run of the newer version.
        by: RunId,
    },
    /// Another tick is still at work, and this one starts nothing.
    Skip {
        /// Run of the other tick.
        by: RunId,
    },
    /// The tick is too late to start anything.
    Miss {
        /// The trigger's `startWithin`.
        within: Seconds,
    },
    /// Somebody asks for a tick that waits.
    Ask,
    /// The event comes of a tick that was recorded as unheard.
    Hear {
        /// The attempt that was recorded.
        attempt: u32,
    },
    /// T4a: ECS named the task of a launch.
    Launched {
        /// The launch.
        id: LaunchId,
        /// ARN of the task.
        task: String,
    },
    /// T4d: a launch lies in the queue of its pool, maybe once more.
    Enqueued {
        /// The launch.
        id: LaunchId,
    },
    /// T4b: ECS, or the queue, refused a launch for certain.
    Refuse {
        /// The launch.
        id: LaunchId,
        /// `ver` of the claim under which the call was made.
        claimed_ver: u64,
        /// The refusal.
        refusal: LaunchRefusal,
        /// A random number, for the wait before the next launch.
        jitter: u64,
    },
    /// T6: become the one task that does the work.
    Fence {
        /// The launch that started the task.
        id: LaunchId,
        /// ARN of the task.
        task: String,
        /// What it is a task of, if it works for a pool.
        worker: Option<Worker>,
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
        /// Memory of the next attempt's task in MiB, when the work needs more.
        memory: Option<u32>,
        /// A random number, for the wait before the next attempt.
        jitter: u64,
    },
    /// All shards of the tick have ended.
    Gather {
        /// What their ends mean together.
        outcome: Outcome,
    },
    /// The task is to be stopped.
    Stop {
        /// Why.
        why: Stopping,
    },
    /// The task was asked about and goes on.
    LookAgain,
    /// The failed run gets another attempt.
    Redrive {
        /// The attempt that failed, so that two who redrive it make one new attempt.
        attempt: u32,
    },
    /// T10: a message that the ended run owed was sent.
    Sent {
        /// The message.
        message: Outbox,
    },
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
    /// A slot has to be taken with it.
    NeedsSlot,
    /// It is not time yet.
    TooEarly(Timestamp),
}
