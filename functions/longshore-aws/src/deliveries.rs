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

/// Gives each message to `take`, all at once, and reports those that must come back.
pub async fn each<F, T>(queue: &SqsQueue, batch: SqsEvent, take: F) -> SqsBatchResponse
where
    F: Fn(Delivery) -> T,
    T: Future<Output = Result<(), Trouble>>,
{
    let outcomes = batch.records.into_iter().map(|message| one(queue, message, &take));
    let failures = join_all(outcomes).await.into_iter().flatten();
    let failures = failures.map(|item_identifier| {
        let mut failure = BatchItemFailure::default();
        failure.item_identifier = item_identifier;
        failure
    });
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failures.collect();
    response
}

/// The id of the message if it must come back.
async fn one<F, T>(queue: &SqsQueue, message: SqsMessage, take: &F) -> Option<String>
where
    F: Fn(Delivery) -> T,
    T: Future<Output = Result<(), Trouble>>,
{
    let sent = message.attributes.get("SentTimestamp").and_then(|millis| millis.parse().ok());
    let sent_at = sent.and_then(|millis| Timestamp::from_millisecond(millis).ok());
    let sent_at = sent_at.unwrap_or_else(|| Machine.now());
    let body = message.body.unwrap_or_default();
    let trouble = take(Delivery { body, sent_at }).await.err()?;
    let receives = message.attributes.get("ApproximateReceiveCount");
    let receives: u32 = receives.and_then(|count| count.parse().ok()).unwrap_or(1);
    let wait = trouble.stays_away_secs(receives, Machine.draw());
    match &trouble {
        // Nothing is wrong: the run is being launched, or was refused and is tried again.
        Trouble::Wait { run, reason, .. } => info!(run.id = %run, wait, reason, "Message waits"),
        other => warn!(trouble = %other, receives, wait, "Message comes back"),
    }
    if let Some(receipt) = &message.receipt_handle
        && let Err(trouble) = queue.retry_after(receipt, wait).await
    {
        // It comes back all the same, when the queue's own visibility timeout ends.
        warn!(%trouble, "The wait of a message could not be set");
    }
    message.message_id
}
