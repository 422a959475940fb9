//! A queue that a worker works off, ten messages a call, in SQS's JSON protocol spoken by hand.
//!
//! The SDK costs a worker several times all the rest of its loop. Credentials, Region and endpoint
//! are the SDK's.

mod answer;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{StatusCode, Uri};
use longshore::poll::{Lend, Message, Told};
use longshore_engine::ports::{Inbox, InboxTrouble, Terms};
use serde_json::{Value, json};

use crate::{
    BatchWriterError, Clients,
    batch_write::{
        connection::{Connection, Connector},
        sign::{Signer, SignerError},
    },
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
    connector: Connector,
    signer: Signer,
    idle: Mutex<Vec<Connection>>,
}

impl SqsInbox {
    /// The queue at `url`, at the endpoint that is configured, or else at the URL's own host.
    pub fn new(clients: &Clients, url: &str) -> Result<Self, BatchWriterError> {
        let fault = || BatchWriterError::Endpoint(url.to_owned());
        let endpoint = clients.sdk().endpoint_url().map_or_else(|| host_of(url), Some);
        let endpoint: Uri = endpoint.and_then(|it| it.parse().ok()).ok_or_else(fault)?;
        let connector = Connector::new(endpoint.clone(), clients)?;
        let signer = Signer::new(clients.sdk(), &endpoint, "sqs")?;
        Ok(Self { url: url.to_owned(), connector, signer, idle: Mutex::default() })
    }

    async fn call(
        &self,
        target: &'static str,
        body: &Value,
        secs: u64,
    ) -> Result<Bytes, InboxTrouble> {
        let body = Bytes::from(body.to_string());
        let call = tokio::time::timeout(Duration::from_secs(secs), self.ask(target, body));
        let late = |_| Err(format!("no answer within {secs} s"));
        let answer = call.await.unwrap_or_else(late);
        let trouble = |words: String| format!("{}: {words}", self.url);
        let (status, body) = answer.map_err(|words| InboxTrouble::Retryable(trouble(words)))?;
        if status.is_success() {
            return Ok(body);
        }
        let failure = answer::Failure::read(status, &body);
        if failure.is_expired() {
            self.signer.forget();
        }
        Err(failure.trouble(trouble))
    }

    async fn ask(&self, target: &'static str, body: Bytes) -> Result<(StatusCode, Bytes), String> {
        let sign = async || match self.signer.request(target, body.clone()).await {
            Ok(request) => Ok(request),
            Err(SignerError::Credentials(words) | SignerError::Request(words)) => Err(words),
        };
        let idle = self.idle().pop();
        if let Some(mut connection) = idle {
            // SQS closes what is idle for long; such a call never came to it.
            if let Ok(answer) = connection.call(sign().await?).await {
                self.idle().push(connection);
                return Ok((answer.status, answer.body));
            }
        }
        let mut connection = self.connector.connect().await?;
        let answer = connection.call(sign().await?).await?;
        self.idle().push(connection);
        Ok((answer.status, answer.body))
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
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

#[cfg(test)]
mod tests {
    use super::host_of;

    #[test]
    fn a_queue_is_asked_where_its_url_says() {
        let host = host_of("https://sqs.eu-west-1.amazonaws.com/123456789012/work");
        assert_eq!(host, Some("https://sqs.eu-west-1.amazonaws.com"));
        assert_eq!(host_of("http://127.0.0.1:1"), Some("http://127.0.0.1:1"));
        assert_eq!(host_of("work"), None);
    }
}
