//! A task's changes, each a pure function of the task, what happened and the time.
//!
//! `PROVISIONING → PENDING → RUNNING → (STOPPING) → DEPROVISIONING → STOPPED`; every version that
//! is passed is published, also when a task passes several at once.

use jiff::Timestamp;

use super::task::{Status, StopCode, Task, shortened};

/// A task after a step, and the versions that it passed on the way.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Course {
    /// The task now.
    pub(super) task: Task,
    /// What is to be published, oldest first.
    pub(super) passed: Vec<Task>,
}

impl Course {
    fn of(task: Task) -> Self {
        Self { task, passed: Vec::new() }
    }

    fn publish(mut self, now: Timestamp) -> Self {
        self.task.version += 1;
        self.task.updated_at = now;
        self.passed.push(self.task.clone());
        self
    }

    fn enter(mut self, status: Status, now: Timestamp) -> Self {
        self.task.last_status = status;
        self.publish(now)
    }
}

/// `RunTask` has made it.
pub(super) fn created(task: Task) -> Course {
    let now = task.created_at;
    Course::of(task).publish(now)
}

/// It has a place, and its containers are about to start.
pub(super) fn pending(mut task: Task, now: Timestamp) -> Course {
    task.pull_started_at = Some(now);
    Course::of(task).enter(Status::Pending, now)
}

/// A container runs; nothing is published until all do.
pub(super) fn container_started(
    mut task: Task,
    index: usize,
    mark: serde_json::Value,
    now: Timestamp,
) -> Course {
    let container = &mut task.containers[index];
    container.mark = Some(mark);
    container.last_status = Status::Running;
    container.started_at = Some(now);
    Course::of(task)
}

/// All containers run. A task told to stop meanwhile never becomes RUNNING.
pub(super) fn running(mut task: Task, now: Timestamp) -> Course {
    if task.is_stopping() {
        return Course::of(task);
    }
    task.pull_stopped_at = Some(now);
    task.started_at = Some(now);
    Course::of(task).enter(Status::Running, now)
}

/// Somebody or something wants it to end; the first to want it gives code and reason.
pub(super) fn stop_requested(task: Task, code: StopCode, reason: &str, now: Timestamp) -> Course {
    if task.is_stopping() {
        return Course::of(task);
    }
    Course::of(stopping(task, code, reason, now)).publish(now)
}

/// A container could not be started; what of the task runs is about to be ended.
pub(super) fn failed_to_start(
    mut task: Task,
    index: usize,
    reason: &str,
    now: Timestamp,
) -> Course {
    task.containers[index].reason = Some(shortened(reason));
    Course::of(stopping(task, StopCode::TaskFailedToStart, reason, now))
}

/// A container has ended, of itself or because it was told to.
///
/// An essential one takes the task with it: it passes STOPPING when siblings still run.
pub(super) fn container_exited(
    mut task: Task,
    index: usize,
    exit_code: Option<i32>,
    now: Timestamp,
) -> Course {
    let container = &mut task.containers[index];
    container.last_status = Status::Stopped;
    container.exit_code = exit_code;
    container.finished_at = Some(now);
    let is_essential = container.essential;
    let is_last = task.containers.iter().all(|one| one.last_status == Status::Stopped);
    if task.is_stopping() {
        return Course::of(task);
    }
    if !is_essential {
        return Course::of(task).publish(now);
    }
    let code = StopCode::EssentialContainerExited;
    let course = Course::of(stopping(task, code, "Essential container in task exited", now));
    if is_last { course } else { course.enter(Status::Stopping, now) }
}

/// No container runs any more.
pub(super) fn ended(mut task: Task, now: Timestamp) -> Course {
    task.execution_stopped_at = Some(now);
    for container in &mut task.containers {
        container.last_status = Status::Stopped;
    }
    let mut course = Course::of(task).enter(Status::Deprovisioning, now);
    course.task.stopped_at = Some(now);
    course.enter(Status::Stopped, now)
}

/// This AWS was killed while it ran. How it was going to end, if that was decided, still holds.
pub(super) fn lost(mut task: Task, now: Timestamp) -> Course {
    if !task.is_stopping() {
        let reason = "The embedded AWS was killed while the task ran; what was left of the task \
                      was ended when it was started again";
        task = stopping(task, StopCode::InfrastructureHealth, reason, now);
    }
    ended(task, now)
}

fn stopping(mut task: Task, code: StopCode, reason: &str, now: Timestamp) -> Task {
    task.desired_status = Status::Stopped;
    task.stopping_at.get_or_insert(now);
    task.stop_code.get_or_insert(code);
    task.stopped_reason.get_or_insert_with(|| shortened(reason));
    task
}
