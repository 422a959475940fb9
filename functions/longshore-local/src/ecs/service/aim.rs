//! A service and its tasks as a decision needs them, and what is said of the decision.

use jiff::Timestamp;

use super::{
    super::task::{Status, Task},
    decide::{Aim, Blocked, Decision, HEALTHY_AFTER, Seen},
    record::{RolloutState, Service, Standstill},
};

impl Service {
    /// What it is to become, unless nothing is deployed any more.
    pub(super) fn aim(&self, now: Timestamp) -> Option<Aim<'_>> {
        let primary = self.primary()?;
        let is_failed = primary.rollout == RolloutState::Failed;
        let is_throttled = primary.throttle.until(now).is_some();
        Some(Aim {
            desired: usize::try_from(self.desired_count).unwrap_or(usize::MAX),
            healthy_min: self.rolling.healthy_min(self.desired_count),
            alive_max: self.rolling.alive_max(self.desired_count),
            primary: &primary.id,
            may_start: !is_failed && !is_throttled,
            replaces: !is_failed,
        })
    }

    /// When something changes that nobody tells of: a pause is over, a protection, or the time
    /// after which a task is healthy.
    pub(super) fn wakes_at(&self, tasks: &[&Task], now: Timestamp) -> Option<Timestamp> {
        let pause = self.primary().and_then(|primary| primary.throttle.until(now));
        let protections = tasks.iter().filter_map(|task| task.protected_until);
        let healthy = tasks.iter().filter_map(|task| Some(task.started_at? + HEALTHY_AFTER));
        pause.into_iter().chain(protections).chain(healthy).filter(|at| *at > now).min()
    }

    /// Tells of tasks that start and of tasks that are stopped.
    pub(super) fn tell(&mut self, started: &[&str], stopped: &[&str], now: Timestamp) {
        let listed = |ids: &[&str]| {
            ids.iter().map(|id| format!("(task {id})")).collect::<Vec<_>>().join(" ")
        };
        if !started.is_empty() {
            self.standstill = None;
            self.say(now, &format!("has started {} tasks: {}.", started.len(), listed(started)));
        }
        if !stopped.is_empty() {
            self.standstill = None;
            let count = stopped.len();
            self.say(now, &format!("has stopped {count} running tasks: {}.", listed(stopped)));
        }
    }

    /// Tells once why nothing can be done.
    pub(super) fn tell_of_blocked(&mut self, blocked: Blocked, now: Timestamp) {
        match blocked {
            Blocked::Protection => self.stand_still(
                Standstill::Protected,
                now,
                "was unable to reach steady state because it was unable to scale in. Reason: The \
                 number of protected tasks are more than the desired count of tasks.",
            ),
            Blocked::Percentages => self.stand_still(
                Standstill::Configuration,
                now,
                "was unable to stop or start tasks during a deployment because of the service \
                 deployment configuration. Update the minimumHealthyPercent or maximumPercent \
                 value and try again.",
            ),
        }
    }
}

/// A task as a decision sees it.
pub(super) fn seen(task: &Task, now: Timestamp) -> Seen {
    Seen {
        id: task.id.clone(),
        deployment: task.started_by.clone().unwrap_or_default(),
        running_since: task.started_at.filter(|_| task.last_status == Status::Running),
        is_stopping: task.is_stopping(),
        is_protected: task.is_protected(now),
    }
}

/// The end of a deleted service: all its tasks stop. Protection is from scale-in and deployments,
/// not from this.
pub(super) fn ending(seen: &[Seen]) -> Decision {
    let staying = seen.iter().filter(|task| !task.is_stopping);
    Decision { stops: staying.map(|task| task.id.clone()).collect(), ..Decision::default() }
}
