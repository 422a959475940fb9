//! The one function through which a run changes.
//!
//! It judges a step against the run as read; the ledger writes the result only if the run still
//! has the `ver` that was read. So the guards stand here, once, and not in expressions.

mod admission;
mod ending;
mod forming;
mod launching;
mod shards;
mod ticks;

use jiff::{SignedDuration, Timestamp};

use super::{
    change::{Also, Change},
    identity::LaunchId,
    state::{Entry, Run, State, Stopping},
    steps::{Refused, Step, Worker},
};
use admission::overtaken;
pub use admission::{admit, supersede};
use ending::{Settlement, end, give_up, heard, redrive, sent, settle};
pub use forming::form;
use forming::formed;
use launching::{claim, enqueued, launched, refuse, wait};
use shards::gathered;
pub use ticks::unheard;
use ticks::{asked, missed, skipped};

/// How long whoever launches is alone to do so: five times the longest call (20 s), so that a
/// driver whose call hangs has given up before the next one starts. With a minute until the sweep
/// looks, and what its calls take, a lost launch is repaired within 180 s.
pub const LEASE_SECS: i64 = 110;
/// How long one client token is used. ECS keeps it for the lesser of 24 h and the task's life plus
/// 1 h (ECS idempotency guide), so an hour is certain, less five minutes for clocks and calls.
pub const TOKEN_REUSE_SECS: i64 = 55 * 60;
/// How soon a launched run is looked at again when no event of its task comes: with a minute until
/// the sweep looks, and what its calls take, a lost stop is settled within 300 s.
const LOOK_AGAIN_SECS: i64 = 230;
/// How long a run that could not be looked at makes way for others.
const WAY_SECS: i64 = 60;
/// How soon a run is looked at that lies in the queue of a pool: a hundred thousand of them are 28
/// looks a second, and SQS loses no message by itself.
const POOL_LOOK_SECS: i64 = 3_600;
/// How soon a task that is being stopped is asked about, and stopped again.
const STOP_AGAIN_SECS: i64 = 60;
/// Lines of history kept; the last one is replaced beyond it.
const HISTORY_MAX: usize = 40;

/// Takes a step, or says why it does nothing.
pub fn transition(run: &Run, step: Step, now: Timestamp, wid: String) -> Result<Change, Refused> {
    let mut next = run.clone();
    next.ver += 1;
    next.wid = wid;
    let also = if run.state.is_terminal() {
        match step {
            Step::Sent { message } => sent(&mut next, message, now)?,
            Step::Redrive { attempt } => redrive(&mut next, attempt, now)?,
            Step::Hear { attempt } => heard(&mut next, attempt, now)?,
            // What it owes could not be sent, and others are to have their turn.
            Step::LookAgain if run.due.is_some() => {
                next.due = Some(later(now, LOOK_AGAIN_SECS));
                Vec::new()
            }
            _ => return Err(Refused::Ended),
        }
    } else {
        take(&mut next, step, now)?
    };
    Ok(Change { run: next, expects_ver: Some(run.ver), also })
}

/// Takes a step of a run that goes on.
fn take(run: &mut Run, step: Step, now: Timestamp) -> Result<Vec<Also>, Refused> {
    match step {
        Step::Formed { attempt, won, only } => formed(run, attempt, won, only, now),
        Step::Claim { trigger, slot } => claim(run, &trigger, slot, now),
        Step::Wait { wait: what } => wait(run, what, now),
        Step::Overtaken { by } => {
            let is_launched = match run.state {
                State::Admitted | State::Backoff => false,
                // A task of the old launch finds the run over and never gets the fence.
                State::Launching => !launching::is_token_old(run, now),
                _ => true,
            };
            // One of several objects does not overtake the others.
            if !run.latest || run.input.object().is_none() || is_launched {
                return Err(Refused::Stale);
            }
            Ok(end(run, overtaken(&by), now))
        }
        Step::Skip { by } => skipped(run, &by, now),
        Step::Miss { within } => missed(run, within, now),
        Step::Ask => asked(run, now),
        Step::Launched { id, task } => launched(run, &id, task, now),
        Step::Enqueued { id } => enqueued(run, &id, now),
        Step::Refuse { id, claimed_ver, refusal, jitter } => {
            // The step's own write is already counted.
            if run.ver != claimed_ver + 1 {
                return Err(Refused::Stale);
            }
            refuse(run, &id, &refusal, jitter, now)
        }
        Step::Fence { id, task, worker } => fence(run, &id, task, worker, now),
        Step::Progress { id, task, version } => progress(run, &id, task, version, now),
        Step::Report { task, result } => {
            if run.executor.as_ref() != Some(&task) {
                return Err(Refused::Stale);
            }
            if run.result.as_ref() == Some(&result) {
                return Err(Refused::Duplicate);
            }
            run.result = Some(result);
            Ok(Vec::new())
        }
        Step::Settle { id, task, version, outcome, memory, jitter } => {
            of_its_task(run, &id, &task)?;
            run.task_arn = Some(task);
            run.task_version = Some(version);
            Ok(settle(run, Settlement { outcome, memory, jitter }, now))
        }
        Step::Gather { outcome } => gathered(run, outcome, now),
        Step::Stop { why } if why.ends_the_run() => give_up(run, why, now),
        Step::Stop { why } => stop(run, why, now),
        Step::LookAgain => look_again(run, now),
        // Only an ended run owes messages, and only a failed one is redriven.
        Step::Sent { .. } | Step::Redrive { .. } | Step::Hear { .. } => Err(Refused::Stale),
    }
}

