//! Launching: from the claim until ECS has named the task or refused.

use jiff::Timestamp;

use super::{
    LEASE_SECS, TOKEN_REUSE_SECS, WAY_SECS, end,
    ending::unwanted,
    enter, later, next_look, not_before, of_this_launch,
    shards::{begin_shards, shards},
};
use crate::{
    backoff::wait_secs,
    run::{
        change::{Also, ObjectHold, Slot},
        identity::LaunchId,
        outcome::{Class, Outcome},
        refusal::{LaunchRefusal, RefusalKind},
        state::{Run, State, Stopping, Target, Wait},
        steps::Refused,
    },
    trigger::{Circumstances, Launch, Seconds, Trigger},
};

/// Longest wait for capacity, in seconds, at the least.
const CAPACITY_WAIT_SECS_MAX: u32 = 900;
/// How soon a run that waits for an older version is looked at, if nobody tells it sooner.
const OLDER_AGAIN_SECS: i64 = 60;
/// The same of a run that has waited long: it looks again when it has waited as long again, but
/// within a quarter of an hour.
const OLDER_AGAIN_SECS_MAX: i64 = 900;

pub(super) fn claim(
    run: &mut Run,
    trigger: &Trigger,
    slot: Option<u32>,
    now: Timestamp,
) -> Result<Vec<Also>, Refused> {
    match run.state {
        State::Admitted if let Some(Wait::Until(begins)) = run.waits => {
            not_before(Some(begins), now)?;
        }
        // Whoever says that there is room knows better than the time at which to ask again; so does
        // the tick of a shard.
        State::Admitted if run.waits.is_some() || run.is_shard() => {}
        State::Admitted | State::Backoff => not_before(run.due, now)?,
        State::Launching => not_before(run.lease_until, now)?,
        _ => return Err(Refused::Duplicate),
    }
    let token_is_old = is_token_old(run, now);
    let is_new_launch = run.first_call_at.is_none() || token_is_old;
    if token_is_old {
        if let Some(why) = run.stopping.clone().filter(Stopping::ends_the_run) {
            return Ok(end(run, unwanted(&why), now));
        }
        // A task of the old launch may exist; it finds the launch over and never gets the fence.
        run.launch += 1;
        run.first_call_at = None;
    }
    // A launch under way without a slot began when there was no limit, and may have its task.
    let is_under_way = run.state == State::Launching;
    let mut also = if is_under_way { Vec::new() } else { take_room(run, trigger, slot)? };
    run.waits = None;
    if let Some(of) = shards(run, trigger) {
        also.extend(begin_shards(run, of, now));
        return Ok(also);
    }
    run.first_call_at.get_or_insert(now);
    run.lease_until = Some(later(now, LEASE_SECS));
    run.due = run.lease_until;
    let note = format!("launch {} of attempt {} claimed", run.launch, run.attempt);
    enter(run, State::Launching, note, now);
    if !is_new_launch {
        return Ok(also);
    }
    let circumstances = Circumstances {
        capacity_refusals: run.spent.capacity,
        is_spot_over: run.spent.is_spot_over(),
        memory: run.spent.memory,
        losses: run.spent.losses,
    };
    let launch = Launch::freeze(trigger, &run.input, &run.launch_id(), &circumstances);
    run.target = Some(Target {
        cluster: launch.task.cluster.clone(),
        definition: launch.task.definition.clone(),
        container: launch.task.container.clone(),
        start_timeout_secs: launch.task.start_timeout.get(),
        timeout_secs: launch.task.timeout.map(Seconds::get),
        retry: trigger.retry.clone(),
        queue: launch.pool.as_ref().map(|pool| pool.queue.clone()),
    });
    // Several objects have been the run's alone since it claimed them.
    if let Some(object) = run.input.object().filter(|_| run.latest) {
        also.push(Also::HoldObject(ObjectHold {
            trigger: run.trigger.clone(),
            object: object.object(),
            run: run.id.clone(),
        }));
        run.holds = true;
    }
    also.push(Also::Launch(Box::new(launch)));
    Ok(also)
}

/// Whether the present client token may be forgotten by ECS.
pub(super) fn is_token_old(run: &Run, now: Timestamp) -> bool {
    run.first_call_at.is_some_and(|first| now >= later(first, TOKEN_REUSE_SECS))
}

/// A slot, if the trigger limits its runs at once and this one has none yet.
fn take_room(run: &mut Run, trigger: &Trigger, slot: Option<u32>) -> Result<Vec<Also>, Refused> {
    if run.slots(trigger).is_none() {
        return Ok(Vec::new());
    }
    let number = slot.ok_or(Refused::NeedsSlot)?;
    run.slot = Some(number);
    let (trigger, run) = (run.trigger.clone(), run.id.clone());
    Ok(vec![Also::TakeSlot(Slot { trigger, number, run })])
}

