//! Where ended runs say so: the `failed` queue and the event bus.

use aws_sdk_eventbridge::{Client, types::PutEventsRequestEntry};
use longshore::run::{Addressee, Outbox};
use longshore_engine::ports::{Outlet, Queue, QueueError};

use crate::{Clients, SqsQueue, failure::said};

/// `source` of the events: rules match it.
const SOURCE: &str = "longshore";
/// `detail-type` of the events.
const DETAIL_TYPE: &str = "Longshore Run";

/// The queue and the bus.
#[derive(Clone, Debug)]
pub struct Outlets {
    failed: SqsQueue,
    eventbridge: Client,
    bus: String,
}

impl Outlets {
    /// The queue at the URL `failed`, and the event bus named `bus`.
    #[must_use]
    pub fn new(clients: &Clients, failed: &str, bus: &str) -> Self {
        Self {
            failed: SqsQueue::new(clients, failed),
            eventbridge: Client::new(clients.sdk()),
            bus: bus.to_owned(),
        }
    }

    async fn put_event(&self, message: &Outbox) -> Result<(), QueueError> {
        let trouble = |said: &str| QueueError(format!("event bus `{}`: {said}", self.bus));
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus)
            .source(SOURCE)
            .detail_type(DETAIL_TYPE)
            .detail(message.body.to_string())
            .build();
        let call = self.eventbridge.put_events().entries(entry);
        let answer = call.send().await.map_err(|error| trouble(&said(&error)))?;
        // PutEvents answers 200 for entries that it refused.
        match answer
            .entries()
            .iter()
            .find_map(|entry| entry.error_code().zip(entry.error_message()))
        {
            None => Ok(()),
            Some((code, message)) => Err(trouble(&format!("{code}: {message}"))),
        }
    }
}

impl Outlet for Outlets {
    async fn send(&self, message: &Outbox) -> Result<(), QueueError> {
        match message.to {
            Addressee::Failed => {
                let reason = message.body["outcome"]["reason"].as_str().unwrap_or_default();
                self.failed.send(&message.body.to_string(), reason).await
            }
            Addressee::Bus => self.put_event(message).await,
        }
    }
}
