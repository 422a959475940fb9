//! A trigger's settings, which travel with its event; the single source of their shape.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    quantity::{Bytes, Seconds},
    schedule::{Overlap, Schedule},
};

/// What to run for an event, and how. Wrapped around the event by the rule's input transformer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Trigger {
    /// Unique per ledger, 1 to 100 of `[A-Za-z0-9_.-]`; by convention `<stack>-<id>`.
    pub name: String,
    /// The task a run launches.
    pub task: TaskSettings,
    /// Several objects per run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<Batch>,
    /// Most runs at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u32>,
    /// Which versions of an object get a run.
    #[serde(default)]
    pub order: Order,
    /// What happens after a failure.
    #[serde(default)]
    pub retry: Retry,
    /// Set when the event is a tick.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// Whether a run is a task of its own or work for a pool of workers.
    #[serde(default)]
    pub launch: LaunchMode,
    /// URL of the queue that the workers of the pool poll; required by `launch: pool`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// How runs are kept apart in a pool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub isolation: Option<String>,
}

impl Trigger {
    /// Whether a run of it may hold several objects.
    #[must_use]
    pub fn gathers(&self) -> bool {
        self.batch.as_ref().is_some_and(|batch| batch.objects > 1)
    }

    /// The queue of the pool that works on its runs, if one does.
    #[must_use]
    pub fn pool(&self) -> Option<&str> {
        self.queue.as_deref().filter(|_| self.launch == LaunchMode::Pool)
    }

    /// Tasks per tick, if there are several.
    #[must_use]
    pub fn shards(&self) -> Option<u32> {
        self.schedule.as_ref().and_then(|schedule| schedule.shards).filter(|shards| *shards > 1)
    }

    /// Most runs of it at once: `concurrency`, and one where ticks must not overlap.
    #[must_use]
    pub fn limit(&self) -> Option<u32> {
        match &self.schedule {
            Some(Schedule { overlap: Overlap::Allow, .. }) | None => self.concurrency,
            Some(_) => Some(1),
        }
    }
}

/// The task a run launches, in the words of RunTask.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TaskSettings {
    /// ARN with family and revision, so that a deployment changes no launch under way.
    pub definition: String,
    /// ARN of the cluster.
    pub cluster: String,
    /// Container that gets the run's variables and whose exit code is the run's.
    pub container: String,
    /// Capacity provider strategy; excludes `launchType`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capacity: Vec<Capacity>,
    /// Launch type; excludes `capacity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launch_type: Option<LaunchType>,
    /// Required for `awsvpc` tasks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<Network>,
    /// Placement on EC2 instances.
    #[serde(default)]
    pub placement: Placement,
    /// Longest time from launch to RUNNING.
    #[serde(default = "five_minutes")]
    pub start_timeout: Seconds,
    /// Longest time a task may run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Seconds>,
    /// CPU units of the task, instead of its definition's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<String>,
    /// Memory of the task in MiB, instead of its definition's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
    /// Command of the container, instead of its definition's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// Further variables of the container.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Tags of the task.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Fargate platform version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform_version: Option<String>,
    /// Ephemeral storage in GiB, 21 to 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ephemeral_storage: Option<u32>,
    /// Whether ECS Exec is enabled.
    #[serde(default)]
    pub execute_command: bool,
}

fn five_minutes() -> Seconds {
    Seconds::new(300)
}

/// One item of a capacity provider strategy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Capacity {
    /// Name of the provider, such as `FARGATE_SPOT`.
    pub provider: String,
    /// Share of the tasks beyond the base, 0 to 1,000.
    #[serde(default)]
    pub weight: u32,
    /// Tasks that come first, on one provider at most.
    #[serde(default)]
    pub base: u32,
}

/// Launch type of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum LaunchType {
    /// Container instances of the cluster.
    Ec2,
    /// AWS Fargate.
    Fargate,
    /// ECS Anywhere.
    External,
}

/// Network of an `awsvpc` task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Network {
    /// 1 to 16 subnets.
    pub subnets: Vec<String>,
    /// Up to 5 security groups; the VPC's default without any.
    #[serde(default)]
    pub security_groups: Vec<String>,
    /// Whether the task gets a public address.
    #[serde(default)]
    pub public_ip: bool,
}

/// Placement on EC2 instances.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Placement {
    /// Up to 5 strategies, in order.
    #[serde(default)]
    pub strategy: Vec<PlacementStrategy>,
    /// Up to 10 constraints.
    #[serde(default)]
    pub constraints: Vec<PlacementConstraint>,
}

/// One placement strategy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlacementStrategy {
    /// `random`, `spread` or `binpack`.
    pub r#type: String,
    /// What to spread over or pack by, such as `attribute:ecs.availability-zone` or `memory`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// One placement constraint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlacementConstraint {
    /// `distinctInstance` or `memberOf`.
    pub r#type: String,
    /// Cluster query language, for `memberOf`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
}

/// Several objects per run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Batch {
    /// Most objects of a run, 1 to 1,000.
    pub objects: u32,
    /// Most bytes of a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<Bytes>,
}

/// Which versions of an object get a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// Only a version newer than every one seen; older ones are superseded.
    #[default]
    Latest,
    /// Every version.
    All,
}

/// What happens after a failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Retry {
    /// Most attempts at the work, the first included.
    pub attempts: u32,
    /// Wait between attempts.
    pub backoff: Backoff,
    /// Rules by exit code or reason; the first that fits decides.
    pub rules: Vec<RetryRule>,
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 3, backoff: Backoff::default(), rules: Vec::new() }
    }
}

/// Full-jitter backoff: a random wait up to `base` × 2ⁿ, at most `max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Backoff {
    /// Bound of the first wait.
    pub base: Seconds,
    /// Bound of every wait.
    pub max: Seconds,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { base: Seconds::new(5), max: Seconds::new(900) }
    }
}

/// What an exit code or a reason means for this trigger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RetryRule {
    /// Exit codes the rule is for; all that are failures without any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exit: Vec<i32>,
    /// Text within the stopped reason the rule is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What follows.
    pub then: RetryThen,
}

/// What a retry rule makes of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RetryThen {
    /// Another attempt, while there are any.
    Retry,
    /// Failed, at once.
    Reject,
    /// Succeeded after all.
    Succeed,
}

/// Whether a run is a task of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LaunchMode {
    /// One task per run.
    #[default]
    Run,
    /// A run is a message for the workers of a queue: of `task` only `env` and `timeout` count.
    Pool,
}
