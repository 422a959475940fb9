//! The operations on queues themselves: make, find, list, purge, delete.

use std::collections::BTreeMap;

use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Sqs;
use super::api::read;
use super::described::Existing;
use super::faults::{invalid, invalid_value, modelled, no_queue};
use super::limits::{DELETE_PAUSE_MS, NAME_CHARS_MAX, PAGE_MAX, PURGE_PAUSE_MS};
use super::memory::{Held, Memory};
use super::settings::{FIFO_SUFFIX, Settings, default_spec};
use crate::Fault;

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Create {
    queue_name: String,
    attributes: BTreeMap<String, String>,
    #[serde(rename = "tags")]
    tags: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Find {
    queue_name: String,
    #[serde(rename = "QueueOwnerAWSAccountId")]
    owner: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct List {
    queue_url: String,
    queue_name_prefix: String,
    max_results: Option<i64>,
    next_token: Option<String>,
}

impl Sqs {
    pub(super) fn create_queue(&self, input: Value) -> Result<Value, Fault> {
        let Create { queue_name: name, attributes, tags } = read(input)?;
        check_name(&name, attributes.get("FifoQueue").is_some_and(|it| it == "true"))?;
        self.act(|memory, now_ms| {
            let found = memory.queues.get(&name).map(Held::settings);
            let arn = self.ground.account.arn("sqs", &name);
            let base = found.clone().unwrap_or_else(|| Settings::new(default_spec(&name, arn)));
            let wanted = self.changed(memory, base, &attributes)?;
            if let Some(found) = found {
                return same(&found, &wanted, &attributes);
            }
            check_not_just_deleted(memory, &name, now_ms)?;
            let mut held = Held::new(wanted, now_ms);
            held.tags = tags;
            memory.queues.insert(name.clone(), held);
            memory.touch(&name);
            Ok(())
        })?;
        Ok(json!({"QueueUrl": self.ground.account.queue_url(&name)}))
    }

    pub(super) fn delete_queue(&self, input: Value) -> Result<Value, Fault> {
        let Existing { queue_url, .. } = read(input)?;
        let name = self.name_in(&queue_url)?;
        self.act(|memory, now_ms| memory.remove(name, now_ms))?;
        Ok(json!({}))
    }

    pub(super) fn list_queues(&self, input: Value) -> Result<Value, Fault> {
        let list: List = read(input)?;
        let names = self.act(|memory, _| {
            let names = memory.queues.keys().filter(|it| it.starts_with(&list.queue_name_prefix));
            Ok(names.cloned().collect())
        })?;
        self.page("QueueUrls", names, &list)
    }

    pub(super) fn list_dead_letter_source_queues(&self, input: Value) -> Result<Value, Fault> {
        let list: List = read(input)?;
        let name = self.name_in(&list.queue_url)?;
        let names = self.act(|memory, now_ms| {
            let arn = memory.queue(name, now_ms)?.queue.spec.arn.clone();
            let sources = memory.queues.iter().filter(|(_, held)| {
                held.queue.spec.redrive.as_ref().is_some_and(|it| it.dead_letter_arn == arn)
            });
            Ok(sources.map(|(name, _)| name.clone()).collect())
        })?;
        self.page("queueUrls", names, &list)
    }

    pub(super) fn get_queue_url(&self, input: Value) -> Result<Value, Fault> {
        let Find { queue_name: name, owner } = read(input)?;
        if name.is_empty() {
            return Err(invalid_value("QueueName", "", "Must specify a queue name."));
        }
        if owner.is_some_and(|it| it != self.ground.account.id) {
            return Err(no_queue());
        }
        self.act(|memory, now_ms| memory.queue(&name, now_ms).map(drop))?;
        Ok(json!({"QueueUrl": self.ground.account.queue_url(&name)}))
    }

    pub(super) fn purge_queue(&self, input: Value) -> Result<Value, Fault> {
        let Existing { queue_url, .. } = read(input)?;
        let name = self.name_in(&queue_url)?;
        self.act(|memory, now_ms| {
            let held = memory.queue(name, now_ms)?;
            if held.purged_ms.is_some_and(|it| it + PURGE_PAUSE_MS > now_ms) {
                let message =
                    format!("Only one PurgeQueue operation on {name} is allowed every 60 seconds.");
                return Err(modelled("PurgeQueueInProgress", message));
            }
            held.purged_ms = Some(now_ms);
            held.queue.purge();
            Ok(json!({}))
        })
    }

    /// One page of queue URLs; without `MaxResults` there is only one.
    fn page(&self, member: &str, names: Vec<String>, list: &List) -> Result<Value, Fault> {
        let most = list.max_results.unwrap_or(i64::try_from(PAGE_MAX).unwrap_or(i64::MAX));
        let most = usize::try_from(most).ok().filter(|it| (1..=PAGE_MAX).contains(it));
        let most = most.ok_or_else(|| {
            let given = list.max_results.unwrap_or_default();
            invalid_value("MaxResults", given, "Must be an integer value between 1 and 1000.")
        })?;
        let after = list.next_token.as_deref().map(after).transpose()?;
        let mut rest = names.into_iter().filter(|it| Some(it) > after.as_ref());
        let page: Vec<String> = rest.by_ref().take(most).collect();
        let urls: Vec<String> = page.iter().map(|it| self.ground.account.queue_url(it)).collect();
        let mut answer = non_empty(member, json!(urls));
        if let (true, Some(_), Some(last)) = (list.max_results.is_some(), rest.next(), page.last())
        {
            answer["NextToken"] = BASE64URL_NOPAD.encode(last.as_bytes()).into();
        }
        Ok(answer)
    }
}

fn check_name(name: &str, fifo: bool) -> Result<(), Fault> {
    let stem = name.strip_suffix(FIFO_SUFFIX).filter(|_| fifo);
    let is_legal = |it: &str| {
        !it.is_empty() && it.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it))
    };
    let fits = name.len() <= NAME_CHARS_MAX;
    match (fifo, stem) {
        (true, Some(stem)) if fits && is_legal(stem) => Ok(()),
        (true, _) => Err(invalid(
            "The name of a FIFO queue can only include alphanumeric characters, hyphens, or \
             underscores, must end with .fifo suffix and be 1 to 80 in length",
        )),
        (false, _) if fits && is_legal(name) => Ok(()),
        (false, _) => Err(invalid(
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
        )),
    }
}

