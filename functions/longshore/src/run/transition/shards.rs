//! A tick of several tasks: a run for each of them, and one that begins and ends with them all.

use jiff::Timestamp;

use super::{LOOK_AGAIN_SECS, admission::begun, end, enter, later};
use crate::{
    run::{
        change::Also,
        outcome::Outcome,
        state::{Entry, Run, State},
        steps::Refused,
    },
    trigger::{Input, Shard, TickInput, Trigger},
};

/// Of how many shards the run is, if it is of several. One that has had a task stays as it is.
pub(super) fn shards(run: &Run, trigger: &Trigger) -> Option<u32> {
    let may_have = run.input.tick().is_some() && !run.is_shard() && run.target.is_none();
    run.shards.or(trigger.shards().filter(|_| may_have))
}

/// Begins the runs of the shards with this one; if it is redriven, they are there.
pub(super) fn begin_shards(run: &mut Run, of: u32, now: Timestamp) -> Vec<Also> {
    let are_there = run.shards.replace(of).is_some();
    enter(run, State::Running, format!("goes on in {of} shards"), now);
    run.due = Some(later(now, LOOK_AGAIN_SECS));
    let tick = run.input.tick().copied().filter(|_| !are_there);
    let shards = tick.into_iter().flat_map(|tick| {
        let shard = move |number| TickInput { shard: Some(Shard { number, of }), ..tick };
        (0..of).map(shard)
    });
    let parts = shards.zip(run.shard_ids()).map(|(tick, id)| Run {
        parent: Some(run.id.clone()),
        admitted_at: run.admitted_at,
        history: vec![Entry { at: now, state: State::Admitted, note: format!("{tick}") }],
        ..begun(id, &run.trigger, Input::Tick(tick), now, run.wid.clone())
    });
    parts.map(|part| Also::Part(Box::new(part))).collect()
}

/// All shards have ended, and so does the run.
pub(super) fn gathered(
    run: &mut Run,
    outcome: Outcome,
    now: Timestamp,
) -> Result<Vec<Also>, Refused> {
    if run.state != State::Running || run.shards.is_none() {
        return Err(Refused::Stale);
    }
    // What was done when it was stopped is done.
    let outcome = match &run.stopping {
        Some(why) if outcome.class.state() != State::Succeeded => {
            Outcome::new(why.class(), why.to_string())
        }
        _ => outcome,
    };
    Ok(end(run, outcome, now))
}