fn fence(
    run: &mut Run,
    id: &LaunchId,
    task: String,
    worker: Option<Worker>,
    now: Timestamp,
) -> Result<Vec<Also>, Refused> {
    of_this_task(run, id, &task)?;
    // Only a pool's workers take work that was not started for them, and they take no other.
    if run.pool().is_some() != worker.is_some() {
        return Err(Refused::Stale);
    }
    if run.executor.is_some() {
        return Err(Refused::Duplicate);
    }
    if run.stopping.is_some() {
        return Err(Refused::Stale);
    }
    if let Some((target, worker)) = run.target.as_mut().zip(worker) {
        (target.cluster, target.definition) = (worker.cluster, worker.definition);
        target.container = worker.container;
    }
    let note = format!("{task} does the work");
    run.executor = Some(task.clone());
    if run.state == State::Running {
        let since = run.since;
        enter(run, State::Running, note, now);
        run.since = since;
    } else {
        // Whoever called RunTask may never hear its answer, and no event may say that the task runs.
        runs(run, task, note, now);
    }
    Ok(Vec::new())
}

fn progress(
    run: &mut Run,
    id: &LaunchId,
    task: String,
    version: i64,
    now: Timestamp,
) -> Result<Vec<Also>, Refused> {
    of_its_task(run, id, &task)?;
    if run.state == State::Running || run.task_version.is_some_and(|known| version <= known) {
        return Err(Refused::Duplicate);
    }
    run.task_version = Some(version);
    runs(run, task, "the task runs".into(), now);
    Ok(Vec::new())
}

fn runs(run: &mut Run, task: String, note: String, now: Timestamp) {
    run.task_arn = Some(task);
    run.lease_until = None;
    enter(run, State::Running, note, now);
    run.due = Some(if run.stopping.is_some() { now } else { next_look(run, now) });
}

fn stop(run: &mut Run, why: Stopping, now: Timestamp) -> Result<Vec<Also>, Refused> {
    if run.stopping.is_some() {
        return Err(Refused::Duplicate);
    }
    if run.overdue(now).as_ref() != Some(&why) {
        return Err(Refused::Stale);
    }
    stopping(run, why, now);
    Ok(Vec::new())
}

/// Whoever looks at the run from now on stops its task.
fn stopping(run: &mut Run, why: Stopping, now: Timestamp) {
    let note = format!("the task is stopped: {why}");
    run.stopping = Some(why);
    if run.state != State::Launching {
        run.due = Some(now);
    }
    let (state, since) = (run.state, run.since);
    enter(run, state, note, now);
    run.since = since;
}

fn look_again(run: &mut Run, now: Timestamp) -> Result<Vec<Also>, Refused> {
    if run.due.is_none() {
        return Err(Refused::Stale);
    }
    // One without a task could not be looked at, and others are to have their turn.
    let has_task = matches!(run.state, State::Launched | State::Running);
    run.due = Some(if has_task { next_look(run, now) } else { later(now, WAY_SECS) });
    Ok(Vec::new())
}

/// When a launched run is looked at next: at its deadline, and now and then before.
fn next_look(run: &Run, now: Timestamp) -> Timestamp {
    if run.lies_in_pool() {
        return later(now, POOL_LOOK_SECS);
    }
    if run.stopping.is_some() {
        return later(now, STOP_AGAIN_SECS);
    }
    let limit = run.target.as_ref().and_then(|target| match run.state {
        State::Launched => Some(target.start_timeout_secs),
        _ => target.timeout_secs,
    });
    let deadline = limit.zip(run.since).map(|(secs, since)| later(since, i64::from(secs)));
    let usual = later(now, LOOK_AGAIN_SECS);
    deadline.filter(|deadline| *deadline > now).map_or(usual, |deadline| deadline.min(usual))
}

fn of_this_launch(run: &Run, id: &LaunchId) -> Result<(), Refused> {
    // A run of several shards launches nothing itself.
    if run.launch_id() == *id && run.shards.is_none() { Ok(()) } else { Err(Refused::Stale) }
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

/// The same of a task that was started for the run, or has its fence: while the run lies in a pool,
/// there is none.
fn of_its_task(run: &Run, id: &LaunchId, task: &str) -> Result<(), Refused> {
    of_this_task(run, id, task)?;
    if run.pool().is_some() && run.executor.is_none() { Err(Refused::Stale) } else { Ok(()) }
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
    run.since = Some(now);
    if run.history.len() >= HISTORY_MAX {
        run.history.pop();
    }
    run.history.push(Entry { at: now, state, note });
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
