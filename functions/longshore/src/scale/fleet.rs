//! The tasks that there are, and what of a wish can be done with them now.

use super::{
    decide::Wish,
    decision::{Decision, Numbers, Reason},
    launches::Launches,
    observe::Seen,
    policy::Policy,
    state::State,
    supply::Supply,
};

/// The tasks that there are.
#[derive(Debug)]
pub(super) struct Fleet {
    pub(super) supply: Supply,
    /// Tasks that receive or start.
    pub(super) from: u32,
    starting: u32,
    /// All that there may be, those included that leave or are lost.
    alive: u32,
}

impl Fleet {
    /// Tasks that take three times as long to start as usual are not counted upon any more, and are
    /// still there for all that anybody knows.
    pub(super) fn of(seen: &Seen, launches: &Launches, policy: &Policy) -> Self {
        let lost_secs = launches.lost_secs();
        let ages = &seen.starting_secs;
        let soon = &ages[..ages.partition_point(|secs| *secs <= lost_secs)];
        let count = |list: &[f64]| u32::try_from(list.len()).unwrap_or(u32::MAX);
        let starting = count(soon);
        let alive = seen.running.saturating_add(count(ages)).saturating_add(seen.draining.tasks);
        let running = f64::from(seen.running);
        Self {
            supply: Supply::new(policy.slots, running, soon, launches.mean_secs()),
            from: seen.running.saturating_add(starting),
            starting,
            alive,
        }
    }
}

/// What can be done now: launches within the settings, the pace of ECS and the breaker, and drains
/// of tasks whose first minute is over and that are not at work.
pub(super) fn carry_out(
    wish: &Wish,
    seen: &Seen,
    fleet: &Fleet,
    state: &mut State,
    policy: &Policy,
) -> Decision {
    let Wish { to, mut reason, drain_max, arrivals_per_sec, urgent } = *wish;
    let wanted = to.saturating_sub(fleet.from);
    let room = policy.max_tasks.saturating_sub(fleet.alive);
    let mut limit = |launch: u32, most: u32, why: Reason| {
        if most < launch {
            reason = why;
        }
        launch.min(most)
    };
    let launch = limit(wanted, room, Reason::Max);
    let launch = limit(launch, seen.launches_max, Reason::Throttled);
    let tried = state.launches.allowed(seen.at_secs.unwrap_or_default(), launch);
    let launch = limit(launch, tried, Reason::Failing);
    let unwanted = fleet.from.saturating_sub(to);
    let drain = unwanted.min(drain_max);
    if drain < unwanted && reason != Reason::Stale {
        reason = Reason::PaidMinute;
    }
    let (visible, in_flight) = state.last.map_or((0.0, 0.0), |last| (last.visible, last.in_flight));
    let (service_secs, launch_secs) =
        (state.service.planned_secs(policy), state.launches.mean_secs());
    let numbers = Numbers {
        visible,
        in_flight,
        running: seen.running,
        starting: fleet.starting,
        arrivals_per_sec,
        completions_per_sec: state.told.per_sec(),
        service_secs,
        launch_secs,
        longest_wait_secs: longest_wait_secs(seen, fleet, state, service_secs, launch),
        urgent,
        launches_failed: state.launches.failing().unwrap_or(0),
        read_secs_ago: read_secs_ago(seen, state),
    };
    Decision { from: fleet.from, to, launch, drain, reason, numbers }
}

/// Longest that one of the messages which wait now will have waited when its work begins.
fn longest_wait_secs(
    seen: &Seen,
    fleet: &Fleet,
    state: &State,
    service_secs: f64,
    launch: u32,
) -> Option<f64> {
    let at_secs = seen.at_secs.unwrap_or_default();
    let in_flight = state.last.map_or(0.0, |last| last.in_flight);
    let in_flight = (in_flight - seen.draining.in_flight).max(0.0);
    let launch_secs = state.launches.mean_secs();
    let mut longest: f64 = 0.0;
    for prefix in state.backlog.prefixes() {
        // It begins when all before it are done, but for one in each slot; at least it is last.
        let work_secs = (prefix.messages + in_flight) * service_secs;
        let done_in = fleet.supply.done_in(work_secs, launch.into(), launch_secs)?;
        let begins_in = (done_in - service_secs).max(0.0);
        longest = longest.max(at_secs - prefix.at_secs + begins_in);
    }
    Some(longest)
}

fn read_secs_ago(seen: &Seen, state: &State) -> Option<f64> {
    Some((seen.at_secs? - state.last?.at_secs).max(0.0))
}
