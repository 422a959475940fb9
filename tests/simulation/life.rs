//! The life of a task, and how badly its changes are told.

use longshore::{run::TaskStatus, trigger::Launch};
use serde_json::{Value, json};

use super::{
    chance::{Fault, Stream},
    ecs::SimEcs,
    ledger::short,
    world::{MINUTE, SECOND},
};

/// Longest delay of a late event.
const EVENT_LATE_MS_MAX: u64 = 20 * MINUTE;

/// A task.
#[derive(Clone, Debug)]
pub(super) struct Task {
    /// Its ARN.
    pub(super) arn: String,
    /// What started it.
    pub(super) launch: Launch,
    /// Where it stands.
    pub(super) status: TaskStatus,
    /// When it stopped.
    pub(super) stopped_at_ms: Option<u64>,
    /// Whether it was given the fence, or works without.
    pub(super) works: bool,
    /// Whether it did all of its work.
    pub(super) completed: bool,
    pub(super) version: i64,
    pub(super) started_at_ms: u64,
    pub(super) exit_code: Option<i32>,
    pub(super) stop_code: &'static str,
}

impl SimEcs<'_> {
    /// Whether every task has stopped.
    pub(super) fn is_quiet(&self) -> bool {
        self.state().tasks.iter().all(|task| task.stopped_at_ms.is_some())
    }

    /// Every task there ever was.
    pub(super) fn tasks(&self) -> Vec<Task> {
        self.state().tasks.clone()
    }

    /// One task, by its number.
    pub(super) fn task(&self, number: usize) -> Task {
        self.state().tasks[number].clone()
    }

    /// I3: the task does the work of its run from now on.
    pub(super) fn works(&self, number: usize) {
        let mut state = self.state();
        let run = state.tasks[number].launch.id.run.clone();
        let other = |(at, task): (usize, &Task)| {
            (at != number && task.works && task.launch.id.run == run).then_some(at)
        };
        if let Some(other) = state.tasks.iter().enumerate().find_map(other) {
            let seen = format!("tasks {other} and {number} both work for run {}", short(&run));
            self.world.violate("I3 one holder of the fence", seen);
        }
        state.tasks[number].works = true;
    }

    /// The task has done all of its work.
    pub(super) fn completes(&self, number: usize) {
        self.state().tasks[number].completed = true;
    }

    /// The task is RUNNING; what to tell of it.
    pub(super) fn runs(&self, number: usize) -> String {
        let mut state = self.state();
        let task = &mut state.tasks[number];
        task.status = TaskStatus::Running;
        task.version += 1;
        event(task).to_string()
    }

    /// The task is STOPPED; what to tell of it, unless it had stopped.
    pub(super) fn stops(
        &self,
        number: usize,
        exit_code: Option<i32>,
        stop_code: &'static str,
    ) -> Option<String> {
        let mut state = self.state();
        let task = &mut state.tasks[number];
        if task.status == TaskStatus::Stopped {
            return None;
        }
        self.world.note(|| format!("  task {number} stops: {stop_code} {exit_code:?}"));
        task.status = TaskStatus::Stopped;
        task.version += 1;
        task.stopped_at_ms = Some(self.world.now_ms());
        task.exit_code = exit_code;
        task.stop_code = stop_code;
        Some(event(task).to_string())
    }

    /// When each delivery of an event arrives, in milliseconds from now: none, one or more.
    pub(super) fn deliveries(&self) -> Vec<u64> {
        if self.world.strikes(Fault::EventLost) {
            return Vec::new();
        }
        let copies = if self.world.strikes(Fault::EventAgain) { 3 } else { 1 };
        let wait_ms = |_| {
            let late = self.world.strikes(Fault::EventLate);
            self.world.below(Stream::Events, if late { EVENT_LATE_MS_MAX } else { SECOND })
        };
        (0..copies).map(wait_ms).collect()
    }
}

/// The `ECS Task State Change` event of a task.
pub(super) fn event(task: &Task) -> Value {
    let status = match task.status {
        TaskStatus::Running => "RUNNING",
        TaskStatus::Stopped => "STOPPED",
        TaskStatus::Other => "PENDING",
    };
    json!({
        "source": "aws.ecs",
        "detail-type": "ECS Task State Change",
        "detail": {
            "taskArn": task.arn,
            "clusterArn": task.launch.task.cluster,
            "taskDefinitionArn": task.launch.task.definition,
            "startedBy": task.launch.started_by,
            "version": task.version,
            "lastStatus": status,
            "containers": [{"name": task.launch.task.container, "exitCode": task.exit_code}],
            "stopCode": (task.status == TaskStatus::Stopped).then_some(task.stop_code),
        },
    })
}
