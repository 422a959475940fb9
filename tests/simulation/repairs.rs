//! What was lost, and how long it took until the run knew.

use std::collections::{BTreeMap, BTreeSet};

use longshore::run::{LaunchId, Run, RunId, State};

use super::{
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
    overdue: BTreeSet<LaunchId>,
    redriven: BTreeSet<RunId>,
    mates: BTreeSet<String>,
}

impl Repairs {
    /// The worker of a pool is gone.
    pub(super) fn loses_mate(&mut self, task: &str) {
        self.mates.insert(task.to_owned());
    }
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

    /// Somebody decides to redrive the run.
    pub(super) fn redrives(&self, id: &RunId) {
        self.repairs(|repairs, _| repairs.redriven.insert(id.clone()));
    }

    /// Whether anybody ever did.
    pub(super) fn is_redriven(&self, id: &RunId) -> bool {
        self.repairs(|repairs, _| repairs.redriven.contains(id))
    }

    /// The task of `id` has stopped.
    pub(super) fn ends_task(&self, id: &LaunchId) {
        self.repairs(|repairs, _| repairs.over.insert(id.clone()));
    }

    /// Whether the task of the run, or the worker that had it, has stopped or let go of it.
    pub(super) fn has_ended(&self, run: &Run) -> bool {
        let mate = run.executor.as_deref().unwrap_or_default();
        self.repairs(|repairs, _| {
            repairs.over.contains(&run.launch_id()) || repairs.mates.contains(mate)
        })
    }

    /// Whether a sweep wrote that the time of the task of `id` is over: then it is, even if
    /// somebody else stops the task before the sweep does.
    pub(super) fn is_overdue(&self, id: &LaunchId) -> bool {
        self.repairs(|repairs, _| repairs.overdue.contains(id))
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
        // A refusal would have gone through backoff, and only who gave up is overtaken so late.
        let is_next = new.state == old.state && new.launch > old.launch;
        if old.state == State::Launching && (is_next || new.state == State::Superseded) {
            self.repairs(|repairs, stats| {
                stats.uncertain += 1;
                repairs.given_up.insert((id.run.clone(), id.attempt));
            });
        }
        if old.stopping.is_none() && new.stopping.is_some() {
            self.repairs(|repairs, _| repairs.overdue.insert(id.clone()));
        }
        let is_left = old.state == State::Launching && new.state != State::Launching;
        let is_over = matches!(old.state, State::Launched | State::Running | State::Launching)
            && (new.state.is_terminal() || new.launch_id() != id);
        if is_left {
            let called_ms = self.repairs(|repairs, _| repairs.called.get(&id).copied());
            let took_ms = called_ms.map(|at_ms| now_ms - at_ms);
            if let Some(ms) = took_ms.filter(|ms| *ms > OWN_ANSWER_MS_MAX) {
                self.launch_took(ms, &id);
            }
        }
        if is_over {
            let stopped_ms = self.repairs(|repairs, _| repairs.stopped.remove(&id));
            if let Some(at_ms) = stopped_ms {
                self.stop_took(now_ms - at_ms, &id);
            }
        }
    }

    fn launch_took(&self, ms: u64, id: &LaunchId) {
        let is_all = self.is(Kind::LaunchLost);
        self.count(|stats| {
            stats.lost_launches.took(ms);
            if is_all {
                stats.only_launches.took(ms);
            }
        });
        if is_all && ms > LAUNCH_MS_MAX {
            self.violate("a lost launch is repaired within 180 s", format!("{ms} ms: {id}"));
        }
    }

    fn stop_took(&self, ms: u64, id: &LaunchId) {
        let is_all = self.is(Kind::StopLost);
        self.count(|stats| {
            stats.lost_stops.took(ms);
            if is_all {
                stats.only_stops.took(ms);
            }
        });
        if is_all && ms > STOP_MS_MAX {
            self.violate("a lost stop is settled within 300 s", format!("{ms} ms: {id}"));
        }
    }
}