pub(super) fn wait(run: &mut Run, wait: Wait, now: Timestamp) -> Result<Vec<Also>, Refused> {
    let state = match (run.state, &wait) {
        // Who found no room read it before it had its slot, and kept there it would bar the older.
        (State::Admitted | State::Backoff, Wait::Slot) if run.slot.is_some() => {
            return Err(Refused::Stale);
        }
        (State::Admitted | State::Backoff, _) => State::Admitted,
        // It waits with what it has claimed, for what an older run still holds.
        (State::Forming, Wait::Older(_)) => State::Forming,
        _ => return Err(Refused::Stale),
    };
    // Nobody has to look at a run that its trigger's other runs, or its resumption, will start.
    let due = match &wait {
        // The others of its tick wait for it, and keep room that the queue before it may want.
        Wait::Slot | Wait::Paused if run.is_shard() => Some(later(now, WAY_SECS)),
        Wait::Slot | Wait::Paused => None,
        // Nobody tells a run of several objects that the other has ended.
        Wait::Older(_) if state == State::Forming => {
            let waited = run.since.map_or(0, |since| now.duration_since(since).as_secs());
            Some(later(now, waited.clamp(OLDER_AGAIN_SECS, OLDER_AGAIN_SECS_MAX)))
        }
        Wait::Older(_) => Some(later(now, OLDER_AGAIN_SECS)),
        Wait::Permit => Some(later(now, 1)),
        // Only an admission says so.
        Wait::Until(_) => return Err(Refused::Stale),
    };
    let is_known = run.waits.as_ref() == Some(&wait);
    if is_known && (due.is_none() || run.due > Some(now)) {
        return Err(Refused::Duplicate);
    }
    if !is_known {
        enter(run, state, wait.to_string(), now);
    }
    // A run that keeps its slot while it waits in the queue would keep the older ones there.
    let slot = if wait == Wait::Paused { run.slot.take() } else { None };
    run.state = state;
    run.waits = Some(wait);
    run.due = due;
    let (trigger, id) = (&run.trigger, &run.id);
    let free = |number| Slot { trigger: trigger.clone(), number, run: id.clone() };
    Ok(slot.map(|number| Also::FreeSlot(free(number))).into_iter().collect())
}

pub(super) fn launched(
    run: &mut Run,
    id: &LaunchId,
    task: String,
    now: Timestamp,
) -> Result<Vec<Also>, Refused> {
    of_this_launch(run, id)?;
    if run.state != State::Launching || run.pool().is_some() {
        return Err(Refused::Duplicate);
    }
    run.lease_until = None;
    enter(run, State::Launched, format!("ECS started {task}"), now);
    run.task_arn = Some(task);
    run.due = Some(if run.stopping.is_some() { now } else { next_look(run, now) });
    Ok(Vec::new())
}

pub(super) fn enqueued(run: &mut Run, id: &LaunchId, now: Timestamp) -> Result<Vec<Also>, Refused> {
    of_this_launch(run, id)?;
    let again = run.lies_in_pool();
    if !again && (run.state != State::Launching || run.pool().is_none()) {
        return Err(Refused::Duplicate);
    }
    run.lease_until = None;
    let note = if again {
        "sent once more to the queue of its pool"
    } else {
        "lies in the queue of its pool"
    };
    enter(run, State::Launched, note.into(), now);
    run.due = Some(if run.stopping.is_some() { now } else { next_look(run, now) });
    Ok(Vec::new())
}

pub(super) fn refuse(
    run: &mut Run,
    id: &LaunchId,
    refusal: &LaunchRefusal,
    jitter: u64,
    now: Timestamp,
) -> Result<Vec<Also>, Refused> {
    of_this_launch(run, id)?;
    let is_launching = run.state == State::Launching || run.lies_in_pool();
    if !is_launching || run.executor.is_some() {
        return Err(Refused::Stale);
    }
    run.lease_until = None;
    run.first_call_at = None;
    if let Some(why) = run.stopping.clone().filter(Stopping::ends_the_run) {
        return Ok(end(run, unwanted(&why), now));
    }
    let refusals = match refusal.kind {
        RefusalKind::Capacity => &mut run.spent.capacity,
        RefusalKind::Inactive => &mut run.spent.inactive,
        _ => &mut run.spent.refusals,
    };
    *refusals += 1;
    let refusals = *refusals;
    if refusals >= refusal.kind.most() {
        let reason = format!("{} refused to launch: {}", run.launcher(), refusal.reason);
        return Ok(end(run, Outcome::new(Class::Launch, reason), now));
    }
    run.launch += 1;
    let backoff = run.target.as_ref().map(|target| target.retry.backoff).unwrap_or_default();
    let secs_max = match refusal.kind {
        // Room may be wanting for a day, however impatient the trigger is with its own work.
        RefusalKind::Capacity => backoff.max.get().max(CAPACITY_WAIT_SECS_MAX),
        _ => backoff.max.get(),
    };
    let wait_secs = wait_secs(backoff.base.get(), secs_max, refusals - 1, jitter);
    run.due = Some(later(now, i64::from(wait_secs)));
    let note =
        format!("{} refused: {}; next launch in {wait_secs} s", run.launcher(), refusal.reason);
    enter(run, State::Backoff, note, now);
    Ok(Vec::new())
}
