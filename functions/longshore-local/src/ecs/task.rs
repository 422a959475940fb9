//! One task: what ECS knows of it, and which containers it has.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Change;

use super::runner::Remains;

/// Kind of a task's row; its key is the id.
pub(super) const TASK: &str = "ecs-task";

/// How long a stopped task can be described ("at least one hour", `DescribeTasks`).
pub(super) const STOPPED_VISIBLE: SignedDuration = SignedDuration::from_hours(1);

/// Longest `reason` of a container or task in characters (Container, `reason`).
const REASON_CHARS_MAX: usize = 1_024;

/// Where a task or container is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Status {
    Provisioning,
    Pending,
    Running,
    Stopping,
    Deprovisioning,
    Stopped,
}

/// Why a task stops (Task, `stopCode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum StopCode {
    TaskFailedToStart,
    EssentialContainerExited,
    UserInitiated,
    ServiceSchedulerInitiated,
    InfrastructureHealth,
}

/// One task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Task {
    /// Thirty-two hexadecimal digits.
    pub(super) id: String,
    pub(super) arn: String,
    pub(super) cluster_arn: String,
    pub(super) definition_arn: String,
    pub(super) family: String,
    pub(super) revision: u32,
    /// Grows by one with each change that is published.
    pub(super) version: u64,
    pub(super) desired_status: Status,
    pub(super) last_status: Status,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    pub(super) pull_started_at: Option<Timestamp>,
    pub(super) pull_stopped_at: Option<Timestamp>,
    pub(super) started_at: Option<Timestamp>,
    pub(super) stopping_at: Option<Timestamp>,
    pub(super) execution_stopped_at: Option<Timestamp>,
    pub(super) stopped_at: Option<Timestamp>,
    pub(super) stop_code: Option<StopCode>,
    pub(super) stopped_reason: Option<String>,
    pub(super) containers: Vec<TaskContainer>,
    pub(super) group: String,
    pub(super) started_by: Option<String>,
    pub(super) overrides: Value,
    pub(super) cpu: Option<String>,
    pub(super) memory: Option<String>,
    pub(super) launch_type: String,
    pub(super) capacity_provider: Option<String>,
    pub(super) platform_version: Option<String>,
    pub(super) availability_zone: String,
    /// Subnet of its network interface, when its network mode is `awsvpc`.
    pub(super) subnet: Option<String>,
    pub(super) ephemeral_storage_gib: Option<i64>,
    pub(super) execute_command: bool,
    pub(super) tags: Vec<Value>,
    /// Name of the service whose task it is.
    #[serde(default)]
    pub(super) service: Option<String>,
    /// Until when neither a scale-in nor a deployment stops it.
    #[serde(default)]
    pub(super) protected_until: Option<Timestamp>,
}

/// One container of a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct TaskContainer {
    /// The runtime id: the task's id and a number.
    pub(super) id: String,
    pub(super) arn: String,
    pub(super) name: String,
    pub(super) image: String,
    pub(super) essential: bool,
    pub(super) stop_timeout_secs: u32,
    pub(super) last_status: Status,
    pub(super) exit_code: Option<i32>,
    pub(super) reason: Option<String>,
    pub(super) started_at: Option<Timestamp>,
    pub(super) finished_at: Option<Timestamp>,
    /// By what its runner finds it again, once started.
    pub(super) mark: Option<Value>,
}

impl Status {
    /// As the API writes it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Provisioning => "PROVISIONING",
            Self::Pending => "PENDING",
            Self::Running => "RUNNING",
            Self::Stopping => "STOPPING",
            Self::Deprovisioning => "DEPROVISIONING",
            Self::Stopped => "STOPPED",
        }
    }
}

impl StopCode {
    /// As the API writes it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::TaskFailedToStart => "TaskFailedToStart",
            Self::EssentialContainerExited => "EssentialContainerExited",
            Self::UserInitiated => "UserInitiated",
            Self::ServiceSchedulerInitiated => "ServiceSchedulerInitiated",
            Self::InfrastructureHealth => "InfrastructureHealth",
        }
    }
}

impl Task {
    pub(super) fn row(&self) -> Change {
        Change::put(TASK, &self.id, self)
    }

    /// Whether it has ended.
    pub(super) fn is_stopped(&self) -> bool {
        self.last_status == Status::Stopped
    }

    /// Whether it has been told to end, or has ended.
    pub(super) fn is_stopping(&self) -> bool {
        self.desired_status == Status::Stopped
    }

    /// Whether it can still be described at `now`.
    pub(super) fn is_visible(&self, now: Timestamp) -> bool {
        self.stopped_at.is_none_or(|at| now.duration_since(at) < STOPPED_VISIBLE)
    }

    /// Key of its service.
    pub(super) fn service_key(&self) -> Option<String> {
        let cluster = self.cluster_arn.rsplit('/').next().unwrap_or_default();
        self.service.as_ref().map(|service| format!("{cluster}/{service}"))
    }

    /// Whether it is protected at `now`.
    pub(super) fn is_protected(&self, now: Timestamp) -> bool {
        self.protected_until.is_some_and(|until| until > now)
    }

    /// Exit code of the first essential container that has one.
    pub(super) fn exit_code(&self) -> Option<i32> {
        self.containers.iter().filter(|one| one.essential).find_map(|one| one.exit_code)
    }

    /// What may still run of it.
    pub(super) fn remains(&self) -> Vec<Remains> {
        let running = self.containers.iter().filter(|one| one.last_status != Status::Stopped);
        running
            .map(|one| Remains { container_id: one.id.clone(), mark: one.mark.clone() })
            .collect()
    }
}

/// A reason cut to what ECS keeps of it.
pub(super) fn shortened(reason: &str) -> String {
    reason.chars().take(REASON_CHARS_MAX).collect()
}
