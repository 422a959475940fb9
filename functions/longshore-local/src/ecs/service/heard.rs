//! What a change of a task is to its service: a failed start, a healthy task, an end.

use jiff::Timestamp;

use super::{
    super::task::{Status, StopCode, Task},
    record::{RolloutState, Service},
};

/// The service after a change of one of its tasks, if that is anything to it.
pub(in crate::ecs) fn heard(
    service: &Service,
    before: &Task,
    task: &Task,
    now: Timestamp,
) -> Option<Service> {
    if before.last_status == task.last_status {
        return None;
    }
    let mut service = service.clone();
    let resets = service.rolling.deployment_circuit_breaker.reset_on_healthy_task;
    let deployments = &mut service.deployments;
    let is_its = |id: &str| task.started_by.as_deref() == Some(id);
    let deployment = deployments.iter_mut().find(|deployment| is_its(&deployment.id))?;
    match task.last_status {
        Status::Running => {
            deployment.throttle.ran();
            if resets {
                deployment.failed_tasks = 0;
            }
        }
        Status::Stopped if is_failed_start(task) => {
            deployment.throttle.failed(task.created_at, now);
            if deployment.rollout == RolloutState::InProgress {
                deployment.failed_tasks += 1;
            }
            if deployment.throttle.is_impaired() {
                service.say(now, "is unable to consistently start tasks successfully.");
            }
        }
        Status::Stopped if task.started_at.is_some() => deployment.throttle.ended(now),
        _ => return None,
    }
    Some(service)
}

/// Whether it never ran, and not because somebody wanted it to stop.
fn is_failed_start(task: &Task) -> bool {
    let of_itself = [StopCode::TaskFailedToStart, StopCode::EssentialContainerExited];
    task.started_at.is_none() && task.stop_code.is_some_and(|code| of_itself.contains(&code))
}

impl Service {
    /// So many tasks of the PRIMARY deployment found no room, or could not be made.
    pub(super) fn unplaced(&mut self, count: usize, reason: &str, now: Timestamp) {
        let Some(deployment) = self.deployments.first_mut() else { return };
        deployment.throttle.failed(now, now);
        if deployment.rollout == RolloutState::InProgress {
            deployment.failed_tasks += u64::try_from(count).unwrap_or(u64::MAX);
        }
        self.standstill = None;
        self.say(now, &format!("was unable to place a task. Reason: {reason}."));
    }
}
