//! An event of a person's choice ─▶ the inbox of its trigger.

use longshore::{
    backfill::envelope,
    trigger::{Envelope, Event, Registered, Rejected},
};
use longshore_aws::SqsQueue;

use super::{OpsError, Stack};

/// Where envelopes of one trigger go.
#[derive(Debug)]
pub(super) struct Inbox {
    queue: SqsQueue,
    stack: String,
}

impl Stack {
    /// The inbox that gathers, for a trigger with `batch` in a stack that has one; else the shared
    /// one.
    pub(super) async fn inbox(&self, trigger: &Registered) -> Result<Inbox, OpsError> {
        let gathering =
            if trigger.settings.gathers() { self.queue("batch-inbox").await.ok() } else { None };
        let queue = match gathering {
            Some(queue) => queue,
            None => self.queue("inbox").await?,
        };
        Ok(Inbox { queue, stack: self.name.clone() })
    }
}

impl Inbox {
    /// Sends the event with the trigger's settings, unless it could never become a run.
    pub(super) async fn send(
        &self,
        trigger: &Registered,
        event: &Event,
    ) -> Result<Result<(), Rejected>, OpsError> {
        let body = envelope(trigger, event).to_string();
        if let Err(rejected) = Envelope::parse(&body) {
            return Ok(Err(rejected));
        }
        let sent = self.queue.send_of(&trigger.settings.name, &body).await;
        sent.map(Ok).map_err(|error| OpsError::Queue(error, self.stack.clone()))
    }
}
