//! An `ECS Task State Change` event becomes a change of a task, or an error that says it never will.

use serde::Deserialize;

use crate::printable::printable;

/// How much of a text of ECS is kept: its reasons have up to 255 characters, and what is kept goes
/// into a row of the ledger (400 KB) several times.
const TEXT_CHARS_MAX: usize = 600;
/// How much of what is wrong is repeated in a refusal, so that what to do stays in sight.
const WHY_CHARS_MAX: usize = 600;

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
pub struct UnreadableChange(String);

impl From<serde_json::Error> for UnreadableChange {
    fn from(error: serde_json::Error) -> Self {
        Self(printable(&error.to_string(), WHY_CHARS_MAX))
    }
}

#[derive(Deserialize)]
#[serde(expecting = "an EventBridge event")]
struct RawEvent {
    #[serde(rename = "source")]
    _source: Source,
    #[serde(rename = "detail-type")]
    _detail_type: DetailType,
    detail: RawTask,
}

/// Only AWS can send events of this source (EventBridge user guide, PutEvents).
#[derive(Deserialize)]
enum Source {
    #[serde(rename = "aws.ecs")]
    Ecs,
}

#[derive(Deserialize)]
enum DetailType {
    #[serde(rename = "ECS Task State Change")]
    TaskStateChange,
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

impl StoppedContainer {
    fn short(self) -> Self {
        Self { reason: self.reason.map(short), ..self }
    }
}

impl TaskChange {
    /// Parses the event as EventBridge delivers it.
    pub fn parse(body: &str) -> Result<Self, UnreadableChange> {
        let RawEvent { detail, .. } = serde_json::from_str(body)?;
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
            containers: detail.containers.into_iter().map(StoppedContainer::short).collect(),
            stop_code: detail.stop_code.map(short),
            stopped_reason: detail.stopped_reason.map(short),
            cpu: detail.cpu.and_then(|units| units.parse().ok()),
            memory: detail.memory.and_then(|mib| mib.parse().ok()),
        })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it takes the place of the text")]
fn short(text: String) -> String {
    printable(&text, TEXT_CHARS_MAX)
}

#[cfg(test)]
mod tests;
