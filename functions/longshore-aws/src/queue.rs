//! A queue to send to.

use aws_sdk_sqs::{Client, types::MessageAttributeValue};
use longshore_engine::ports::{Queue, QueueError};

use crate::{Clients, failure::said};

/// Longest reason in a message attribute; the whole reason is in the body or the log.
const REASON_CHARS_MAX: usize = 1_024;

/// Longest wait for a message, in seconds: enough for SQS to ask all of its servers.
const RECEIVE_WAIT_SECS: i32 = 1;
/// How long a message that somebody looks at is invisible to others, in seconds.
const LOOKED_AT_SECS: i32 = 300;

/// A message that was received.
#[derive(Clone, Debug)]
pub struct Received {
    /// Its body.
    pub body: String,
    /// Why it is in the queue, if the sender says so.
    pub reason: String,
    /// What deletes it.
    pub receipt: String,
}

/// What SQS refuses (SendMessage API reference), and a key may hold; other characters that it
/// refuses are escaped in every JSON.
const REFUSED: [char; 2] = ['\u{fffe}', '\u{ffff}'];

/// `json` with the same meaning, so that no key keeps a dead letter from being sent.
fn escaped(json: &str) -> String {
    json.replace(REFUSED[0], "\\ufffe").replace(REFUSED[1], "\\uffff")
}

/// One SQS queue.
#[derive(Clone, Debug)]
pub struct SqsQueue {
    sqs: Client,
    url: String,
}

impl SqsQueue {
    /// The queue at `url`.
    #[must_use]
    pub fn new(clients: &Clients, url: &str) -> Self {
        Self { sqs: Client::new(clients.sdk()), url: url.to_owned() }
    }

    /// Whether this is the queue with this ARN, of those that have other names.
    pub(crate) fn has_arn(&self, arn: &str) -> bool {
        let name = arn.rsplit(':').next().unwrap_or_default();
        self.url.rsplit('/').next() == Some(name)
    }

    /// The queue of this name, in the account and Region of the clients.
    pub async fn named(clients: &Clients, name: &str) -> Result<Self, QueueError> {
        let sqs = Client::new(clients.sdk());
        let answer = sqs.get_queue_url().queue_name(name).send().await;
        let answer =
            answer.map_err(|error| QueueError(format!("queue `{name}`: {}", said(&error))))?;
        let url = answer.queue_url.unwrap_or_default();
        Ok(Self { sqs, url })
    }

    /// The next message, if there is one; it stays invisible for a while.
    pub async fn receive(&self) -> Result<Option<Received>, QueueError> {
        let call = self.sqs.receive_message().queue_url(&self.url).max_number_of_messages(1);
        let call = call.message_attribute_names("reason").wait_time_seconds(RECEIVE_WAIT_SECS);
        let call = call.visibility_timeout(LOOKED_AT_SECS);
        let answer = call.send().await.map_err(|error| self.trouble(&said(&error)))?;
        Ok(answer.messages.unwrap_or_default().into_iter().next().map(|message| {
            let attributes = message.message_attributes.unwrap_or_default();
            let reason = attributes.get("reason").and_then(|reason| reason.string_value.clone());
            Received {
                body: message.body.unwrap_or_default(),
                reason: reason.unwrap_or_default(),
                receipt: message.receipt_handle.unwrap_or_default(),
            }
        }))
    }

    /// Sends `body` as one of `group`, as rules and schedules do: a fair queue lets no group wait
    /// for another ("Amazon SQS fair queues", developer guide).
    pub async fn send_of(&self, group: &str, body: &str) -> Result<(), QueueError> {
        let call = self.sqs.send_message().queue_url(&self.url).message_body(escaped(body));
        let call = call.message_group_id(group);
        call.send().await.map(drop).map_err(|error| self.trouble(&said(&error)))
    }

    /// Takes a received message out of the queue.
    pub async fn delete(&self, receipt: &str) -> Result<(), QueueError> {
        let call = self.sqs.delete_message().queue_url(&self.url).receipt_handle(receipt);
        call.send().await.map(drop).map_err(|error| self.trouble(&said(&error)))
    }

    /// Makes a received message visible again after `wait_secs`, so that its failures come back
    /// more and more slowly.
    pub async fn retry_after(&self, receipt: &str, wait_secs: u32) -> Result<(), QueueError> {
        let call = self.sqs.change_message_visibility().queue_url(&self.url);
        let call = call.receipt_handle(receipt).visibility_timeout(wait_secs.cast_signed());
        call.send().await.map(drop).map_err(|error| self.trouble(&said(&error)))
    }

    fn trouble(&self, said: &str) -> QueueError {
        QueueError(format!("{}: {said}", self.url))
    }
}

impl Queue for SqsQueue {
    async fn send(&self, body: &str, reason: &str) -> Result<(), QueueError> {
        let fits = |c: &char| !c.is_control() && !REFUSED.contains(c);
        let reason: String = reason.chars().filter(fits).take(REASON_CHARS_MAX).collect();
        let reason = if reason.is_empty() { "no reason given" } else { &reason };
        let attribute = MessageAttributeValue::builder()
            .data_type("String")
            .string_value(reason)
            .build()
            .map_err(|error| self.trouble(&error.to_string()))?;
        let call = self.sqs.send_message().queue_url(&self.url).message_body(escaped(body));
        let call = call.message_attributes("reason", attribute);
        call.send().await.map(drop).map_err(|error| self.trouble(&said(&error)))
    }
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_sqs_refuses_is_escaped_and_means_the_same() {
        let key = "a\u{fffe}\u{ffff}\u{fffd}\u{1}\u{7f}\\";
        let sent = escaped(&serde_json::json!({"key": key}).to_string());
        assert!(!sent.contains(super::REFUSED) && !sent.contains('\u{1}'), "{sent}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&sent).unwrap()["key"], key);
    }
}
