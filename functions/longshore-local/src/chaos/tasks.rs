//! What ECS does to tasks: no room, events that are lost, tokens that end early, tasks that are
//! not seen yet.

use super::{
    Chaos,
    draw::{Kind, Rate},
    faults::NO_CAPACITY,
};

/// One task in 25 finds no room ("API failure reasons", Amazon ECS Developer Guide).
pub(super) const PLACEMENTS: [Rate<()>; 1] = [(40, ())];

/// Why a task finds no room on Fargate.
pub(super) const ON_FARGATE: [&str; 2] = ["RESOURCE:FARGATE", NO_CAPACITY];

/// Why a task finds no room on container instances.
pub(super) const ON_INSTANCES: [&str; 3] = ["RESOURCE:MEMORY", "RESOURCE:CPU", "AGENT"];

/// Three events in a hundred are lost before they reach the bus. ECS is not known to do better than
/// best effort, in which an event may never arrive ("Delivery level for AWS service events",
/// Amazon EventBridge Events Reference).
pub(super) const TASK_EVENTS: [Rate<()>; 1] = [(30, ())];

/// One token in four ends an hour after its call, although its task still runs: the least that
/// the lesser of 24 hours and the task's life plus an hour can be ("Ensuring idempotency", Amazon
/// ECS API Reference).
pub(super) const TOKENS: [Rate<()>; 1] = [(250, ())];

/// One look in ten at a new task does not find it, because the API of ECS is eventually consistent
/// ("RunTask", Amazon ECS API Reference).
pub(super) const LOOKS: [Rate<()>; 1] = [(100, ())];

impl Chaos {
    /// Why the next task finds no room, if it does not.
    pub(crate) fn refuses_task(&self, launch_type: &str) -> Option<String> {
        let ((), draw) = self.next(Kind::Placement, launch_type, &PLACEMENTS)?;
        let reasons = if launch_type == "FARGATE" { &ON_FARGATE[..] } else { &ON_INSTANCES };
        let reason = draw.of(reasons)?;
        self.tell(format!("RunTask: no room for a task, {reason}"));
        Some(reason.to_owned())
    }

    /// Whether the next event of a task's change to `status` never reaches the bus.
    pub(crate) fn loses_task_event(&self, status: &str) -> bool {
        let is_lost = self.next(Kind::TaskEvent, status, &TASK_EVENTS).is_some();
        if is_lost {
            self.tell(format!("event of a task's {status} lost"));
        }
        is_lost
    }

    /// Whether the next client token ends as early as AWS may end it.
    pub(crate) fn ends_token_early(&self) -> bool {
        self.next(Kind::Token, "RunTask", &TOKENS).is_some()
    }

    /// Whether the next look at a new task does not find it.
    pub(crate) fn misses_new_task(&self) -> bool {
        let is_missed = self.next(Kind::Visibility, "DescribeTasks", &LOOKS).is_some();
        if is_missed {
            self.tell("DescribeTasks: a new task is MISSING".into());
        }
        is_missed
    }
}
