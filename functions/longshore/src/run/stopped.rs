//! An `ECS Task State Change` event becomes a change of a task, or an error that says it never will.

use serde::Deserialize;

/// What an event tells of a task (ECS developer guide, task state change events).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskChange {
    /// ARN of the task.
    pub task: String,
    /// ARN of its cluster.
    pub cluster: String,
    /// ARN of its task definition, with revision.
    pub definition: String,
    /// `startedBy` of the RunTask call; empty without one.
    pub started_by: String,
    /// Grows with every change: tells old events from new ones.
    pub version: i64,
    /// Where the task stands.
    pub status: TaskStatus,
    /// Its containers.
    pub containers: Vec<StoppedContainer>,
    /// ECS's stop code.
    pub stop_code: Option<String>,
    /// ECS's reason for the stop.
    pub stopped_reason: Option<String>,
    /// CPU units of the task, if they are the task's and not its containers'.
    pub cpu: Option<u32>,
    /// Memory of the task in MiB, likewise.
    pub memory: Option<u32>,
}

/// `lastStatus`, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskStatus {
    /// The task runs.
    Running,
    /// The task has stopped.
    Stopped,
    /// Anything before, between or after.
    Other,
}

/// A container of a stopped task.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoppedContainer {
    /// Name.
    pub name: String,
    /// Exit code; absent when it never ran or the host was lost.
    pub exit_code: Option<i32>,
    /// Why it did not run or was killed.
    pub reason: Option<String>,
}

/// Not an event of a task: acknowledged and dead-lettered.
#[derive(Debug, thiserror::Error)]
#[error("not an ECS Task State Change event: {0}; let the outcomes rule match only those")]
pub struct UnreadableChange(#[from] serde_json::Error);

#[derive(Deserialize)]
struct RawEvent {
    detail: RawTask,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawTask {
    task_arn: String,
    cluster_arn: String,
    task_definition_arn: String,
    #[serde(default)]
    started_by: String,
    version: i64,
    last_status: String,
    #[serde(default)]
    containers: Vec<StoppedContainer>,
    stop_code: Option<String>,
    stopped_reason: Option<String>,
    cpu: Option<String>,
    memory: Option<String>,
}

impl TaskChange {
    /// Parses the event as EventBridge delivers it.
    pub fn parse(body: &str) -> Result<Self, UnreadableChange> {
        let RawEvent { detail } = serde_json::from_str(body)?;
        Ok(Self {
            task: detail.task_arn,
            cluster: detail.cluster_arn,
            definition: detail.task_definition_arn,
            started_by: detail.started_by,
            version: detail.version,
            status: match detail.last_status.as_str() {
                "RUNNING" => TaskStatus::Running,
                "STOPPED" => TaskStatus::Stopped,
                _ => TaskStatus::Other,
            },
            containers: detail.containers,
            stop_code: detail.stop_code,
            stopped_reason: detail.stopped_reason,
            cpu: detail.cpu.and_then(|units| units.parse().ok()),
            memory: detail.memory.and_then(|mib| mib.parse().ok()),
        })
    }
}

#[cfg(test)]
mod tests;
