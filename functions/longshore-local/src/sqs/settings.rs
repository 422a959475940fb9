//! A queue's attributes: read from SQS's strings, checked, and written back as such.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::faults::{invalid_value, modelled, no_attribute};
use super::limits::{
    DELAY_SECS_MAX, MESSAGE_BYTES_MAX, MESSAGE_BYTES_MIN, RECEIVES_DEFAULT, RECEIVES_MAX,
    RETENTION_SECS, VISIBILITY_SECS_MAX, WAIT_SECS_MAX,
};
use crate::Fault;
use crate::template::{QueueSpec, Redrive};

/// What can be set of every queue, in the order in which AWS lists it.
const SETTABLE: [&str; 11] = [
    "VisibilityTimeout",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "DelaySeconds",
    "ReceiveMessageWaitTimeSeconds",
    "Policy",
    "RedrivePolicy",
    "RedriveAllowPolicy",
    "KmsMasterKeyId",
    "KmsDataKeyReusePeriodSeconds",
    "SqsManagedSseEnabled",
];
/// What can be set of a FIFO queue besides.
const SETTABLE_FIFO: [&str; 4] =
    ["FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"];

/// How the name of a FIFO queue ends (`CreateQueue` reference).
pub(super) const FIFO_SUFFIX: &str = ".fifo";

/// Whether a queue of this name, or ARN, is a FIFO queue.
pub(super) fn is_fifo(name: &str) -> bool {
    name.ends_with(FIFO_SUFFIX)
}

/// The settings of a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Settings {
    /// What decides its behaviour.
    pub(super) spec: QueueSpec,
    /// What is only kept and shown: policies, encryption, throughput.
    pub(super) other: BTreeMap<String, String>,
}

/// SQS's defaults for a queue of this name.
pub(super) fn default_spec(name: &str, arn: String) -> QueueSpec {
    QueueSpec {
        name: name.to_owned(),
        arn,
        visibility_secs: 30,
        retention_secs: 345_600,
        delay_secs: 0,
        wait_secs: 0,
        message_bytes_max: u32::try_from(MESSAGE_BYTES_MAX).unwrap_or(u32::MAX),
        redrive: None,
        content_based_deduplication: false,
    }
}

impl Settings {
    pub(super) fn new(spec: QueueSpec) -> Self {
        let mut other = BTreeMap::from([("SqsManagedSseEnabled".to_owned(), "true".to_owned())]);
        if is_fifo(&spec.name) {
            other.insert("DeduplicationScope".into(), "queue".into());
            other.insert("FifoThroughputLimit".into(), "perQueue".into());
        }
        Self { spec, other }
    }

    /// Every attribute that this queue has, by name.
    pub(super) fn all(&self) -> BTreeMap<&'static str, String> {
        let names = SETTABLE.into_iter().chain(SETTABLE_FIFO);
        names.filter_map(|name| Some((name, self.get(name)?))).collect()
    }

    /// One attribute as SQS writes it; `None` if this queue does not have it.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let spec = &self.spec;
        Some(match name {
            "VisibilityTimeout" => spec.visibility_secs.to_string(),
            "MaximumMessageSize" => spec.message_bytes_max.to_string(),
            "MessageRetentionPeriod" => spec.retention_secs.to_string(),
            "DelaySeconds" => spec.delay_secs.to_string(),
            "ReceiveMessageWaitTimeSeconds" => spec.wait_secs.to_string(),
            "RedrivePolicy" => redrive_text(spec.redrive.as_ref()?),
            "FifoQueue" => is_fifo(&self.spec.name).then(|| "true".to_owned())?,
            "ContentBasedDeduplication" => {
                is_fifo(&self.spec.name).then(|| spec.content_based_deduplication.to_string())?
            }
            _ => self.other.get(name)?.clone(),
        })
    }

    /// Sets one attribute from SQS's string; an empty policy or key removes it.
    pub(super) fn set(&mut self, name: &str, value: &str) -> Result<(), Fault> {
        let known =
            SETTABLE.contains(&name) || (is_fifo(&self.spec.name) && SETTABLE_FIFO.contains(&name));
        if !known {
            return Err(no_attribute(name));
        }
        let spec = &mut self.spec;
        match name {
            "VisibilityTimeout" => {
                spec.visibility_secs = number(name, value, 0, VISIBILITY_SECS_MAX)?;
            }
            "MaximumMessageSize" => {
                let most = u32::try_from(MESSAGE_BYTES_MAX).unwrap_or(u32::MAX);
                spec.message_bytes_max = number(name, value, MESSAGE_BYTES_MIN, most)?;
            }
            "MessageRetentionPeriod" => {
                spec.retention_secs = number(name, value, RETENTION_SECS.0, RETENTION_SECS.1)?;
            }
            "DelaySeconds" => spec.delay_secs = number(name, value, 0, DELAY_SECS_MAX)?,
            "ReceiveMessageWaitTimeSeconds" => {
                spec.wait_secs = number(name, value, 0, WAIT_SECS_MAX)?;
            }
            "RedrivePolicy" => spec.redrive = redrive(value)?,
            "ContentBasedDeduplication" => {
                spec.content_based_deduplication =
                    one_of(name, value, &["true", "false"])? == "true";
            }
            "FifoQueue" => {
                one_of(name, value, &["true"])?;
            }
            _ => self.keep(name, value)?,
        }
        Ok(())
    }

    fn keep(&mut self, name: &str, value: &str) -> Result<(), Fault> {
        match name {
            "SqsManagedSseEnabled" => drop(one_of(name, value, &["true", "false"])?),
            "DeduplicationScope" => drop(one_of(name, value, &["queue", "messageGroup"])?),
            "FifoThroughputLimit" => drop(one_of(name, value, &["perQueue", "perMessageGroupId"])?),
            "KmsDataKeyReusePeriodSeconds" => drop(number(name, value, 60, 86_400)?.to_string()),
            "Policy" | "RedriveAllowPolicy" if !value.is_empty() => {
                serde_json::from_str::<serde_json::Map<String, Value>>(value)
                    .map_err(|_| bad_value(name))?;
            }
            _ => {}
        }
        if value.is_empty() {
            self.other.remove(name);
        } else {
            self.other.insert(name.to_owned(), value.to_owned());
        }
        Ok(())
    }
}

