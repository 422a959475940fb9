//! What ECS tells of its tasks, and how badly.

use longshore::run::TaskStatus;
use serde_json::{Value, json};

use super::{
    chance::{Fault, Stream},
    ecs::SimEcs,
    life::{Ending, Task},
    world::{MINUTE, SECOND},
};

/// Longest delay of a late event.
const EVENT_LATE_MS_MAX: u64 = 20 * MINUTE;

impl SimEcs<'_> {
    /// When each delivery of an event arrives, in milliseconds from now: none, one or more.
    pub(super) fn deliveries(&self) -> Vec<u64> {
        if self.world.strikes(Fault::EventLost) {
            return Vec::new();
        }
        self.arrivals()
    }

    /// When each delivery arrives of what is not lost: one or more.
    pub(super) fn arrivals(&self) -> Vec<u64> {
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
    let Ending { exit_code, stop_code, reason } = task.end;
    let name = &task.launch.task.container;
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
            "containers": [{"name": name, "exitCode": exit_code, "reason": reason}],
            "stopCode": (task.status == TaskStatus::Stopped).then_some(stop_code),
            "cpu": "256",
            "memory": task.launch.task.memory.as_deref().unwrap_or("512"),
        },
    })
}
