//! SQS: queues that lose nothing, deliver at least once, and answer as AWS does.
//!
//! ```text
//! gateway ─▶ api ─▶ check ─▶ queue (pure) ─▶ memory ─▶ store
//! bus, mapping ─▶ Sqs::{send, receive, delete, …} ─▶ the same queue
//! ```
//! Everything happens under one lock: the queue decides, the rows are written, and only then does
//! anybody learn of it. Nothing is awaited between taking messages and returning them, so a caller
//! that went away has taken none.

mod api;
mod attributes;
mod batch;
mod check;
mod described;
mod faults;
mod history;
mod ids;
mod limits;
mod line;
mod memory;
mod message;
mod queue;
mod queues;
mod receipt;
mod receive;
mod received;
mod recent;
mod send;
mod settings;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

pub(crate) use faults::query_error;
pub(crate) use message::Attribute;
pub(crate) use received::Received;

use crate::template::QueueSpec;
use crate::{Fault, Ground, StoreError};
use faults::no_queue;
use memory::{Held, Memory};
use receive::Want;
use settings::Settings;

/// The queues of this AWS.
#[derive(Debug)]
pub(crate) struct Sqs {
    ground: Ground,
    memory: Mutex<Memory>,
    count_lag: OnceLock<Duration>,
}

impl Sqs {
    /// Reads back the queues of the store, with every message's deadlines.
    pub(crate) fn open(ground: Ground) -> Result<Arc<Self>, StoreError> {
        let memory = Mutex::new(Memory::load(&ground.store)?);
        Ok(Arc::new(Self { ground, memory, count_lag: OnceLock::new() }))
    }

    /// Has `GetQueueAttributes` show the counts of messages of so long ago, for good.
    pub(crate) fn lag_counts(&self, lag: Duration) {
        self.count_lag.get_or_init(|| lag);
    }

    /// How old the counts are that are shown, in milliseconds, if they are not those of now.
    fn count_lag_ms(&self) -> Option<i64> {
        self.count_lag.get().and_then(|lag| i64::try_from(lag.as_millis()).ok())
    }

    /// Makes a queue of a template. A queue that exists keeps its messages and takes the new
    /// settings; that its dead-letter queue exists is checked when it is needed, not here.
    pub(crate) fn create(&self, spec: QueueSpec) -> Result<(), Fault> {
        let name = spec.name.clone();
        self.act(|memory, now_ms| {
            if let Some(held) = memory.queues.get_mut(&name) {
                let other = held.other.clone();
                held.set(Settings { spec, other }, now_ms);
            } else {
                memory.queues.insert(name.clone(), Held::new(Settings::new(spec), now_ms));
            }
            memory.touch(&name);
            Ok(())
        })
    }

    /// Receives up to `max` messages with all their attributes, and waits up to `wait` for the
    /// first. Dropping the future before it is ready takes nothing.
    pub(crate) async fn receive(
        &self,
        queue_arn: &str,
        max: usize,
        wait: Duration,
    ) -> Result<Vec<Received>, Fault> {
        let name = self.name_of(queue_arn)?;
        let messages = self.poll(name, Want { max, visibility_secs: None }, wait).await?;
        Ok(messages.iter().map(|it| self.received(name, it)).collect())
    }

    /// Deletes a received message.
    pub(crate) fn delete(&self, queue_arn: &str, receipt_handle: &str) -> Result<(), Fault> {
        let name = self.name_of(queue_arn)?;
        self.act(|memory, now_ms| batch::delete(memory.queue(name, now_ms)?, receipt_handle))
    }

    /// The URL of the queue, whether it exists or not.
    pub(crate) fn queue_url_of(&self, queue_arn: &str) -> String {
        self.ground.account.queue_url(queue_arn.rsplit(':').next().unwrap_or_default())
    }

    /// Does one thing to the queues, saves what it changed, and only then lets it be known.
    fn act<T>(&self, act: impl FnOnce(&mut Memory, i64) -> Result<T, Fault>) -> Result<T, Fault> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let now_ms = self.ground.clock.now_ms();
        let lag_ms = self.count_lag_ms();
        memory.note_counts(now_ms, lag_ms);
        let outcome = act(&mut memory, now_ms);
        memory.note_counts(now_ms, lag_ms);
        memory.save(&self.ground.store)?;
        outcome
    }

    /// The name in an ARN of this account and Region.
    fn name_of<'a>(&self, arn: &'a str) -> Result<&'a str, Fault> {
        arn.strip_prefix(&self.ground.account.arn("sqs", "")).ok_or_else(no_queue)
    }

    /// The name in a queue URL of this account; which host it names does not matter.
    fn name_in<'a>(&self, url: &'a str) -> Result<&'a str, Fault> {
        let mut parts = url.rsplit('/');
        match (parts.next(), parts.next()) {
            (Some(name), Some(account)) if account == self.ground.account.id => Ok(name),
            _ => Err(no_queue()),
        }
    }
}
