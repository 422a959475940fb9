//! `AWS::Lambda::EventSourceMapping` from a queue (`CreateEventSourceMapping` API reference).

use super::field::Field;
use super::kinds::Kind;
use super::names::{Named, physical, uuid};
use super::problem::Read;
use super::queue::is_fifo;
use super::resources::{MappingSpec, Resource};

/// Messages per invocation when nothing else is said; the most for FIFO queues, and without window.
const BATCH_SIZE: u32 = 10;
/// Most messages per invocation of a standard queue.
const BATCH_SIZE_MAX: u32 = 10_000;
/// Longest gathering of a batch.
const WINDOW_SECS_MAX: u32 = 300;
/// Least that invocations can be limited to.
const CONCURRENCY_MIN: u32 = 2;
/// Most that invocations can be limited to.
const CONCURRENCY_MAX: u32 = 1_000;

/// The type.
pub(super) const KIND: Kind = Kind {
    type_name: "AWS::Lambda::EventSourceMapping",
    name_property: "",
    name_chars: 1..=64,
    generated: |named| Ok(uuid(&named.generated())),
    served: &[
        "BatchSize",
        "Enabled",
        "EventSourceArn",
        "FunctionName",
        "FunctionResponseTypes",
        "MaximumBatchingWindowInSeconds",
        "ScalingConfig",
    ],
    ignored: &["KmsKeyArn", "LoggingConfig", "MetricsConfig", "ProvisionedPollerConfig", "Tags"],
    refused: &[
        ("AmazonManagedKafkaEventSourceConfig", STREAMS),
        ("BisectBatchOnFunctionError", STREAMS),
        ("DestinationConfig", STREAMS),
        ("DocumentDBEventSourceConfig", STREAMS),
        ("FilterCriteria", "filter in the rule that sends to the queue: it is not done here"),
        ("MaximumRecordAgeInSeconds", STREAMS),
        ("MaximumRetryAttempts", STREAMS),
        ("ParallelizationFactor", STREAMS),
        ("Queues", STREAMS),
        ("SelfManagedEventSource", STREAMS),
        ("SelfManagedKafkaEventSourceConfig", STREAMS),
        ("SourceAccessConfigurations", STREAMS),
        ("StartingPosition", STREAMS),
        ("StartingPositionTimestamp", STREAMS),
        ("Topics", STREAMS),
        ("TumblingWindowInSeconds", STREAMS),
    ],
    reference: physical,
    attributes: &[
        ("Id", physical),
        ("EventSourceMappingArn", |named| {
            Ok(named.arn("lambda", &format!("event-source-mapping:{}", named.name()?)))
        }),
    ],
    read,
};

const STREAMS: &str = "leave it out: only queues are event sources here";

fn read(named: &Named, properties: &Field) -> Read<Resource> {
    let queue_arn = properties.required("EventSourceArn")?.queue_arn()?;
    let window_secs =
        properties.integer_of("MaximumBatchingWindowInSeconds", 0, WINDOW_SECS_MAX, 0)?;
    let fifo = is_fifo(&queue_arn);
    if fifo && window_secs > 0 {
        let what = "a FIFO queue has no batching window";
        return Err(properties.tell(what, "take `MaximumBatchingWindowInSeconds` away"));
    }
    let batch_size = match properties.get("BatchSize") {
        Some(field) => {
            let size = field.integer(1, if fifo { BATCH_SIZE } else { BATCH_SIZE_MAX })?;
            if size > BATCH_SIZE && window_secs == 0 {
                let what = format!("a batch of more than {BATCH_SIZE} needs time to gather");
                return Err(field.tell(what, "add `MaximumBatchingWindowInSeconds: 1`, or more"));
            }
            size
        }
        None => BATCH_SIZE,
    };
    let responses = match properties.get("FunctionResponseTypes") {
        Some(field) => field.items()?,
        None => Vec::new(),
    };
    for response in &responses {
        response.one_of(&["ReportBatchItemFailures"])?;
    }
    let limit = properties.get("ScalingConfig").and_then(|field| field.get("MaximumConcurrency"));
    let limit = limit.map(|field| field.integer(CONCURRENCY_MIN, CONCURRENCY_MAX)).transpose()?;
    Ok(Resource::Mapping(MappingSpec {
        function_arn: function_arn(named, &properties.required("FunctionName")?)?,
        queue_arn,
        batch_size,
        window_secs,
        reports_failures: !responses.is_empty(),
        concurrency_max: limit,
        enabled: properties.flag_of("Enabled", true)?,
    }))
}

/// The ARN of a function that is given by name or ARN; it has one version here, so `:version` and
/// `:alias` lead to it.
fn function_arn(named: &Named, field: &Field) -> Read<String> {
    let text = field.text()?;
    if text.starts_with("arn:") {
        return field.target_arn();
    }
    let name = text.split(':').next().unwrap_or_default();
    Ok(named.arn("lambda", &format!("function:{name}")))
}
