//! The one function through which a run changes.
//!
//! It judges a step against the run as read; the ledger writes the result only if the run still
//! has the `ver` that was read. So the guards stand here, once, and not in expressions.

mod launching;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{
    change::{Also, Change, ObjectClaim, Outbox},
    classify::unless_reported,
    identity::{LaunchId, RunId},
    outcome::{Class, Outcome},
    state::{Entry, Run, State},
    steps::{Refused, Step},
};
use crate::trigger::{Plan, Trigger};
use launching::{claim, launched, named, refuse};

/// How long whoever launches is alone to do so: six times the longest call (20 s), so that a
/// driver whose call hangs has given up before the next one starts.
pub const LEASE_SECS: i64 = 120;
/// How long one client token is used. ECS keeps it for the lesser of 24 h and the task's life plus
/// 1 h (ECS idempotency guide), so an hour is certain, less five minutes for clocks and calls.
pub const TOKEN_REUSE_SECS: i64 = 55 * 60;
/// Launches of one attempt before it fails: with the default backoff more than two hours.
pub const LAUNCHES_MAX: u32 = 20;
/// How soon a launched run is looked at again when no event of its task comes.
const LOOK_AGAIN_SECS: i64 = 300;
/// Lines of history kept; the last one is replaced beyond it.
const HISTORY_MAX: usize = 40;

/// T1: a run begins.
#[must_use]
pub fn admit(trigger: &Trigger, plan: &Plan, now: Timestamp, wid: String) -> Change {
    let run = Run {
        id: plan.run.clone(),
        trigger: trigger.name.clone(),
        state: State::Admitted,
        attempt: 1,
        launch: 1,
        ver: 1,
        wid,
        input: plan.input.clone(),
        input_digest: plan.input_digest.clone(),
        admitted_at: now,
        due: Some(now),
        lease_until: None,
        first_call_at: None,
        target: None,
        task_arn: None,
        task_version: None,
        executor: None,
        result: None,
        outcome: None,
        history: vec![Entry { at: now, state: State::Admitted, note: "event admitted".into() }],
    };
    let claim = plan.order.clone().map(|order| ObjectClaim {
        trigger: trigger.name.clone(),
        order,
        run: plan.run.clone(),
    });
    Change { run, expects_ver: None, also: claim.map(Also::Object).into_iter().collect() }
}

/// T1b: a run that begins superseded, because a newer version of its object had come first.
#[must_use]
pub fn supersede(admission: Change, newer: &RunId, now: Timestamp) -> Change {
    let reason = format!("run {newer} is about a newer version of the object");
    let outcome = Outcome { class: Class::Superseded, reason, exit_code: None, stop_code: None };
    let Change { mut run, expects_ver, .. } = admission;
    let also = end(&mut run, outcome, now);
    Change { run, expects_ver, also }
}

/// Takes a step, or says why it does nothing.
pub fn transition(run: &Run, step: Step, now: Timestamp, wid: String) -> Result<Change, Refused> {
    let mut next = run.clone();
    next.ver += 1;
    next.wid = wid;
    if run.state.is_terminal() {
        let also = sent(&mut next, step, now)?;
        return Ok(Change { run: next, expects_ver: Some(run.ver), also });
    }
    let also = match step {
        Step::Claim { trigger } => claim(&mut next, &trigger, now)?,
        Step::Launched { id, task } => launched(&mut next, &id, task, now)?,
        Step::Refuse { id, claimed_ver, refusal, wait_secs } => {
            if run.ver != claimed_ver {
                return Err(Refused::Stale);
            }
            refuse(&mut next, &id, &refusal, wait_secs, now)?
        }
        Step::Fence { id, task } => fence(&mut next, &id, task, now)?,
        Step::Progress { id, task, version } => progress(&mut next, &id, task, version, now)?,
        Step::Report { task, result } => {
            if run.executor.as_ref() != Some(&task) {
                return Err(Refused::Stale);
            }
            if run.result.as_ref() == Some(&result) {
                return Err(Refused::Duplicate);
            }
            next.result = Some(result);
            Vec::new()
        }
        Step::Settle { id, task, version, outcome } => {
            of_this_task(&next, &id, &task)?;
            next.task_arn = Some(task);
            next.task_version = Some(version);
            end(&mut next, unless_reported(outcome, run.result.as_ref()), now)
        }
        Step::LookAgain => look_again(&mut next, now)?,
        // Only an ended run owes messages.
        Step::Sent { .. } => return Err(Refused::Stale),
    };
    Ok(Change { run: next, expects_ver: Some(run.ver), also })
}

