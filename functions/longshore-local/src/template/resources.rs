//! The resources of a template, with every name and reference already resolved.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One resource that this AWS serves.
#[derive(Clone, Debug, PartialEq)]
pub enum Resource {
    /// `AWS::S3::Bucket`
    Bucket(BucketSpec),
    /// `AWS::SQS::Queue`
    Queue(QueueSpec),
    /// `AWS::DynamoDB::Table`
    Table(TableSpec),
    /// `AWS::Events::Rule`
    Rule(RuleSpec),
    /// `AWS::Scheduler::Schedule`
    Schedule(ScheduleSpec),
    /// `AWS::Lambda::Function`, `AWS::Serverless::Function`
    Function(FunctionSpec),
    /// `AWS::Lambda::EventSourceMapping`, or an `SQS` event of a serverless function
    Mapping(MappingSpec),
    /// `AWS::ECS::Cluster`
    Cluster(ClusterSpec),
    /// `AWS::ECS::TaskDefinition`
    TaskDefinition(TaskDefinitionSpec),
    /// `AWS::ECS::Service`
    Service(ServiceSpec),
}

/// An S3 bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketSpec {
    /// Name, unique in this AWS.
    pub name: String,
    /// Whether versioning is enabled.
    pub versioned: bool,
    /// Whether events go to EventBridge.
    pub event_bridge: bool,
}

/// An SQS queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueSpec {
    /// Name, ending in `.fifo` for a FIFO queue.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// Default visibility timeout, 0 to 43,200 s; 30 unless told.
    pub visibility_secs: u32,
    /// How long messages are kept, 60 to 1,209,600 s; 345,600 unless told.
    pub retention_secs: u32,
    /// How long a message is held back, 0 to 900 s.
    pub delay_secs: u32,
    /// Default of `WaitTimeSeconds`, 0 to 20 s.
    pub wait_secs: u32,
    /// Largest message with its attributes in bytes, 1,024 to 1,048,576.
    pub message_bytes_max: u32,
    /// Where messages go that were received too often.
    pub redrive: Option<Redrive>,
    /// Whether a FIFO queue takes the body's SHA-256 as deduplication id.
    pub content_based_deduplication: bool,
}

/// A queue's redrive policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redrive {
    /// ARN of the dead-letter queue.
    pub dead_letter_arn: String,
    /// A message moves when its receive count exceeds this, 1 to 1,000.
    pub receives_max: u32,
}

/// A DynamoDB table.
#[derive(Clone, Debug, PartialEq)]
pub struct TableSpec {
    /// Name.
    pub name: String,
    /// The `CreateTable` request.
    pub create: Value,
    /// Attribute with the expiry in epoch seconds, when TTL is enabled.
    pub ttl_attribute: Option<String>,
}

/// An EventBridge rule with an event pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleSpec {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// The event pattern, as JSON.
    pub pattern: Value,
    /// Whether it is `ENABLED`.
    pub enabled: bool,
    /// One to five.
    pub targets: Vec<TargetSpec>,
}

/// Where a rule sends an event, and in which form.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetSpec {
    /// Id within the rule.
    pub id: String,
    /// ARN of a queue or a function.
    pub arn: String,
    /// `InputTransformer.InputPathsMap`, when there is a transformer.
    pub input_paths: BTreeMap<String, String>,
    /// `InputTransformer.InputTemplate`; the whole event is sent without it.
    pub input_template: Option<String>,
    /// `SqsParameters.MessageGroupId`.
    pub message_group: Option<String>,
    /// ARN of the queue that gets what could not be delivered.
    pub dead_letter_arn: Option<String>,
}

/// An EventBridge Scheduler schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleSpec {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// `rate(…)`, `cron(…)` or `at(…)`.
    pub expression: String,
    /// IANA time zone, `UTC` unless told.
    pub timezone: String,
    /// First instant at which it may fire.
    pub start: Option<Timestamp>,
    /// Last instant at which it may fire.
    pub end: Option<Timestamp>,
    /// How long after its time a tick may be sent: `MaximumWindowInMinutes`, 0 for `OFF`.
    pub window_minutes: u32,
    /// Whether it is `ENABLED`.
    pub enabled: bool,
    /// ARN of a queue or a function.
    pub target_arn: String,
    /// What the target gets, with `<aws.scheduler.…>` still to be replaced.
    pub input: String,
    /// `SqsParameters.MessageGroupId`.
    pub message_group: Option<String>,
}

/// A Lambda function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionSpec {
    /// Logical id in the template, by which a command can be given for it.
    pub logical_id: String,
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// Environment variables.
    pub environment: BTreeMap<String, String>,
    /// Longest invocation, 1 to 900 s; 3 unless told.
    pub timeout_secs: u32,
    /// Memory, 128 to 10,240 MB; only told to the function.
    pub memory_mb: u32,
    /// Most invocations at once, when reserved.
    pub concurrency_max: Option<u32>,
    /// Command that is the function on this machine: `Metadata.Local.Command`, or one handed over.
    pub command: Option<Vec<String>>,
}

/// An event source mapping from a queue to a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingSpec {
    /// ARN of the function.
    pub function_arn: String,
    /// ARN of the queue.
    pub queue_arn: String,
    /// Most messages per invocation, 1 to 10,000; 10 unless told.
    pub batch_size: u32,
    /// How long a batch may gather, 0 to 300 s.
    pub window_secs: u32,
    /// Whether the function reports failed messages by id (`ReportBatchItemFailures`).
    pub reports_failures: bool,
    /// Most invocations at once, 2 to 1,000, when limited.
    pub concurrency_max: Option<u32>,
    /// Whether it is enabled.
    pub enabled: bool,
}

/// An ECS cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterSpec {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
}

/// An ECS service.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceSpec {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// Name of its cluster.
    pub cluster: String,
    /// Its task definition as the template names it: family, family and revision, or ARN.
    pub definition: String,
    /// The `CreateService` request, with `desiredCount` only if the template says it.
    pub create: Value,
}

/// An ECS task definition; a template's is always revision 1.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskDefinitionSpec {
    /// Logical id in the template, by which a command can be given for it.
    pub logical_id: String,
    /// ARN with family and revision.
    pub arn: String,
    /// Family.
    pub family: String,
    /// The definition in the words of `RegisterTaskDefinition` (`containerDefinitions`, `cpu`, …).
    pub definition: Value,
    /// Its containers, in order.
    pub containers: Vec<ContainerSpec>,
}

/// What this machine needs to run a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerSpec {
    /// Name within the task definition.
    pub name: String,
    /// Whether the task stops with it.
    pub essential: bool,
    /// Its own command, which follows the image's entrypoint.
    pub command: Vec<String>,
    /// Environment variables.
    pub environment: BTreeMap<String, String>,
    /// From SIGTERM to SIGKILL, 30 s unless told.
    pub stop_timeout_secs: u32,
    /// What stands for the image's entrypoint on this machine: `Metadata.Local.Command`, or one
    /// handed over.
    pub entrypoint: Option<Vec<String>>,
}
