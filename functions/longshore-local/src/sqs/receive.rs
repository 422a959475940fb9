//! `ReceiveMessage`: long polling, redrive, and the attributes that a receiver asks for.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Sqs;
use super::batch::visibility;
use super::faults::{invalid_value, modelled, no_attribute, no_queue};
use super::limits::{BATCH_MAX, WAIT_SECS_MAX};
use super::message::{Message, digest_of};
use super::queue::Ask;
use super::received::{Received, SYSTEM};
use crate::Fault;

/// What a receiver wants.
#[derive(Clone, Copy, Debug)]
pub(super) struct Want {
    pub(super) max: usize,
    /// The queue's own unless told.
    pub(super) visibility_secs: Option<u32>,
}

struct Look {
    received: Vec<Message>,
    /// When a hidden message becomes visible.
    due_ms: Option<i64>,
    is_over_limit: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Input {
    queue_url: String,
    attribute_names: Vec<String>,
    message_system_attribute_names: Vec<String>,
    message_attribute_names: Vec<String>,
    max_number_of_messages: Option<i64>,
    visibility_timeout: Option<i64>,
    wait_time_seconds: Option<i64>,
}

impl Sqs {
    pub(super) async fn receive_message(&self, input: Value) -> Result<Value, Fault> {
        let input: Input = super::api::read(input)?;
        let name = self.name_in(&input.queue_url)?;
        let default_wait_secs =
            self.act(|memory, now_ms| Ok(memory.queue(name, now_ms)?.queue.spec.wait_secs))?;
        let want = input.want()?;
        let patience = Duration::from_secs(input.wait_secs()?.unwrap_or(default_wait_secs).into());
        let messages = self.poll(name, want, patience).await?;
        if messages.is_empty() {
            return Ok(json!({}));
        }
        let shown = messages.iter().map(|it| input.show(self.received(name, it)));
        Ok(json!({"Messages": shown.collect::<Vec<_>>()}))
    }

    /// Looks until something is there or the time is over. Registers before it looks, so that a
    /// message which comes in between is not slept through.
    pub(super) async fn poll(
        &self,
        name: &str,
        want: Want,
        patience: Duration,
    ) -> Result<Vec<Message>, Fault> {
        let clock = self.ground.clock;
        let until_ms = clock.now_ms() + i64::try_from(patience.as_millis()).unwrap_or(0);
        let bell = self.act(|memory, now_ms| Ok(Arc::clone(&memory.queue(name, now_ms)?.bell)))?;
        loop {
            // Hears every ring from here on, although it is not yet polled.
            let rung = bell.notified();
            let look = self.look(name, want)?;
            if look.is_over_limit && patience.is_zero() {
                let message = "Too many messages in flight: delete what was received.";
                return Err(modelled("OverLimit", message));
            }
            if !look.received.is_empty() || clock.now_ms() >= until_ms {
                return Ok(look.received);
            }
            let next_ms = look.due_ms.map_or(until_ms, |due_ms| due_ms.min(until_ms));
            let next = Timestamp::from_millisecond(next_ms).unwrap_or(Timestamp::MAX);
            tokio::select! {
                () = rung => {}
                () = clock.sleep_until(next) => {}
            }
        }
    }

    /// Takes what is there, and moves what was received too often to the dead-letter queue, in one
    /// step.
    fn look(&self, name: &str, want: Want) -> Result<Look, Fault> {
        self.act(|memory, now_ms| {
            let spec = &memory.queues.get(name).ok_or_else(no_queue)?.queue.spec;
            let source_arn = spec.arn.clone();
            let visibility_secs = want.visibility_secs.unwrap_or(spec.visibility_secs);
            let dead = spec.redrive.as_ref().and_then(|it| self.name_of(&it.dead_letter_arn).ok());
            let dead = dead.filter(|it| *it != name && memory.queues.contains_key(*it));
            let dead = dead.map(str::to_owned);
            let ask = Ask { max: want.max, visibility_secs, redrive: dead.is_some() };
            let queue = &mut memory.queue(name, now_ms)?.queue;
            let is_over_limit = queue.is_full() && !queue.is_fifo();
            let taken = queue.receive(now_ms, ask);
            let look = Look { received: taken.received, due_ms: queue.due_ms(), is_over_limit };
            if let Some(dead) = dead {
                let target = &mut memory.queue(&dead, now_ms)?.queue;
                for message in taken.dead {
                    target.bury(now_ms, &source_arn, message);
                }
            }
            Ok(look)
        })
    }
}

impl Input {
    fn want(&self) -> Result<Want, Fault> {
        let given = self.max_number_of_messages.unwrap_or(1);
        let max = usize::try_from(given).ok().filter(|it| (1..=BATCH_MAX).contains(it));
        let max = max.ok_or_else(|| {
            invalid_value("MaxNumberOfMessages", given, "Must be between 1 and 10, if provided.")
        })?;
        let names = self.attribute_names.iter().chain(&self.message_system_attribute_names);
        for name in names {
            if name != "All" && !SYSTEM.contains(&name.as_str()) {
                return Err(no_attribute(name));
            }
        }
        let visibility_secs = self.visibility_timeout.map(visibility).transpose()?;
        Ok(Want { max, visibility_secs })
    }

    fn wait_secs(&self) -> Result<Option<u32>, Fault> {
        let Some(given) = self.wait_time_seconds else { return Ok(None) };
        let secs = u32::try_from(given).ok().filter(|it| *it <= WAIT_SECS_MAX);
        secs.map(Some).ok_or_else(|| {
            invalid_value("WaitTimeSeconds", given, "Must be >= 0 and <= 20, if provided.")
        })
    }

    /// The message with the attributes that were asked for; the digest is over those alone.
    fn show(&self, message: Received) -> Value {
        let mut shown = json!({
            "MessageId": message.message_id,
            "ReceiptHandle": message.receipt_handle,
            "MD5OfBody": message.md5_of_body,
            "Body": message.body,
        });
        let wants = |name: &str| {
            let mut names = self.attribute_names.iter().chain(&self.message_system_attribute_names);
            names.any(|it| it == "All" || it == name)
        };
        let system = message.attributes.into_iter().filter(|(name, _)| wants(name));
        let system: Map<String, Value> = system.map(|(name, it)| (name, it.into())).collect();
        if !system.is_empty() {
            shown["Attributes"] = system.into();
        }
        let mut attributes = message.message_attributes;
        attributes
            .retain(|name, _| self.message_attribute_names.iter().any(|it| selects(it, name)));
        if let Some(md5) = digest_of(&attributes) {
            shown["MD5OfMessageAttributes"] = md5.into();
            shown["MessageAttributes"] = json!(attributes);
        }
        shown
    }
}

/// `All` or `.*` for every attribute, `prefix.*` for those that begin so, else the very name.
fn selects(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix(".*") {
        Some(prefix) => name.starts_with(prefix),
        None => pattern == "All" || pattern == name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attribute_names_select_as_in_sqs() {
        for (pattern, name, expected) in [
            ("All", "Hello", true),
            (".*", "Hello", true),
            ("Hel.*", "Help.Me", true),
            ("Hel.*", "General", false),
            ("Hello", "Hello", true),
            ("Hello", "Help", false),
            ("", "Hello", false),
            ("*", "Hello", false),
        ] {
            assert_eq!(selects(pattern, name), expected, "{pattern} {name}");
        }
    }
}
