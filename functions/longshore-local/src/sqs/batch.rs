//! What is done to received messages, one by one or ten at once: delete, change visibility.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::faults::{invalid_value, missing, modelled, query_code};
use super::limits::{BATCH_MAX, ENTRY_ID_CHARS_MAX, VISIBILITY_SECS_MAX};
use super::memory::Held;
use super::queue::Refusal;
use super::{Sqs, receipt};
use crate::Fault;

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct One {
    queue_url: String,
    #[serde(flatten)]
    entry: Entry,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Many {
    queue_url: String,
    entries: Vec<Entry>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Entry {
    id: Option<String>,
    receipt_handle: Option<String>,
    visibility_timeout: Option<i64>,
}

/// The answer to a batch: every entry succeeds or fails by itself.
#[derive(Default)]
pub(super) struct Outcome {
    successful: Vec<Value>,
    failed: Vec<Value>,
}

impl Outcome {
    pub(super) fn add(&mut self, id: &str, entry: Result<Value, Fault>) {
        match entry {
            Ok(mut answer) => {
                answer["Id"] = id.into();
                self.successful.push(answer);
            }
            Err(fault) => self.failed.push(json!({
                "Id": id,
                "SenderFault": fault.status < 500,
                "Code": query_code(&fault),
                "Message": fault.message,
            })),
        }
    }

    /// AWS leaves an empty list out.
    pub(super) fn into_answer(self) -> Value {
        let lists = [("Successful", self.successful), ("Failed", self.failed)];
        let lists = lists.into_iter().filter(|(_, list)| !list.is_empty());
        Value::Object(lists.map(|(name, list)| (name.to_owned(), list.into())).collect())
    }
}

/// The rules for a batch as a whole; `shape` is the entries' name in SQS's model.
pub(super) fn check<'a>(
    shape: &str,
    ids: impl ExactSizeIterator<Item = Option<&'a str>>,
) -> Result<(), Fault> {
    let count = ids.len();
    if count == 0 {
        let message = format!("There should be at least one {shape} in the request.");
        return Err(modelled("EmptyBatchRequest", message));
    }
    if count > BATCH_MAX {
        let message = format!(
            "Maximum number of entries per request are {BATCH_MAX}. You have sent {count}."
        );
        return Err(modelled("TooManyEntriesInBatchRequest", message));
    }
    let mut seen = BTreeSet::new();
    let mut repeated = None;
    for id in ids {
        let id = id.unwrap_or_default();
        let fits = (1..=ENTRY_ID_CHARS_MAX).contains(&id.len());
        if !fits || !id.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it)) {
            let message = "A batch entry id can only contain alphanumeric characters, hyphens and \
                           underscores. It can be at most 80 letters long.";
            return Err(modelled("InvalidBatchEntryId", message));
        }
        if !seen.insert(id) {
            repeated = repeated.or(Some(id));
        }
    }
    match repeated {
        None => Ok(()),
        Some(id) => Err(modelled("BatchEntryIdsNotDistinct", format!("Id {id} repeated."))),
    }
}

/// Deletes by receipt handle.
pub(super) fn delete(held: &mut Held, handle: &str) -> Result<(), Fault> {
    let receipt = receipt::read(&held.queue.spec.name, handle)?;
    held.queue.delete(&receipt).map_err(|why| refused(why, handle, 0))
}

/// Changes the visibility timeout by receipt handle.
pub(super) fn change_visibility(
    held: &mut Held,
    now_ms: i64,
    handle: &str,
    secs: Option<i64>,
) -> Result<(), Fault> {
    let given = secs.ok_or_else(|| missing("VisibilityTimeout"))?;
    let secs = visibility(given)?;
    let receipt = receipt::read(&held.queue.spec.name, handle)?;
    held.queue.change_visibility(now_ms, &receipt, secs).map_err(|why| refused(why, handle, secs))
}

/// A visibility timeout within SQS's bounds.
pub(super) fn visibility(secs: i64) -> Result<u32, Fault> {
    u32::try_from(secs).ok().filter(|it| *it <= VISIBILITY_SECS_MAX).ok_or_else(|| {
        invalid_value("VisibilityTimeout", secs, "Must be between 0 and 43200, if provided.")
    })
}

fn refused(why: Refusal, handle: &str, secs: u32) -> Fault {
    match why {
        Refusal::Expired => {
            invalid_value("ReceiptHandle", handle, "The receipt handle has expired.")
        }
        Refusal::NotAvailable => invalid_value(
            "ReceiptHandle",
            handle,
            "Message does not exist or is not available for visibility timeout change.",
        ),
        Refusal::TooLong => invalid_value(
            "VisibilityTimeout",
            secs,
            "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]",
        ),
    }
}

impl Entry {
    fn handle(&self) -> Result<&str, Fault> {
        self.receipt_handle.as_deref().ok_or_else(|| missing("ReceiptHandle"))
    }
}

impl Sqs {
    pub(super) fn delete_message(&self, input: Value) -> Result<Value, Fault> {
        self.one(input, |held, _, entry| delete(held, entry.handle()?))
    }

    pub(super) fn delete_message_batch(&self, input: Value) -> Result<Value, Fault> {
        self.many("DeleteMessageBatchRequestEntry", input, |held, _, entry| {
            delete(held, entry.handle()?)
        })
    }

    pub(super) fn change_message_visibility(&self, input: Value) -> Result<Value, Fault> {
        self.one(input, |held, now_ms, entry| {
            change_visibility(held, now_ms, entry.handle()?, entry.visibility_timeout)
        })
    }

    pub(super) fn change_message_visibility_batch(&self, input: Value) -> Result<Value, Fault> {
        let shape = "ChangeMessageVisibilityBatchRequestEntry";
        self.many(shape, input, |held, now_ms, entry| {
            change_visibility(held, now_ms, entry.handle()?, entry.visibility_timeout)
        })
    }

    fn one(
        &self,
        input: Value,
        act: impl FnOnce(&mut Held, i64, &Entry) -> Result<(), Fault>,
    ) -> Result<Value, Fault> {
        let One { queue_url, entry } = super::api::read(input)?;
        let name = self.name_in(&queue_url)?;
        self.act(|memory, now_ms| act(memory.queue(name, now_ms)?, now_ms, &entry))?;
        Ok(Value::Object(Map::new()))
    }

    fn many(
        &self,
        shape: &str,
        input: Value,
        act: impl Fn(&mut Held, i64, &Entry) -> Result<(), Fault>,
    ) -> Result<Value, Fault> {
        let Many { queue_url, entries } = super::api::read(input)?;
        let name = self.name_in(&queue_url)?;
        self.act(|memory, now_ms| {
            let held = memory.queue(name, now_ms)?;
            check(shape, entries.iter().map(|it| it.id.as_deref()))?;
            let mut outcome = Outcome::default();
            for entry in &entries {
                let done = act(held, now_ms, entry).map(|()| json!({}));
                outcome.add(entry.id.as_deref().unwrap_or_default(), done);
            }
            Ok(outcome.into_answer())
        })
    }
}
