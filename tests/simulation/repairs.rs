//! What was lost, and how long it took until the run knew.

use std::collections::{BTreeMap, BTreeSet};

use longshore::run::{LaunchId, Run, RunId, State};

use super::{
    stats::Stats,
    weather::Kind,
    world::{SECOND, World},
};

/// Beyond it, whoever called RunTask has not written down the answer.
const OWN_ANSWER_MS_MAX: u64 = 25 * SECOND;
/// Bound of lost launches, where nothing else goes wrong.
const LAUNCH_MS_MAX: u64 = 180 * SECOND;
/// Bound of lost stops, likewise.
const STOP_MS_MAX: u64 = 300 * SECOND;

/// Instants, in milliseconds, by launch.
#[derive(Debug, Default)]
pub(super) struct Repairs {
    called: BTreeMap<LaunchId, u64>,
    stopped: BTreeMap<LaunchId, u64>,
    given_up: BTreeSet<(RunId, u32)>,
    over: BTreeSet<LaunchId>,
}

impl World {
    /// RunTask is called for `id`.
    pub(super) fn calls_run_task(&self, id: &LaunchId) {
        let now_ms = self.now_ms();
        self.repairs(|repairs, _| {
            repairs.called.entry(id.clone()).or_insert(now_ms);
        });
    }

    /// The task of `id` has stopped, and no event of it is delivered.
    pub(super) fn loses_stop(&self, id: &LaunchId) {
        let now_ms = self.now_ms();
        self.repairs(|repairs, _| {
            repairs.stopped.insert(id.clone(), now_ms);
        });
    }

    /// The task of `id` has stopped.
    pub(super) fn ends_task(&self, id: &LaunchId) {
        self.repairs(|repairs, _| repairs.over.insert(id.clone()));
    }

    /// Whether the task of `id` has stopped.
    pub(super) fn has_ended(&self, id: &LaunchId) -> bool {
        self.repairs(|repairs, _| repairs.over.contains(id))
    }

    /// Whether a launch of the attempt was given up, not knowing whether it had started a task.
    pub(super) fn is_uncertain(&self, id: &LaunchId) -> bool {
        self.repairs(|repairs, _| repairs.given_up.contains(&(id.run.clone(), id.attempt)))
    }

    /// Whether any launch of the history was given up so.
    pub(super) fn is_any_uncertain(&self) -> bool {
        self.repairs(|repairs, _| !repairs.given_up.is_empty())
    }

    /// Measures what the write of `new` over `old` has repaired.
    pub(super) fn repaired(&self, old: &Run, new: &Run) {
        let now_ms = self.now_ms();
        let id = old.launch_id();
        let is_left = old.state == State::Launching && new.state != State::Launching;
        let is_over = matches!(old.state, State::Launched | State::Running | State::Launching)
            && (new.state.is_terminal() || new.launch_id() != id);
        let took = |stats: &mut Stats, repairs: &mut Repairs| {
            let launch = repairs.called.get(&id).filter(|_| is_left).map(|at| now_ms - at);
            let stop = repairs.stopped.remove(&id).filter(|_| is_over).map(|at| now_ms - at);
            let launch = launch.filter(|ms| *ms > OWN_ANSWER_MS_MAX);
            if let Some(ms) = launch {
                stats.lost_launches.took(ms);
            }
            if let Some(ms) = stop {
                stats.lost_stops.took(ms);
            }
            (launch, stop)
        };
        // A refusal would have gone through backoff.
        if old.state == State::Launching && new.state == old.state && new.launch > old.launch {
            self.repairs(|repairs, stats| {
                stats.uncertain += 1;
                repairs.given_up.insert((id.run.clone(), id.attempt));
            });
        }
        if !is_left && !is_over {
            return;
        }
        let (launch, stop) = self.repairs(|repairs, stats| took(stats, repairs));
        if self.is(Kind::LaunchLost) && launch.is_some_and(|ms| ms > LAUNCH_MS_MAX) {
            self.violate("a lost launch is repaired within 180 s", format!("{launch:?} ms: {id}"));
        }
        if self.is(Kind::StopLost) && stop.is_some_and(|ms| ms > STOP_MS_MAX) {
            self.violate("a lost stop is settled within 300 s", format!("{stop:?} ms: {id}"));
        }
    }
}
