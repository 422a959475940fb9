//! Launching: from the claim until ECS has named the task or refused.

use jiff::Timestamp;

use super::{
    LAUNCHES_MAX, LEASE_SECS, LOOK_AGAIN_SECS, TOKEN_REUSE_SECS, end, enter, later, not_before,
    of_this_launch,
};
use crate::{
    run::{
        change::Also,
        identity::LaunchId,
        outcome::{Class, Outcome},
        state::{Run, State, Target},
        steps::{LaunchRefusal, Refused},
    },
    trigger::{Launch, Trigger},
};

pub(super) fn claim(
    run: &mut Run,
    trigger: &Trigger,
    now: Timestamp,
) -> Result<Vec<Also>, Refused> {
    let frozen = run.first_call_at.is_some();
    match run.state {
        State::Admitted | State::Backoff => not_before(run.due, now)?,
        State::Launching => not_before(run.lease_until, now)?,
        _ => return Err(Refused::Duplicate),
    }
    let token_is_old = run.first_call_at.is_some_and(|first| now >= later(first, TOKEN_REUSE_SECS));
    if token_is_old {
        // A task of the old launch may exist; it finds the launch over and never gets the fence.
        run.launch += 1;
        run.first_call_at = None;
    }
    run.first_call_at.get_or_insert(now);
    run.lease_until = Some(later(now, LEASE_SECS));
    run.due = run.lease_until;
    let note = format!("launch {} of attempt {} claimed", run.launch, run.attempt);
    enter(run, State::Launching, note, now);
    if frozen && !token_is_old {
        return Ok(Vec::new());
    }
    let launch = Launch::freeze(trigger, &run.input, &run.launch_id());
    run.target = Some(Target {
        cluster: launch.task.cluster.clone(),
        definition: launch.task.definition.clone(),
        container: launch.task.container.clone(),
    });
    Ok(vec![Also::Launch(Box::new(launch))])
}

pub(super) fn launched(
    run: &mut Run,
    id: &LaunchId,
    task: String,
    now: Timestamp,
) -> Result<Vec<Also>, Refused> {
    of_this_launch(run, id)?;
    if run.state != State::Launching {
        return Err(Refused::Duplicate);
    }
    let note = format!("ECS started {task}");
    named(run, task, now);
    enter(run, State::Launched, note, now);
    Ok(Vec::new())
}

/// The task of the launch is known, and the sweep asks about it from now on.
pub(super) fn named(run: &mut Run, task: String, now: Timestamp) {
    run.lease_until = None;
    run.due = Some(later(now, LOOK_AGAIN_SECS));
    run.task_arn = Some(task);
}

pub(super) fn refuse(
    run: &mut Run,
    id: &LaunchId,
    refusal: &LaunchRefusal,
    wait_secs: u32,
    now: Timestamp,
) -> Result<Vec<Also>, Refused> {
    of_this_launch(run, id)?;
    if run.state != State::Launching || run.executor.is_some() {
        return Err(Refused::Stale);
    }
    run.lease_until = None;
    run.first_call_at = None;
    if refusal.is_permanent || run.launch >= LAUNCHES_MAX {
        let reason = format!("ECS refused to launch: {}", refusal.reason);
        let outcome = Outcome { class: Class::Launch, reason, exit_code: None, stop_code: None };
        return Ok(end(run, outcome, now));
    }
    run.launch += 1;
    run.due = Some(later(now, i64::from(wait_secs)));
    enter(
        run,
        State::Backoff,
        format!("ECS refused: {}; next launch in {wait_secs} s", refusal.reason),
        now,
    );
    Ok(Vec::new())
}
