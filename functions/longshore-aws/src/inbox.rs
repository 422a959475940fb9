//! A queue that a worker works off: ten messages a call.

use std::time::Duration;

use aws_sdk_sqs::{
    Client,
    config::{Builder, timeout::TimeoutConfig},
    error::SdkError,
    types::{
        BatchResultErrorEntry, ChangeMessageVisibilityBatchRequestEntry,
        DeleteMessageBatchRequestEntry, Message as SqsMessage, MessageSystemAttributeName as Name,
        QueueAttributeName,
    },
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use jiff::Timestamp;
use longshore::poll::{Lend, Message, Told};
use longshore_engine::ports::{Inbox, InboxTrouble, Terms};

use crate::{Clients, failure::said};

/// Longest time that SQS waits for a message (ReceiveMessage, SQS API reference).
const WAIT_SECS: i32 = 20;
/// Longest single try of a call that waits, and longest call: the wait, and what other calls have.
const TRY_SECS: u64 = 28;
const CALL_SECS: u64 = 60;
/// What is told of each message.
const TOLD: [Name; 4] = [
    Name::ApproximateReceiveCount,
    Name::SentTimestamp,
    Name::ApproximateFirstReceiveTimestamp,
    Name::MessageGroupId,
];
/// Codes of a refusal that no second try changes, in the names of either protocol of SQS.
const REFUSALS: [&str; 7] = [
    "QueueDoesNotExist",
    "AWS.SimpleQueueService.NonExistentQueue",
    "AccessDenied",
    "AccessDeniedException",
    "InvalidAddress",
    "InvalidSecurity",
    "UnsupportedOperation",
];

/// One SQS queue, to receive from.
#[derive(Clone, Debug)]
pub struct SqsInbox {
    sqs: Client,
    url: String,
}

impl SqsInbox {
    /// The queue at `url`.
    #[must_use]
    pub fn new(clients: &Clients, url: &str) -> Self {
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(Duration::from_secs(TRY_SECS))
            .operation_timeout(Duration::from_secs(CALL_SECS))
            .build();
        let config = Builder::from(clients.sdk()).timeout_config(timeouts).build();
        Self { sqs: Client::from_conf(config), url: url.to_owned() }
    }

    fn trouble<E, R>(&self, error: &SdkError<E, R>) -> InboxTrouble
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: std::fmt::Debug,
    {
        let words = format!("{}: {}", self.url, said(error));
        match error.code() {
            Some(code) if REFUSALS.contains(&code) => InboxTrouble::Refused(words),
            _ => InboxTrouble::Retryable(words),
        }
    }
}

impl Inbox for SqsInbox {
    async fn terms(&self) -> Result<Terms, InboxTrouble> {
        let (visibility, redrive) =
            (QueueAttributeName::VisibilityTimeout, QueueAttributeName::RedrivePolicy);
        let call = self.sqs.get_queue_attributes().queue_url(&self.url);
        let call = call.attribute_names(visibility.clone()).attribute_names(redrive.clone());
        let answer = call.send().await.map_err(|error| self.trouble(&error))?;
        let attributes = answer.attributes.unwrap_or_default();
        let secs = attributes.get(&visibility).and_then(|secs| secs.parse().ok());
        let visibility_secs = secs.ok_or_else(|| {
            InboxTrouble::Retryable(format!("{}: no VisibilityTimeout was told", self.url))
        })?;
        let redrives = attributes.get(&redrive).is_some_and(|policy| !policy.is_empty());
        Ok(Terms { visibility_secs, redrives })
    }

    async fn receive(
        &self,
        count: usize,
        visibility_secs: u32,
    ) -> Result<Vec<Message>, InboxTrouble> {
        let call = self.sqs.receive_message().queue_url(&self.url).wait_time_seconds(WAIT_SECS);
        let call = call.max_number_of_messages(i32::try_from(count).unwrap_or(1));
        let call = call.visibility_timeout(visibility_secs.cast_signed());
        let call = call.set_message_system_attribute_names(Some(TOLD.to_vec()));
        let answer = call.send().await.map_err(|error| self.trouble(&error))?;
        Ok(answer.messages.unwrap_or_default().into_iter().map(message).collect())
    }

    async fn delete(&self, lends: &[Lend]) -> Result<Vec<Told>, InboxTrouble> {
        let entry = |(place, lend): (usize, &Lend)| {
            let entry = DeleteMessageBatchRequestEntry::builder().id(place.to_string());
            entry.receipt_handle(&lend.receipt).build()
        };
        let entries: Result<Vec<_>, _> = lends.iter().enumerate().map(entry).collect();
        let entries = entries.map_err(|error| InboxTrouble::Refused(error.to_string()))?;
        let call = self.sqs.delete_message_batch().queue_url(&self.url).set_entries(Some(entries));
        let answer = call.send().await.map_err(|error| self.trouble(&error))?;
        let done = answer.successful.iter().map(|it| it.id.as_str());
        Ok(told(lends.len(), done, &answer.failed))
    }

    async fn lend(&self, lends: &[Lend]) -> Result<Vec<Told>, InboxTrouble> {
        let entry = |(place, lend): (usize, &Lend)| {
            let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(place.to_string());
            let entry = entry.receipt_handle(&lend.receipt);
            entry.visibility_timeout(lend.secs.cast_signed()).build()
        };
        let entries: Result<Vec<_>, _> = lends.iter().enumerate().map(entry).collect();
        let entries = entries.map_err(|error| InboxTrouble::Refused(error.to_string()))?;
        let call = self.sqs.change_message_visibility_batch().queue_url(&self.url);
        let answer = call.set_entries(Some(entries)).send().await;
        let answer = answer.map_err(|error| self.trouble(&error))?;
        let done = answer.successful.iter().map(|it| it.id.as_str());
        Ok(told(lends.len(), done, &answer.failed))
    }
}

fn message(message: SqsMessage) -> Message {
    let mut attributes = message.attributes.unwrap_or_default();
    let number = |name| attributes.get(&name).and_then(|text| text.parse::<i64>().ok());
    let receives = number(Name::ApproximateReceiveCount);
    let time = |millis: Option<i64>| millis.and_then(|it| Timestamp::from_millisecond(it).ok());
    let sent = time(number(Name::SentTimestamp));
    let first_received = time(number(Name::ApproximateFirstReceiveTimestamp));
    Message {
        id: message.message_id.unwrap_or_default(),
        receipt: message.receipt_handle.unwrap_or_default(),
        body: message.body.unwrap_or_default(),
        group: attributes.remove(&Name::MessageGroupId),
        receives: receives.and_then(|count| u32::try_from(count).ok()).unwrap_or(1),
        sent,
        first_received,
    }
}

/// What became of each of `count` messages, whose places are the ids of the answer: a batch answers
/// 200 although some of it failed. Of what it says nothing, nothing is known.
fn told<'a>(
    count: usize,
    done: impl Iterator<Item = &'a str>,
    failed: &[BatchResultErrorEntry],
) -> Vec<Told> {
    let mut told = vec![Told::Again; count];
    let mut say = |id: &str, what| {
        let place = id.parse::<usize>().ok();
        if let Some(place) = place.and_then(|place| told.get_mut(place)) {
            *place = what;
        }
    };
    done.for_each(|id| say(id, Told::Done));
    for entry in failed {
        if is_gone(entry) {
            tracing::info!(code = entry.code, message = entry.message, "A receipt is no good");
            say(&entry.id, Told::Gone);
        }
    }
    told
}

/// Whether the receipt is no good any more, and not merely SQS's mood.
fn is_gone(entry: &BatchResultErrorEntry) -> bool {
    let code = entry.code.rsplit('.').next().unwrap_or_default();
    let moods = ["RequestThrottled", "ThrottlingException", "KmsThrottled", "InternalError"];
    entry.sender_fault && !moods.contains(&code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_failed_only_a_bad_receipt_is_given_up() {
        use Told::{Again, Done, Gone};
        let failed = |id: &str, code: &str, sender_fault| {
            let entry = BatchResultErrorEntry::builder().id(id).code(code);
            entry.sender_fault(sender_fault).build().unwrap()
        };
        let failed = [
            failed("1", "ReceiptHandleIsInvalid", true),
            failed("2", "InternalError", false),
            failed("3", "InvalidParameterValue", true),
            failed("4", "AWS.SimpleQueueService.MessageNotInflight", true),
            failed("5", "RequestThrottled", true),
            failed("99", "ReceiptHandleIsInvalid", true),
        ];
        let told = told(7, ["0", "x"].into_iter(), &failed);
        assert_eq!(told, [Done, Gone, Again, Gone, Gone, Again, Again]);
    }
}
