//! A queue to send to.

use aws_sdk_sqs::{Client, types::MessageAttributeValue};
use longshore_engine::ports::{Queue, QueueError};

use crate::{Clients, failure::said};

/// Longest reason in a message attribute; the whole reason is in the body or the log.
const REASON_CHARS_MAX: usize = 1_024;

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
        let reason: String =
            reason.chars().filter(|c| !c.is_control()).take(REASON_CHARS_MAX).collect();
        let reason = if reason.is_empty() { "no reason given" } else { &reason };
        let attribute = MessageAttributeValue::builder()
            .data_type("String")
            .string_value(reason)
            .build()
            .map_err(|error| self.trouble(&error.to_string()))?;
        let call = self.sqs.send_message().queue_url(&self.url).message_body(body);
        let call = call.message_attributes("reason", attribute);
        call.send().await.map(drop).map_err(|error| self.trouble(&said(&error)))
    }
}