fn bad_value(name: &str) -> Fault {
    modelled("InvalidAttributeValue", format!("Invalid value for the parameter {name}."))
}

fn number(name: &str, value: &str, least: u32, most: u32) -> Result<u32, Fault> {
    value
        .parse()
        .ok()
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| bad_value(name))
}

fn one_of<'a>(name: &str, value: &'a str, allowed: &[&str]) -> Result<&'a str, Fault> {
    if allowed.contains(&value) { Ok(value) } else { Err(bad_value(name)) }
}

/// Reads a redrive policy; whether its queue exists is the caller's question.
fn redrive(text: &str) -> Result<Option<Redrive>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    let policy: Value = serde_json::from_str(text).map_err(|_| bad_value("RedrivePolicy"))?;
    let wrong = |why: &str| invalid_value("RedrivePolicy", text, why);
    let arn = policy["deadLetterTargetArn"].as_str().unwrap_or_default();
    if arn.split(':').count() != 6 {
        return Err(wrong("Invalid value for deadLetterTargetArn."));
    }
    let receives = match &policy["maxReceiveCount"] {
        Value::Null => Some(RECEIVES_DEFAULT),
        Value::String(digits) => digits.parse().ok(),
        other => other.as_u64().and_then(|number| u32::try_from(number).ok()),
    };
    let receives_max = receives.filter(|it| (1..=RECEIVES_MAX).contains(it)).ok_or_else(|| {
        wrong("Invalid value for maxReceiveCount, valid values are from 1 to 1000 both inclusive.")
    })?;
    Ok(Some(Redrive { dead_letter_arn: arn.to_owned(), receives_max }))
}

fn redrive_text(redrive: &Redrive) -> String {
    json!({"deadLetterTargetArn": redrive.dead_letter_arn, "maxReceiveCount": redrive.receives_max})
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(queue: &str, name: &str, value: &str, expected: &str) {
        let arn = format!("arn:aws:sqs:us-east-1:000000000000:{queue}");
        let mut settings = Settings::new(default_spec(queue, arn));
        let actual = match settings.set(name, value) {
            Ok(()) => settings.get(name).unwrap_or_else(|| "unset".into()),
            Err(fault) => fault.code.rsplit('#').next().unwrap().to_owned(),
        };
        assert_eq!(actual, expected, "{queue} {name} {value}");
    }

    #[test]
    fn attributes_are_checked_and_read_back() {
        let dead = "arn:aws:sqs:us-east-1:000000000000:dead";
        let policy = |count: &str| {
            format!("{{\"deadLetterTargetArn\": \"{dead}\", \"maxReceiveCount\": {count}}}")
        };
        let canonical = |count: u32| {
            format!("{{\"deadLetterTargetArn\":\"{dead}\",\"maxReceiveCount\":{count}}}")
        };
        check("q", "VisibilityTimeout", "43200", "43200");
        check("q", "VisibilityTimeout", "43201", "InvalidAttributeValue");
        check("q", "VisibilityTimeout", "-1", "InvalidAttributeValue");
        check("q", "DelaySeconds", "901", "InvalidAttributeValue");
        check("q", "MessageRetentionPeriod", "59", "InvalidAttributeValue");
        check("q", "MaximumMessageSize", "1048577", "InvalidAttributeValue");
        check("q", "ReceiveMessageWaitTimeSeconds", "ten", "InvalidAttributeValue");
        check("q", "FifoQueue", "false", "InvalidAttributeName");
        check("q", "ContentBasedDeduplication", "true", "InvalidAttributeName");
        check("q.fifo", "ContentBasedDeduplication", "true", "true");
        check("q.fifo", "DeduplicationScope", "tenant", "InvalidAttributeValue");
        check("q", "QueueArn", dead, "InvalidAttributeName");
        check("q", "RedrivePolicy", &policy("5"), &canonical(5));
        check("q", "RedrivePolicy", &policy("\"7\""), &canonical(7));
        check("q", "RedrivePolicy", &policy("0"), "InvalidParameterValueException");
        check("q", "RedrivePolicy", &policy("1001"), "InvalidParameterValueException");
        let dummy = "{\"deadLetterTargetArn\": \"dummy\", \"maxReceiveCount\": 42}";
        check("q", "RedrivePolicy", dummy, "InvalidParameterValueException");
        check("q", "RedrivePolicy", "not json", "InvalidAttributeValue");
        check("q", "RedrivePolicy", "", "unset");
        check("q", "Policy", "{}", "{}");
        check("q", "Policy", "", "unset");
    }
}
