//! The end of a task: another attempt, or the end of the run and what it owes.

use jiff::Timestamp;
use serde_json::json;

use super::{
    enter,
    forming::{is_of_the_work, only_failed, split},
    later, stopping,
};
use crate::{
    run::{
        change::{Addressee, Also, Counted, ObjectHold, Outbox, Slot},
        classify::unless_reported,
        logs::LogPointer,
        outcome::{Class, Outcome},
        spent::Spent,
        state::{Run, State, Stopping},
        steps::Refused,
    },
    trigger::{Input, ObjectVersion},
};

/// ECS's stop code for whatever StopTask stopped.
const USER_INITIATED: &str = "UserInitiated";

/// What is known when a task has stopped.
pub(super) struct Settlement {
    pub(super) outcome: Outcome,
    pub(super) memory: Option<u32>,
    pub(super) jitter: u64,
}

pub(super) fn settle(run: &mut Run, settlement: Settlement, now: Timestamp) -> Vec<Also> {
    let Settlement { outcome, memory, jitter } = settlement;
    // Work that was done when its task was stopped is done.
    let outcome = as_we_stopped_it(outcome, run.stopping.as_ref());
    let outcome = unless_reported(outcome, run.result.as_ref());
    let unwanted = run.stopping.as_ref().filter(|why| why.ends_the_run()).map(Stopping::class);
    let retry = run.target.as_ref().map(|target| target.retry.clone()).unwrap_or_default();
    if outcome.class.state() != State::Failed {
        return end(run, outcome, now);
    }
    let are_named = only_failed(run);
    if let Some(class) = unwanted {
        return end(run, Outcome { class, ..outcome }, now);
    }
    match run.spent.failed(&outcome, memory, &retry, jitter) {
        Some(wait_secs) => {
            next_attempt(run);
            run.due = Some(later(now, i64::from(wait_secs)));
            let note = format!("{}; next attempt in {wait_secs} s", outcome.reason);
            enter(run, State::Backoff, note, now);
            Vec::new()
        }
        None if !are_named && is_of_the_work(outcome.class) => split(run, outcome, now),
        None => end(run, outcome, now),
    }
}

/// A task that we stopped has the outcome for which we stopped it.
fn as_we_stopped_it(outcome: Outcome, why: Option<&Stopping>) -> Outcome {
    let (Some(why), Some(USER_INITIATED)) = (why, outcome.stop_code.as_deref()) else {
        return outcome;
    };
    Outcome { class: why.class(), reason: why.to_string(), ..outcome }
}

/// What was of the last attempt is of no other.
fn next_attempt(run: &mut Run) {
    run.attempt += 1;
    run.launch = 1;
    run.lease_until = None;
    run.first_call_at = None;
    run.waits = None;
    run.stopping = None;
    run.task_arn = None;
    run.task_version = None;
    run.executor = None;
    run.result = None;
    run.outcome = None;
    run.spent.capacity = 0;
    run.spent.inactive = 0;
    run.spent.refusals = 0;
}

/// A run that is no longer wanted: without a task it ends at once; of others the task is stopped
/// first.
pub(super) fn give_up(run: &mut Run, why: Stopping, now: Timestamp) -> Result<Vec<Also>, Refused> {
    match run.state {
        State::Forming | State::Admitted | State::Backoff => Ok(end(run, unwanted(&why), now)),
        // Whoever gets its message finds that it is over.
        _ if run.lies_in_pool() => Ok(end(run, unwanted(&why), now)),
        _ if run.stopping.as_ref().is_some_and(Stopping::ends_the_run) => Err(Refused::Duplicate),
        _ => {
            stopping(run, why, now);
            Ok(Vec::new())
        }
    }
}

/// The end of a run of which no task tells more.
pub(super) fn unwanted(why: &Stopping) -> Outcome {
    Outcome::new(why.class(), why.to_string())
}

