//! `AWS::SQS::Queue`, within the limits of "Amazon SQS quotas".

use super::field::Field;
use super::kinds::Kind;
use super::names::{Named, physical};
use super::near::suggest;
use super::problem::Read;
use super::resources::{QueueSpec, Redrive, Resource};

/// Longest visibility timeout: 12 hours.
const VISIBILITY_SECS_MAX: u32 = 43_200;
/// Visibility timeout when none is given.
const VISIBILITY_SECS: u32 = 30;
/// Shortest retention.
const RETENTION_SECS_MIN: u32 = 60;
/// Longest retention: 14 days.
const RETENTION_SECS_MAX: u32 = 1_209_600;
/// Retention when none is given: 4 days.
const RETENTION_SECS: u32 = 345_600;
/// Longest delay: 15 minutes.
const DELAY_SECS_MAX: u32 = 900;
/// Longest long poll.
const WAIT_SECS_MAX: u32 = 20;
/// Least that a queue's own message bound may be.
const MESSAGE_BYTES_MIN: u32 = 1_024;
/// Largest message, and the bound when none is given: 1 MiB.
const MESSAGE_BYTES_MAX: u32 = 1_048_576;
/// Largest receive limit.
const RECEIVES_MAX: u32 = 1_000;

/// The type.
pub(super) const KIND: Kind = Kind {
    type_name: "AWS::SQS::Queue",
    name_property: "QueueName",
    name_chars: 1..=80,
    generated: |named| {
        let fifo = named.given("FifoQueue")?.is_some_and(|given| given == "true");
        Ok(format!("{}{}", named.generated(), if fifo { ".fifo" } else { "" }))
    },
    served: &[
        "ContentBasedDeduplication",
        "DelaySeconds",
        "FifoQueue",
        "MaximumMessageSize",
        "MessageRetentionPeriod",
        "QueueName",
        "ReceiveMessageWaitTimeSeconds",
        "RedrivePolicy",
        "VisibilityTimeout",
    ],
    ignored: &[
        "DeduplicationScope",
        "FifoThroughputLimit",
        "KmsDataKeyReusePeriodSeconds",
        "KmsMasterKeyId",
        "RedriveAllowPolicy",
        "SqsManagedSseEnabled",
        "Tags",
    ],
    refused: &[],
    reference: url,
    attributes: &[("Arn", arn), ("QueueName", physical), ("QueueUrl", url)],
    read,
};

fn arn(named: &Named) -> Read<String> {
    Ok(named.arn("sqs", &named.name()?))
}

fn url(named: &Named) -> Read<String> {
    Ok(named.scope.account.queue_url(&named.name()?))
}

fn read(named: &Named, properties: &Field) -> Read<Resource> {
    let name = named.name()?;
    let fifo = properties.flag_of("FifoQueue", false)?;
    if fifo != is_fifo(&name) || name.trim_end_matches(".fifo").contains('.') {
        let what = format!("`{name}` does not fit a queue with `FifoQueue: {fifo}`");
        return Err(properties.tell(what, "end the name of a FIFO queue, and no other, in `.fifo`"));
    }
    let deduplicates = properties.flag_of("ContentBasedDeduplication", false)?;
    if deduplicates && !fifo {
        let what = "`ContentBasedDeduplication` is for FIFO queues";
        return Err(properties.tell(what, "take it away, or add `FifoQueue: true`"));
    }
    let seconds = |key, min, max, default| properties.integer_of(key, min, max, default);
    Ok(Resource::Queue(QueueSpec {
        arn: arn(named)?,
        visibility_secs: seconds("VisibilityTimeout", 0, VISIBILITY_SECS_MAX, VISIBILITY_SECS)?,
        retention_secs: seconds(
            "MessageRetentionPeriod",
            RETENTION_SECS_MIN,
            RETENTION_SECS_MAX,
            RETENTION_SECS,
        )?,
        delay_secs: seconds("DelaySeconds", 0, DELAY_SECS_MAX, 0)?,
        wait_secs: seconds("ReceiveMessageWaitTimeSeconds", 0, WAIT_SECS_MAX, 0)?,
        message_bytes_max: properties.integer_of(
            "MaximumMessageSize",
            MESSAGE_BYTES_MIN,
            MESSAGE_BYTES_MAX,
            MESSAGE_BYTES_MAX,
        )?,
        redrive: properties.get("RedrivePolicy").map(|field| redrive(&field, fifo)).transpose()?,
        content_based_deduplication: deduplicates,
        name,
    }))
}

/// Whether a queue with this name, ARN or URL is a FIFO queue: the suffix is the type.
pub(super) fn is_fifo(name: &str) -> bool {
    name.strip_suffix(".fifo").is_some()
}

fn redrive(policy: &Field, fifo: bool) -> Read<Redrive> {
    const KEYS: [&str; 2] = ["deadLetterTargetArn", "maxReceiveCount"];
    if policy.node.entries().is_none() {
        let what = format!("a redrive policy is a map, not {}", policy.node.kind());
        return Err(policy.tell(what, "write deadLetterTargetArn and maxReceiveCount as keys"));
    }
    for (key, field) in policy.entries()? {
        if !KEYS.contains(&key) {
            let what = format!("a redrive policy has no `{key}`");
            return Err(field.tell(what, suggest(key, KEYS, "take it away")));
        }
    }
    let target = policy.required("deadLetterTargetArn")?;
    let dead_letter_arn = target.queue_arn()?;
    if fifo != is_fifo(&dead_letter_arn) {
        let what = "a queue and its dead-letter queue are both FIFO, or neither";
        return Err(target.tell(what, "name a queue of the same type"));
    }
    let receives = policy.required("maxReceiveCount")?;
    Ok(Redrive { dead_letter_arn, receives_max: receives.integer(1, RECEIVES_MAX)? })
}
