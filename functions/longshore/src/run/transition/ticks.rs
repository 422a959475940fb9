//! Ticks of a schedule that start nothing.

use jiff::Timestamp;

use super::{end, enter};
use crate::{
    run::{
        change::{Also, Change},
        identity::RunId,
        outcome::{Class, Outcome},
        state::Run,
        steps::Refused,
    },
    trigger::{Input, Seconds},
};

/// The run of another tick is not over, and the trigger says to skip.
pub(super) fn skipped(run: &mut Run, by: &RunId, now: Timestamp) -> Result<Vec<Also>, Refused> {
    if !run.is_unbegun_tick() {
        return Err(Refused::Stale);
    }
    let reason = format!("skipped: run {by}, about another tick, is not over");
    Ok(end(run, Outcome::new(Class::Skipped, reason), now))
}

/// It could not start in time.
pub(super) fn missed(run: &mut Run, within: Seconds, now: Timestamp) -> Result<Vec<Also>, Refused> {
    let Some(tick) = run.input.tick().copied().filter(|_| run.is_missed(within, now)) else {
        return Err(Refused::Stale);
    };
    let late_secs = now.duration_since(tick.scheduled_at).as_secs();
    let most = within.get();
    let reason = format!("missed: it would start {late_secs} s late, of at most {most} s");
    Ok(end(run, Outcome::new(Class::Missed, reason), now))
}

/// It is neither skipped nor missed from now on.
pub(super) fn asked(run: &mut Run, now: Timestamp) -> Result<Vec<Also>, Refused> {
    if !run.is_unbegun_tick() {
        return Err(Refused::Stale);
    }
    let Input::Tick(tick) = &mut run.input else { return Err(Refused::Stale) };
    tick.asked = true;
    let (state, since) = (run.state, run.since);
    enter(run, state, "somebody asks for it".into(), now);
    run.since = since;
    Ok(Vec::new())
}

/// The run of a tick of which the schedule sent no event, and that is only recorded.
#[must_use]
pub fn unheard(admission: Change, now: Timestamp) -> Change {
    let Change { mut run, expects_ver, .. } = admission;
    let reason = "missed: its schedule sent no event of it";
    let also = end(&mut run, Outcome::new(Class::Unheard, reason), now);
    Change { run, expects_ver, also }
}
