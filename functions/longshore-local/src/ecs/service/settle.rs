//! How a service and its deployments stand, seen its tasks: completed, failed, rolled back, gone.

use jiff::Timestamp;

use super::{
    decide::Seen,
    record::{Completed, RolloutState, Service, ServiceStatus, Standstill},
};

impl Service {
    /// Brings its records up to what its tasks are. `fresh_id` names a deployment that a rollback
    /// may have to make.
    pub(super) fn settle(&mut self, seen: &[Seen], fresh_id: &str, now: Timestamp) {
        if self.status == ServiceStatus::Draining && seen.is_empty() {
            self.status = ServiceStatus::Inactive;
            self.deployments.clear();
        }
        if !self.is_active() {
            return;
        }
        self.trip(fresh_id, now);
        let is_of = |id: &str| seen.iter().any(|task| task.deployment == id);
        let primary = self.primary().map(|primary| primary.id.clone()).unwrap_or_default();
        self.deployments.retain(|one| one.id == primary || is_of(&one.id));
        let is_there =
            |task: &Seen| task.deployment == primary && task.is_running() && !task.is_stopping;
        let desired = usize::try_from(self.desired_count).unwrap_or(usize::MAX);
        if seen.len() != desired || !seen.iter().all(is_there) {
            if self.standstill == Some(Standstill::Steady) {
                self.standstill = None;
            }
            return;
        }
        self.complete(now);
        if self.primary().is_some_and(|one| one.rollout == RolloutState::Completed) {
            self.stand_still(Standstill::Steady, now, "has reached a steady state.");
        }
    }

    /// All tasks are of the PRIMARY deployment, and run.
    fn complete(&mut self, now: Timestamp) {
        let Some(primary) = self.deployments.first_mut() else { return };
        if primary.rollout != RolloutState::InProgress {
            return;
        }
        let reason = format!("ECS deployment {} completed.", primary.id);
        primary.turn(RolloutState::Completed, reason, now);
        let (id, request) = (primary.id.clone(), primary.request.clone());
        self.say(now, &format!("(deployment {id}) deployment completed."));
        self.completed = Some(Completed { id, request });
    }

    /// Gives a deployment up whose tasks failed too often, and rolls it back if that is wanted and
    /// there is one that completed.
    fn trip(&mut self, fresh_id: &str, now: Timestamp) {
        let breaker = self.rolling.deployment_circuit_breaker;
        let failures_max = breaker.failures_max(self.desired_count);
        let Some(primary) = self.deployments.first_mut() else { return };
        let is_over = failures_max.is_some_and(|most| primary.failed_tasks >= most);
        if primary.rollout != RolloutState::InProgress || !is_over {
            return;
        }
        let reason = "ECS deployment circuit breaker: tasks failed to start.";
        primary.turn(RolloutState::Failed, reason.into(), now);
        let id = primary.id.clone();
        self.say(now, &format!("(deployment {id}) deployment failed: tasks failed to start."));
        let last = self.completed.clone().filter(|last| breaker.rollback && last.id != id);
        if let Some(last) = last {
            self.roll_back(&last, fresh_id, now);
        }
    }

    fn roll_back(&mut self, last: &Completed, fresh_id: &str, now: Timestamp) {
        match self.deployments.iter().position(|one| one.id == last.id) {
            Some(at) => {
                let mut again = self.deployments.remove(at);
                again.failed_tasks = 0;
                again.throttle.ran();
                self.deployments.insert(0, again);
            }
            None => self.deploy(fresh_id, last.request.clone(), now),
        }
        let reason =
            format!("ECS deployment circuit breaker: rolling back to deploymentId {}.", last.id);
        if let Some(primary) = self.deployments.first_mut() {
            primary.turn(RolloutState::InProgress, reason, now);
        }
        self.say(now, &format!("rolling back to deployment {}.", last.id));
    }
}