/// Ends the run: it frees what it held, is counted, and tells so; the failed tell it to somebody
/// who looks.
pub(super) fn end(run: &mut Run, outcome: Outcome, now: Timestamp) -> Vec<Also> {
    let state = outcome.class.state();
    enter(run, state, outcome.reason.clone(), now);
    // The run owes a message, and somebody must look until it is sent.
    run.due = Some(now);
    run.lease_until = None;
    run.waits = None;
    let what = Counted::Ended(outcome.class);
    let mut also = vec![Also::Count { trigger: run.trigger.clone(), what, at: now }];
    run.outcome = Some(outcome);
    // The failure of a shard is its tick's, which tells of all of them.
    if state == State::Failed && !run.is_shard() {
        also.push(Also::Outbox(message(run, Addressee::Failed, now)));
    }
    also.push(Also::Outbox(message(run, Addressee::Bus, now)));
    let (trigger, id) = (run.trigger.clone(), run.id.clone());
    if let Some(number) = run.slot.take() {
        also.push(Also::FreeSlot(Slot { trigger: trigger.clone(), number, run: id.clone() }));
    }
    let held = run.input.object().filter(|_| run.holds).map(ObjectVersion::object);
    run.holds = false;
    also.extend(held.map(|object| Also::FreeObject(ObjectHold { trigger, object, run: id })));
    also
}

/// What the bus and the `failed` queue get: enough to know, to look and to redrive.
pub(super) fn message(run: &Run, to: Addressee, now: Timestamp) -> Outbox {
    let body = json!({
        "run": run.id,
        "trigger": run.trigger,
        "state": run.state,
        "attempt": run.attempt,
        "outcome": run.outcome,
        "task": run.task_arn,
        "logs": LogPointer::of(run),
        "result": run.result,
        "input": run.input,
        "endedAt": now,
    });
    Outbox { run: run.id.clone(), attempt: run.attempt, to, body, sent_at: None }
}

/// A message that was owed is sent.
pub(super) fn sent(run: &mut Run, message: Outbox, now: Timestamp) -> Result<Vec<Also>, Refused> {
    if message.attempt != run.attempt {
        // It told of an end before the last redrive, and says nothing of what is owed since.
        return Err(Refused::Stale);
    }
    if run.due.is_none() {
        return Err(Refused::Duplicate);
    }
    // Every end is told on the bus, and there last.
    if message.to == Addressee::Bus {
        run.due = None;
    }
    Ok(vec![Also::Outbox(Outbox { sent_at: Some(now), ..message })])
}

/// Another attempt of a run that has failed or was cancelled, or of a tick that started nothing, by
/// the newest settings, with all budgets anew.
pub(super) fn redrive(run: &mut Run, attempt: u32, now: Timestamp) -> Result<Vec<Also>, Refused> {
    let is_idle_tick = run.outcome.as_ref().is_some_and(|it| it.class.is_of_an_idle_tick());
    let is_undone = matches!(run.state, State::Failed | State::Cancelled) || is_idle_tick;
    if run.attempt != attempt || !is_undone {
        return Err(Refused::Stale);
    }
    if run.due.is_some() {
        // It still owes the message that it failed.
        return Err(Refused::TooEarly(now));
    }
    // Whoever redrives a tick asks for it.
    if let Input::Tick(tick) = &mut run.input {
        tick.asked |= tick.shard.is_none();
    }
    Ok(begin_again(run, now))
}

/// It begins as if its event had come in time: it may be skipped, or be too late.
pub(super) fn heard(run: &mut Run, attempt: u32, now: Timestamp) -> Result<Vec<Also>, Refused> {
    let is_unheard = run.outcome.as_ref().is_some_and(|it| it.class == Class::Unheard);
    if run.attempt != attempt || !is_unheard {
        return Err(Refused::Stale);
    }
    if run.due.is_some() {
        return Err(Refused::TooEarly(now));
    }
    Ok(begin_again(run, now))
}

fn begin_again(run: &mut Run, now: Timestamp) -> Vec<Also> {
    next_attempt(run);
    run.spent = Spent::default();
    run.due = Some(now);
    // Newer versions of its objects may have come since.
    let state = if run.input.objects().is_some() { State::Forming } else { State::Admitted };
    enter(run, state, format!("redriven: attempt {} follows", run.attempt), now);
    vec![Also::Count { trigger: run.trigger.clone(), what: Counted::Redriven, at: now }]
}
