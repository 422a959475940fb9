//! What is said of a queue: its attributes and its tags.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::Sqs;
use super::api::read;
use super::faults::{invalid, invalid_value, modelled, no_attribute};
use super::limits::TAGS_MAX;
use super::memory::{Held, Memory};
use super::queue::Counts;
use super::queues::non_empty;
use super::settings::{Settings, is_fifo};
use crate::Fault;

/// The inputs of all operations on one existing queue.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Existing {
    pub(super) queue_url: String,
    attribute_names: Vec<String>,
    attributes: BTreeMap<String, String>,
    tags: BTreeMap<String, String>,
    tag_keys: Vec<String>,
}

impl Sqs {
    pub(super) fn get_queue_attributes(&self, input: Value) -> Result<Value, Fault> {
        let Existing { queue_url, attribute_names: names, .. } = read(input)?;
        let name = self.name_in(&queue_url)?;
        let mut shown = self.act(|memory, now_ms| {
            let held = memory.queue(name, now_ms)?;
            let at_ms = self.count_lag_ms().map(|lag_ms| now_ms - lag_ms);
            let late = at_ms.and_then(|at_ms| held.history.at(at_ms));
            Ok(describe(held, late.unwrap_or_else(|| held.queue.counts())))
        })?;
        if let Some(unknown) = names.iter().find(|it| !KNOWN.contains(&it.as_str())) {
            return Err(no_attribute(unknown));
        }
        shown.retain(|name, _| names.iter().any(|it| it == "All" || it == name));
        Ok(non_empty("Attributes", json!(shown)))
    }

    pub(super) fn set_queue_attributes(&self, input: Value) -> Result<Value, Fault> {
        let Existing { queue_url, attributes, .. } = read(input)?;
        let name = self.name_in(&queue_url)?;
        self.act(|memory, now_ms| {
            let settings = memory.queue(name, now_ms)?.settings();
            if settings.get("FifoQueue").is_some() && attributes.contains_key("FifoQueue") {
                let message = "Invalid value for the parameter FifoQueue. Reason: Modifying queue \
                               type is not supported.";
                return Err(modelled("InvalidAttributeValue", message));
            }
            let settings = self.changed(memory, settings, &attributes)?;
            memory.queue(name, now_ms)?.set(settings, now_ms);
            memory.touch(name);
            Ok(json!({}))
        })
    }

    pub(super) fn tag_queue(&self, input: Value) -> Result<Value, Fault> {
        let Existing { queue_url, tags, .. } = read(input)?;
        self.change_tags(&queue_url, |held| held.extend(tags))
    }

    pub(super) fn untag_queue(&self, input: Value) -> Result<Value, Fault> {
        let Existing { queue_url, tag_keys, .. } = read(input)?;
        self.change_tags(&queue_url, |held| held.retain(|key, _| !tag_keys.contains(key)))
    }

    pub(super) fn list_queue_tags(&self, input: Value) -> Result<Value, Fault> {
        let Existing { queue_url, .. } = read(input)?;
        let name = self.name_in(&queue_url)?;
        let tags = self.act(|memory, now_ms| Ok(memory.queue(name, now_ms)?.tags.clone()))?;
        Ok(non_empty("Tags", json!(tags)))
    }

    fn change_tags(
        &self,
        url: &str,
        change: impl FnOnce(&mut BTreeMap<String, String>),
    ) -> Result<Value, Fault> {
        let name = self.name_in(url)?;
        self.act(|memory, now_ms| {
            let held = memory.queue(name, now_ms)?;
            let mut tags = held.tags.clone();
            change(&mut tags);
            if tags.len() > TAGS_MAX {
                return Err(invalid(format!("Too many tags added for queue {name}.")));
            }
            held.tags = tags;
            memory.touch(name);
            Ok(json!({}))
        })
    }

    /// The settings with these attributes set; a dead-letter queue must exist and be of the same
    /// type.
    pub(super) fn changed(
        &self,
        memory: &Memory,
        mut settings: Settings,
        attributes: &BTreeMap<String, String>,
    ) -> Result<Settings, Fault> {
        for (name, value) in attributes {
            settings.set(name, value)?;
        }
        let redrive = settings.spec.redrive.as_ref();
        let given = attributes.get("RedrivePolicy");
        if let (Some(redrive), Some(given)) = (redrive, given) {
            let wrong = |why: &str| invalid_value("RedrivePolicy", given, why);
            let name = self.name_of(&redrive.dead_letter_arn).ok();
            if !name.is_some_and(|it| memory.queues.contains_key(it) || it == settings.spec.name) {
                return Err(wrong("Dead letter target does not exist."));
            }
            if is_fifo(&redrive.dead_letter_arn) != is_fifo(&settings.spec.name) {
                return Err(wrong("Dead-letter queue must be same type of queue as the source."));
            }
        }
        Ok(settings)
    }
}

/// All attributes that `GetQueueAttributes` knows, whether this queue has them or not.
const KNOWN: [&str; 22] = [
    "All",
    "Policy",
    "VisibilityTimeout",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "QueueArn",
    "ApproximateNumberOfMessagesDelayed",
    "DelaySeconds",
    "ReceiveMessageWaitTimeSeconds",
    "RedrivePolicy",
    "FifoQueue",
    "ContentBasedDeduplication",
    "KmsMasterKeyId",
    "KmsDataKeyReusePeriodSeconds",
    "DeduplicationScope",
    "FifoThroughputLimit",
    "RedriveAllowPolicy",
    "SqsManagedSseEnabled",
];

fn describe(held: &Held, counts: Counts) -> BTreeMap<&'static str, String> {
    let mut all = held.settings().all();
    all.insert("QueueArn", held.queue.spec.arn.clone());
    all.insert("ApproximateNumberOfMessages", counts.visible.to_string());
    all.insert("ApproximateNumberOfMessagesNotVisible", counts.in_flight.to_string());
    all.insert("ApproximateNumberOfMessagesDelayed", counts.delayed.to_string());
    all.insert("CreatedTimestamp", (held.created_ms / 1_000).to_string());
    all.insert("LastModifiedTimestamp", (held.modified_ms / 1_000).to_string());
    all
}
