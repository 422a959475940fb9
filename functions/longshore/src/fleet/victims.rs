//! Who leaves when there are too many.

use jiff::Timestamp;

use super::{
    ask::{Ask, is_paid},
    beat::Worker,
    crew::{Crew, task_id},
};

/// Most that are told to leave in one tick of five seconds: those of a service give up their
/// protection then, and ECS takes 80 such calls a second ("Request throttling for the Amazon ECS
/// API", developer guide).
const TOLD_MAX: u32 = 400;

/// Workers whose first minute is over.
pub(super) fn may_leave<'a>(crew: &Crew<'a>, asks: &[Ask], now: Timestamp) -> Vec<&'a Worker> {
    crew.receiving.iter().copied().filter(|worker| is_paid(asks, worker, now)).collect()
}

/// Those of them that leave: who works on least first, and of these who has been there longest.
pub(super) fn victims(mut may_leave: Vec<&Worker>, drain: u32) -> Vec<String> {
    let rank = |worker: &&Worker| {
        (worker.beat.in_flight, worker.beat.since, task_id(&worker.beat.task).to_owned())
    };
    may_leave.sort_by_cached_key(rank);
    let drain = usize::try_from(drain.min(TOLD_MAX)).unwrap_or_default();
    may_leave.iter().take(drain).map(|worker| task_id(&worker.beat.task).to_owned()).collect()
}

#[cfg(test)]
mod tests;