fn fence(run: &mut Run, id: &LaunchId, task: String, now: Timestamp) -> Result<Vec<Also>, Refused> {
    of_this_task(run, id, &task)?;
    if run.executor.is_some() {
        return Err(Refused::Duplicate);
    }
    let note = format!("{task} does the work");
    run.executor = Some(task.clone());
    let mut state = run.state;
    if state == State::Launching {
        // Whoever called RunTask may never hear its answer, and the token grows old.
        named(run, task, now);
        state = State::Launched;
    }
    enter(run, state, note, now);
    Ok(Vec::new())
}

fn progress(
    run: &mut Run,
    id: &LaunchId,
    task: String,
    version: i64,
    now: Timestamp,
) -> Result<Vec<Also>, Refused> {
    of_this_task(run, id, &task)?;
    if run.state == State::Running || run.task_version.is_some_and(|known| version <= known) {
        return Err(Refused::Duplicate);
    }
    run.task_arn = Some(task);
    run.task_version = Some(version);
    run.lease_until = None;
    run.due = Some(later(now, LOOK_AGAIN_SECS));
    enter(run, State::Running, "the task runs".into(), now);
    Ok(Vec::new())
}

fn look_again(run: &mut Run, now: Timestamp) -> Result<Vec<Also>, Refused> {
    if !matches!(run.state, State::Launched | State::Running) {
        return Err(Refused::Stale);
    }
    run.due = Some(later(now, LOOK_AGAIN_SECS));
    Ok(Vec::new())
}

/// The only thing that can still happen to an ended run: what it owed is sent.
fn sent(run: &mut Run, step: Step, now: Timestamp) -> Result<Vec<Also>, Refused> {
    let Step::Sent { mut message } = step else { return Err(Refused::Ended) };
    if run.due.is_none() {
        return Err(Refused::Duplicate);
    }
    run.due = None;
    message.sent_at = Some(now);
    Ok(vec![Also::Outbox(message)])
}

/// Ends the run: with it go its count and, if it failed, the message that says so.
fn end(run: &mut Run, outcome: Outcome, now: Timestamp) -> Vec<Also> {
    let state = outcome.class.state();
    enter(run, state, outcome.reason.clone(), now);
    run.due = None;
    run.lease_until = None;
    let mut also =
        vec![Also::Count { trigger: run.trigger.clone(), class: outcome.class, at: now }];
    run.outcome = Some(outcome);
    if state == State::Failed {
        // The run owes a message, and somebody must look until it is sent.
        run.due = Some(now);
        also.push(Also::Outbox(failure_message(run, now)));
    }
    also
}

/// What the `failed` queue gets: enough to know, to look and to redrive.
fn failure_message(run: &Run, now: Timestamp) -> Outbox {
    let body = json!({
        "run": run.id,
        "trigger": run.trigger,
        "attempt": run.attempt,
        "outcome": run.outcome,
        "task": run.task_arn,
        "result": run.result,
        "input": run.input,
        "failedAt": now,
    });
    Outbox { run: run.id.clone(), attempt: run.attempt, body, sent_at: None }
}

fn of_this_launch(run: &Run, id: &LaunchId) -> Result<(), Refused> {
    if run.launch_id() == *id { Ok(()) } else { Err(Refused::Stale) }
}

/// A step counts only if it is about the launch and its task: the holder of the fence, or else
/// the task that ECS named.
fn of_this_task(run: &Run, id: &LaunchId, task: &str) -> Result<(), Refused> {
    of_this_launch(run, id)?;
    if matches!(run.state, State::Forming | State::Admitted | State::Backoff) {
        return Err(Refused::Stale);
    }
    if run.task().is_none_or(|known| known == task) { Ok(()) } else { Err(Refused::Stale) }
}

fn not_before(instant: Option<Timestamp>, now: Timestamp) -> Result<(), Refused> {
    match instant {
        Some(instant) if now < instant => Err(Refused::TooEarly(instant)),
        _ => Ok(()),
    }
}

fn later(instant: Timestamp, secs: i64) -> Timestamp {
    instant.checked_add(SignedDuration::from_secs(secs)).unwrap_or(Timestamp::MAX)
}

fn enter(run: &mut Run, state: State, note: String, now: Timestamp) {
    run.state = state;
    if run.history.len() >= HISTORY_MAX {
        run.history.pop();
    }
    run.history.push(Entry { at: now, state, note });
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
