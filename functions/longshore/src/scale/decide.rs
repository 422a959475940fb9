//! The decision: steps 1 to 7, then what keeps them from doing harm.

use super::{
    bounds::{SOME_MESSAGES, busy, most},
    deadline::{Load, deadline, forecast},
    decision::{Decision, Reason, Urgent},
    fleet::{Fleet, carry_out},
    number::tasks,
    observe::{Observation, Seen},
    patience::can_wait,
    policy::Policy,
    state::{News, State},
    steady::steady,
    surge::Rates,
};

/// How long a queue that cannot be read is left what was decided last; from then on nothing is
/// launched but `minTasks`. Ten times the usual time between two readings.
const BLIND_SECS: f64 = 50.0;

/// A number of tasks, before it meets what can be done.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    pub(super) to: u32,
    pub(super) reason: Reason,
    /// Most tasks that may leave.
    pub(super) drain_max: u32,
    pub(super) arrivals_per_sec: f64,
    pub(super) urgent: Option<Urgent>,
}

/// How many tasks there should be.
///
/// Within what is believed of an observation the number never falls when more messages are
/// visible, lies from `minTasks` to `maxTasks`, and is never below the tasks that are at work,
/// unless `maxTasks` is. Without a reading nothing leaves.
#[must_use]
pub fn decide(observation: &Observation, mut state: State, policy: &Policy) -> (Decision, State) {
    let seen = Seen::of(observation);
    state.launches.learn(&seen);
    state.service.learn(&seen);
    state.told.hear(&seen);
    let fleet = Fleet::of(&seen, &state.launches, policy);
    let wish = match state.news(&seen) {
        Some(news) => {
            let arrivals = count(&news, &seen, &mut state, policy);
            let rates = state.surge.judge(&state.arrivals, &news, arrivals, policy);
            let wish = wish(&news, &seen, &fleet, &rates, &mut state, policy);
            // Learnt only now: what a reading means is judged by what was known before it.
            if rates.is_new {
                state.arrivals.adopt(rates.per_sec);
            } else {
                state.arrivals.learn(arrivals, news.secs);
            }
            wish
        }
        None => hold(&seen, &fleet, &state, policy),
    };
    let decision = carry_out(&wish, &seen, &fleet, &mut state, policy);
    state.target = decision.to;
    (decision, state)
}

/// Step 2 and the backlog of step 5: arrivals since the last reading, and what waits now.
fn count(news: &News, seen: &Seen, state: &mut State, policy: &Policy) -> f64 {
    let finished = state.told.completions(news, seen, &state.service, policy);
    let arrivals = state.arrivals.count(news, finished);
    state.backlog.follow(news, arrivals, finished + news.taken);
    arrivals
}

/// Steps 4 to 7.
fn wish(
    news: &News,
    seen: &Seen,
    fleet: &Fleet,
    rates: &Rates,
    state: &mut State,
    policy: &Policy,
) -> Wish {
    let load = Load {
        policy,
        tuning: policy.bias.tuning(),
        supply: &fleet.supply,
        at_secs: news.at_secs,
        visible: news.visible,
        in_flight: (news.in_flight - seen.draining.in_flight).max(0.0),
        service_secs: state.service.planned_secs(policy),
        launch_secs: state.launches.mean_secs(),
    };
    let kept = steady(rates.per_sec, &load);
    let (due, urgent) = deadline(&state.backlog, &load);
    let (need, reason) = greatest(kept, due, forecast(rates, &load));
    let cap = most(rates, &load);
    let (mut want, mut reason) = bound(tasks(need), reason, cap, kept, &load);
    if want == 1
        && kept <= 0.0
        && policy.min_tasks == 0
        && can_wait(fleet.from, &state.backlog, rates, &load)
    {
        (want, reason) = (0, Reason::Later);
    }
    let floor = tasks(kept).min(cap).max(policy.min_tasks);
    // Those at work stay as long as they are; those that are wanted no more, for their time.
    let at_work = busy(&load);
    let kept = state.floor.push(news.at_secs, floor, load.tuning.hold_secs);
    let wanted = state.wanted.push(news.at_secs, want, load.tuning.hold_burst_secs);
    let stay = kept.max(wanted).max(at_work).min(fleet.from);
    let to = want.max(stay).min(policy.max_tasks);
    let reason = if to > want { Reason::Hold } else { reason };
    let urgent = urgent.map(|segment| Urgent {
        messages: segment.messages,
        waited_secs: (news.at_secs - segment.at_secs).max(0.0),
    });
    // Whoever is at work may be among those whose first minute is over.
    let drain_max = seen.may_leave.saturating_sub(at_work);
    Wish { to, reason, drain_max, arrivals_per_sec: rates.per_sec, urgent }
}

/// The most that the steps ask for, and which of them does.
fn greatest(kept: f64, due: f64, ahead: f64) -> (f64, Reason) {
    if kept >= due && kept >= ahead {
        (kept, Reason::Steady)
    } else if due >= ahead {
        (due, Reason::Deadline)
    } else {
        (ahead, Reason::Forecast)
    }
}

/// Step 6: a need within what there is to do, and within the settings.
fn bound(need: u32, reason: Reason, cap: u32, kept: f64, load: &Load<'_>) -> (u32, Reason) {
    let is_some = load.visible + load.in_flight >= SOME_MESSAGES;
    let (mut want, mut reason) = if need > cap { (cap, Reason::Cap) } else { (need, reason) };
    if !is_some && kept <= 0.0 {
        (want, reason) = (0, Reason::Cap);
    } else if is_some && want == 0 {
        (want, reason) = (1, Reason::Deadline);
    }
    let Policy { min_tasks, max_tasks, .. } = *load.policy;
    match want {
        _ if want < min_tasks => (min_tasks, Reason::Min),
        _ if want > max_tasks => (max_tasks, Reason::Max),
        _ => (want, reason),
    }
}

/// What to do when the queue could not be read: what was decided stands, for a while; nothing
/// leaves.
fn hold(seen: &Seen, fleet: &Fleet, state: &State, policy: &Policy) -> Wish {
    let is_recent = |last_secs: f64| {
        seen.at_secs.is_some_and(|at_secs| (at_secs - last_secs).abs() <= BLIND_SECS)
    };
    let decided = match state.last {
        Some(last) if is_recent(last.at_secs) => state.target,
        _ => 0,
    };
    let to = fleet.from.max(decided).clamp(policy.min_tasks, policy.max_tasks);
    let arrivals_per_sec = state.arrivals.per_sec();
    Wish { to, reason: Reason::Stale, drain_max: 0, arrivals_per_sec, urgent: None }
}

#[cfg(test)]
mod flapping;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
