//! T1: how a run begins.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::ending::end;
use crate::{
    run::{
        change::{Also, Change, ObjectClaim},
        identity::{ObjectOrder, RunId},
        outcome::{Class, Outcome},
        spent::Spent,
        state::{Entry, Run, State, Wait},
    },
    trigger::{Input, Plan, Trigger},
};

/// T1: a run begins.
#[must_use]
pub fn admit(trigger: &Trigger, plan: &Plan, now: Timestamp, wid: String) -> Change {
    let waits = trigger.limit().map(|_| Wait::Slot);
    let begun = begun(plan.run.clone(), &trigger.name, plan.input.clone(), now, wid);
    let begins = trigger.schedule.as_ref().and_then(|schedule| begun.begins(schedule));
    let (due, waits) = match begins.filter(|begins| *begins > now) {
        Some(begins) => (Some(begins), Some(Wait::Until(begins))),
        None => (waits.is_none().then_some(now), waits),
    };
    let run = Run {
        input_digest: plan.input_digest.clone(),
        due,
        waits,
        latest: plan.order.as_ref().is_some_and(ObjectOrder::is_of_versions),
        ..begun
    };
    let claim = plan.order.clone().map(|order| {
        Also::Object(ObjectClaim { trigger: trigger.name.clone(), order, run: run.id.clone() })
    });
    Change { run, expects_ver: None, also: claim.into_iter().collect() }
}

/// A run as it is admitted without a limit.
pub(super) fn begun(id: RunId, trigger: &str, input: Input, now: Timestamp, wid: String) -> Run {
    Run {
        input_digest: id.to_string(),
        id,
        trigger: trigger.to_owned(),
        state: State::Admitted,
        attempt: 1,
        launch: 1,
        ver: 1,
        wid,
        input,
        parent: None,
        shards: None,
        admitted_at: now,
        due: Some(now),
        waits: None,
        latest: false,
        holds: false,
        slot: None,
        lease_until: None,
        first_call_at: None,
        target: None,
        since: Some(now),
        stopping: None,
        spent: Spent::default(),
        task_arn: None,
        task_version: None,
        executor: None,
        result: None,
        outcome: None,
        history: vec![Entry { at: now, state: State::Admitted, note: "event admitted".into() }],
        unknown: BTreeMap::new(),
    }
}

/// T1b: a run that begins superseded, because a newer version of its object had come first.
#[must_use]
pub fn supersede(admission: Change, newer: &RunId, now: Timestamp) -> Change {
    let Change { mut run, expects_ver, .. } = admission;
    let also = end(&mut run, overtaken(newer), now);
    Change { run, expects_ver, also }
}

pub(super) fn overtaken(by: &RunId) -> Outcome {
    Outcome::new(Class::Superseded, format!("run {by} is about a newer version of the object"))
}