/// A queue that exists may be created again with the same values.
fn same(
    found: &Settings,
    wanted: &Settings,
    given: &BTreeMap<String, String>,
) -> Result<(), Fault> {
    match given.keys().find(|name| found.get(name) != wanted.get(name)) {
        None => Ok(()),
        Some(name) => Err(modelled(
            "QueueNameExists",
            format!(
                "A queue already exists with the same name and a different value for attribute {name}"
            ),
        )),
    }
}

fn check_not_just_deleted(memory: &mut Memory, name: &str, now_ms: i64) -> Result<(), Fault> {
    memory.deleted_ms.retain(|_, it| *it + DELETE_PAUSE_MS > now_ms);
    if memory.deleted_ms.contains_key(name) {
        let message = "You must wait 60 seconds after deleting a queue before you can create another with \
             the same name.";
        return Err(modelled("QueueDeletedRecently", message));
    }
    Ok(())
}

fn after(token: &str) -> Result<String, Fault> {
    let name = BASE64URL_NOPAD.decode(token.as_bytes()).ok();
    name.and_then(|it| String::from_utf8(it).ok())
        .ok_or_else(|| invalid_value("NextToken", token, "Must be a token of a former answer."))
}

/// AWS leaves empty members out.
pub(super) fn non_empty(member: &str, value: Value) -> Value {
    let is_empty =
        value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty);
    if is_empty { json!({}) } else { Map::from_iter([(member.to_owned(), value)]).into() }
}
