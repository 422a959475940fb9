//! A batch of messages that Lambda delivers: each is acknowledged or comes back, later and later.

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures_util::future::join_all;
use jiff::Timestamp;
use longshore_engine::{
    Trouble,
    ports::{Clock, Rng},
};
use tracing::{info, warn};

use crate::{Machine, SqsQueue};

/// A message as a function takes it.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its body.
    pub body: String,
    /// When it was sent.
    pub sent_at: Timestamp,
}

/// Gives each message to `take`, all at once, and reports those that must come back to one of
/// `queues`.
pub async fn each<F, T>(queues: &[SqsQueue], batch: SqsEvent, take: F) -> SqsBatchResponse
where
    F: Fn(Delivery) -> T,
    T: Future<Output = Result<(), Trouble>>,
{
    all(queues, batch, |deliveries| join_all(deliveries.into_iter().map(take))).await
}

/// Gives all messages to `take`, whose outcomes are in their order, and reports those that must
/// come back to one of `queues`.
pub async fn all<F, T>(queues: &[SqsQueue], batch: SqsEvent, take: F) -> SqsBatchResponse
where
    F: FnOnce(Vec<Delivery>) -> T,
    T: Future<Output = Vec<Result<(), Trouble>>>,
{
    let (deliveries, messages): (Vec<_>, Vec<_>) = batch.records.into_iter().map(delivery).unzip();
    let outcomes = messages.into_iter().zip(take(deliveries).await);
    let troubled = outcomes.filter_map(|(message, outcome)| Some((message, outcome.err()?)));
    let failures = troubled.map(|(message, trouble)| come_back(queues, message, trouble));
    let failures = join_all(failures).await.into_iter().flatten().map(|item_identifier| {
        let mut failure = BatchItemFailure::default();
        failure.item_identifier = item_identifier;
        failure
    });
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failures.collect();
    response
}

fn delivery(mut message: SqsMessage) -> (Delivery, SqsMessage) {
    let sent = message.attributes.get("SentTimestamp").and_then(|millis| millis.parse().ok());
    let sent_at = sent.and_then(|millis| Timestamp::from_millisecond(millis).ok());
    let sent_at = sent_at.unwrap_or_else(|| Machine.now());
    let body = message.body.take().unwrap_or_default();
    (Delivery { body, sent_at }, message)
}

/// Has the message come back, and gives its id.
async fn come_back(queues: &[SqsQueue], message: SqsMessage, trouble: Trouble) -> Option<String> {
    let receives = message.attributes.get("ApproximateReceiveCount");
    let receives: u32 = receives.and_then(|count| count.parse().ok()).unwrap_or(1);
    let wait = trouble.stays_away_secs(receives, Machine.draw());
    match &trouble {
        // Nothing is wrong: the run is being launched, or was refused and is tried again.
        Trouble::Wait { run, reason, .. } => info!(run.id = %run, wait, reason, "Message waits"),
        other => warn!(trouble = %other, receives, wait, "Message comes back"),
    }
    let arn = message.event_source_arn.as_deref().unwrap_or_default();
    if let Some(queue) = queues.iter().find(|queue| queue.has_arn(arn))
        && let Some(receipt) = &message.receipt_handle
        && let Err(trouble) = queue.retry_after(receipt, wait).await
    {
        // It comes back all the same, when the queue's own visibility timeout ends.
        warn!(%trouble, "The wait of a message could not be set");
    }
    message.message_id
}
