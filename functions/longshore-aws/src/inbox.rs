//! A queue that a worker works off, ten messages a call, in SQS's JSON protocol spoken by hand.
//!
//! The SDK costs a worker several times all the rest of its loop. Credentials, Region and endpoint
//! are the SDK's.

mod answer;

#[cfg(test)]
mod tests;

use std::time::Duration;

use bytes::Bytes;
use http::Uri;
use longshore::poll::{Lend, Message, Told};
use longshore_engine::ports::{Inbox, InboxTrouble, Terms};
use serde_json::{Value, json};

use crate::{
    Clients, WireError,
    wire::{Unserved, Wire},
};

/// Longest time that SQS waits for a message (ReceiveMessage, SQS API reference).
const WAIT_SECS: u64 = 20;
/// Longest call, connecting included, beside the wait.
const CALL_SECS: u64 = 8;
/// What is told of each message.
const TOLD: [&str; 4] = [
    "ApproximateReceiveCount",
    "SentTimestamp",
    "ApproximateFirstReceiveTimestamp",
    "MessageGroupId",
];
const ATTRIBUTES: &str = "AmazonSQS.GetQueueAttributes";
const RECEIVE: &str = "AmazonSQS.ReceiveMessage";
const DELETE: &str = "AmazonSQS.DeleteMessageBatch";
const CHANGE: &str = "AmazonSQS.ChangeMessageVisibilityBatch";

/// One SQS queue, to receive from.
#[derive(Debug)]
pub struct SqsInbox {
    url: String,
    wire: Wire,
}

impl SqsInbox {
    /// The queue at `url`, at the endpoint that is configured, or else at the URL's own host.
    pub fn new(clients: &Clients, url: &str) -> Result<Self, WireError> {
        let fault = || WireError::Endpoint(url.to_owned());
        let endpoint = clients.sdk().endpoint_url().map_or_else(|| host_of(url), Some);
        let endpoint: Uri = endpoint.and_then(|it| it.parse().ok()).ok_or_else(fault)?;
        Ok(Self { url: url.to_owned(), wire: Wire::new(clients, endpoint, "sqs")? })
    }

    async fn call(
        &self,
        target: &'static str,
        body: &Value,
        secs: u64,
    ) -> Result<Bytes, InboxTrouble> {
        let call = self.wire.call(target, Bytes::from(body.to_string()));
        let call = tokio::time::timeout(Duration::from_secs(secs), call);
        let late = |_| Err(Unserved::Lost(format!("no answer within {secs} s")));
        let url = &self.url;
        call.await.unwrap_or_else(late).map_err(|unserved| match unserved {
            Unserved::Silence(words) | Unserved::Lost(words) | Unserved::Unsignable(words) => {
                InboxTrouble::Retryable(format!("{url}: {words}"))
            }
            Unserved::Refused(refusal) => answer::trouble(&refusal, url),
        })
    }

    fn unread(&self, error: &serde_json::Error) -> InboxTrouble {
        InboxTrouble::Retryable(format!("{}: the answer cannot be read: {error}", self.url))
    }
}

/// Scheme and host of a URL.
fn host_of(url: &str) -> Option<&str> {
    let host = url.find("://")? + 3;
    let end = url[host..].find('/').map_or(url.len(), |end| host + end);
    Some(&url[..end])
}

impl Inbox for SqsInbox {
    async fn terms(&self) -> Result<Terms, InboxTrouble> {
        let names = ["VisibilityTimeout", "RedrivePolicy"];
        let body = json!({"QueueUrl": self.url, "AttributeNames": names});
        let answer = self.call(ATTRIBUTES, &body, CALL_SECS).await?;
        answer::terms(&answer).map_err(|error| self.unread(&error))
    }

    async fn receive(
        &self,
        count: usize,
        visibility_secs: u32,
    ) -> Result<Vec<Message>, InboxTrouble> {
        let body = json!({
            "QueueUrl": self.url,
            "MaxNumberOfMessages": count,
            "WaitTimeSeconds": WAIT_SECS,
            "VisibilityTimeout": visibility_secs,
            "MessageSystemAttributeNames": TOLD,
        });
        let answer = self.call(RECEIVE, &body, WAIT_SECS + CALL_SECS).await?;
        answer::messages(&answer).map_err(|error| self.unread(&error))
    }

    async fn delete(&self, lends: &[Lend]) -> Result<Vec<Told>, InboxTrouble> {
        let entry = |(place, lend): (usize, &Lend)| json!({"Id": place.to_string(), "ReceiptHandle": lend.receipt});
        let entries: Vec<_> = lends.iter().enumerate().map(entry).collect();
        let body = json!({"QueueUrl": self.url, "Entries": entries});
        let answer = self.call(DELETE, &body, CALL_SECS).await?;
        answer::told(lends.len(), &answer).map_err(|error| self.unread(&error))
    }

    async fn lend(&self, lends: &[Lend]) -> Result<Vec<Told>, InboxTrouble> {
        let entry = |(place, lend): (usize, &Lend)| {
            let Lend { receipt, secs, .. } = lend;
            let id = place.to_string();
            json!({"Id": id, "ReceiptHandle": receipt, "VisibilityTimeout": secs})
        };
        let entries: Vec<_> = lends.iter().enumerate().map(entry).collect();
        let body = json!({"QueueUrl": self.url, "Entries": entries});
        let answer = self.call(CHANGE, &body, CALL_SECS).await?;
        answer::told(lends.len(), &answer).map_err(|error| self.unread(&error))
    }
}
