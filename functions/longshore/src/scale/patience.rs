//! Step 4, second half: whether the last task can be done without for now.
//!
//! The only task of a fleet is paid for all the time that it is kept, and has little to do. Where
//! the wait is much longer than a start, it leaves when nothing waits, and the next one is launched
//! as late as the wait allows: what comes meanwhile shares its start and its first minute.

use super::{backlog::Backlog, bounds::SOME_MESSAGES, deadline::Load, surge::Rates};

/// Starts that the wait must have room for, counted by the usual time: one in a hundred takes twice
/// as long, and a share of the wait is left for that too.
const STARTS: f64 = 1.5;
/// Messages that must be expected meanwhile: a message that waits alone shares nothing.
const OTHERS: f64 = 1.0;

/// Seconds that a message can wait for others before a task is launched; 0 if no time is to spare.
pub(super) fn patience_secs(load: &Load<'_>) -> f64 {
    let spare_secs = load.planned_secs() - STARTS * load.launch_secs;
    if load.tuning.is_patient { spare_secs.max(0.0) } else { 0.0 }
}

/// Whether the only task that is wanted, and is not one that is always kept, is not needed yet, or
/// any more. More messages than are usual wait for nobody.
///
/// What is expected is known from before the newest reading: otherwise more messages, from which a
/// higher rate is learnt, could mean that no task is launched.
pub(super) fn can_wait(running: u32, backlog: &Backlog, rates: &Rates, load: &Load<'_>) -> bool {
    let patience_secs = patience_secs(load);
    if rates.before_per_sec * patience_secs < OTHERS {
        return false;
    }
    if load.visible < SOME_MESSAGES {
        return true;
    }
    let waited_secs = backlog.prefixes().next().map_or(0.0, |oldest| load.at_secs - oldest.at_secs);
    let is_first = running == 0 && load.in_flight < SOME_MESSAGES;
    let is_usual = rates.surge_secs <= 0.0;
    is_first && is_usual && waited_secs < patience_secs
}

#[cfg(test)]
mod tests;
