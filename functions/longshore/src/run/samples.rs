//! Runs to start from in tests, and a task that stops in every way.

use jiff::{SignedDuration, Timestamp};

use super::{Change, LaunchId, Run, StoppedContainer, TaskChange, TaskStatus, admit, form};
use crate::trigger::{Batch, Event, ObjectEvent, Trigger, gather, plan, samples};

/// The task that ECS names in most tests.
pub(crate) const TASK: &str = "arn:aws:ecs:eu-west-1:111122223333:task/longshore/1";
/// A task of somebody else.
pub(crate) const OTHER_TASK: &str = "arn:aws:ecs:eu-west-1:111122223333:task/longshore/2";

/// `secs` after the first instant of a test.
pub(crate) fn at(secs: i64) -> Timestamp {
    "2026-11-12T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(secs)
}

pub(crate) fn trigger() -> Trigger {
    samples::parsed(&samples::envelope()).0
}

/// The change that begins a run at the first instant.
pub(crate) fn admission() -> Change {
    let (trigger, object) = samples::parsed(&samples::envelope());
    admit(&trigger, &plan(&trigger, &Event::Object(object)), at(0), "w1".into())
}

pub(crate) fn admitted() -> Run {
    admission().run
}

/// A run that claims `count` objects.
pub(crate) fn forming(count: usize) -> Run {
    let (trigger, object) = samples::parsed(&samples::envelope());
    let trigger = Trigger { batch: Some(Batch { objects: 1_000, bytes: None }), ..trigger };
    let event = |nth| ObjectEvent { key: format!("k{nth}"), version_id: None, ..object.clone() };
    let events: Vec<_> = (0..count).map(event).collect();
    let gatherings = gather(&trigger, &events.iter().collect::<Vec<_>>());
    form(&trigger, &gatherings[0], at(0), "w1".into()).run
}

/// A launch of the run.
pub(crate) fn launch(attempt: u32, launch: u32) -> LaunchId {
    LaunchId { run: admitted().id, attempt, launch }
}

/// The task, stopped for `code`, with containers as (name, exit code, reason).
pub(crate) fn stopped(
    code: Option<&str>,
    containers: &[(&str, Option<i32>, Option<&str>)],
) -> TaskChange {
    let container = |&(name, exit_code, reason): &(&str, Option<i32>, Option<&str>)| {
        StoppedContainer { name: name.into(), exit_code, reason: reason.map(str::to_owned) }
    };
    TaskChange {
        task: TASK.into(),
        cluster: "cluster".into(),
        definition: "worker:7".into(),
        started_by: launch(1, 1).to_string(),
        version: 5,
        status: TaskStatus::Stopped,
        containers: containers.iter().map(container).collect(),
        stop_code: code.map(str::to_owned),
        stopped_reason: Some("ECS's reason".into()),
        cpu: Some(256),
        memory: Some(512),
    }
}
