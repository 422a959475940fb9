//! Queues in memory: messages that come again until they are acknowledged, and those we only send.

use std::sync::{Mutex, PoisonError};

use longshore_engine::{
    Trouble,
    ports::{Queue, QueueError},
};

use super::{
    call::NoAnswer,
    chance::{Fault, Service, Stream},
    planted::Planted,
    world::{MINUTE, SECOND, Wake, World},
};

/// `VisibilityTimeout` of both queues.
pub(super) const VISIBILITY_MS: u64 = 6 * MINUTE;
/// `maxReceiveCount` of both queues: a message that gets there is lost to its run.
const RECEIVES_MAX: u32 = 1_000;
/// Which function takes a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// `trigger`.
    Inbox,
    /// `observer`.
    Outcomes,
}

/// A message that is delivered at least once.
#[derive(Debug)]
struct Message {
    source: Source,
    body: String,
    receives: u32,
    is_deleted: bool,
}

/// Messages on their way to the functions.
#[derive(Debug)]
pub(super) struct Messages<'w> {
    world: &'w World,
    planted: Planted,
    all: Vec<Message>,
}

impl<'w> Messages<'w> {
    pub(super) fn new(world: &'w World, planted: Planted) -> Self {
        Self { world, planted, all: Vec::new() }
    }

    /// Sends a message that is visible in `wait_ms`.
    pub(super) fn send(&mut self, source: Source, body: String, wait_ms: u64) {
        self.all.push(Message { source, body, receives: 0, is_deleted: false });
        self.world.wake_in(wait_ms, Wake::Message(self.all.len() - 1));
    }

    /// Receives a message, unless it was deleted.
    pub(super) fn receive(&mut self, number: usize) -> Option<(Source, String)> {
        let message = &mut self.all[number];
        if message.is_deleted {
            return None;
        }
        message.receives += 1;
        if message.receives > RECEIVES_MAX {
            message.is_deleted = true;
            self.world.violate("I8 an end for every event", "a message came too often");
        }
        Some((message.source, message.body.clone()))
    }

    /// What becomes of a message whose function has ended, as the functions and Lambda do it.
    pub(super) fn settle(&mut self, number: usize, outcome: &Result<(), Trouble>) {
        let message = &mut self.all[number];
        let wait_ms = match outcome {
            Err(trouble) if self.planted != Planted::AcknowledgedOnTrouble => {
                self.world.note(|| format!("message {number} comes back: {trouble}"));
                let jitter = self.world.below(Stream::Latency, u64::MAX);
                let secs = trouble.stays_away_secs(message.receives, jitter);
                let is_set = !self.world.strikes(Fault::Lost);
                if is_set { u64::from(secs) * SECOND } else { VISIBILITY_MS }
            }
            _ if self.world.strikes(Fault::NotDeleted) => VISIBILITY_MS,
            _ => {
                message.is_deleted = true;
                return;
            }
        };
        self.world.wake_in(wait_ms, Wake::Message(number));
    }

    /// The function was ended: nobody says anything of the message.
    pub(super) fn abandon(&mut self, number: usize) {
        self.world.wake_in(VISIBILITY_MS, Wake::Message(number));
    }

    /// Messages that are not acknowledged.
    pub(super) fn left(&self) -> usize {
        self.all.iter().filter(|message| !message.is_deleted).count()
    }
}

/// A queue that longshore only sends to.
#[derive(Debug)]
pub(super) struct SimQueue<'w> {
    world: &'w World,
    drops: bool,
    sent: Mutex<Vec<String>>,
}

impl<'w> SimQueue<'w> {
    pub(super) fn new(world: &'w World, drops: bool) -> Self {
        Self { world, drops, sent: Mutex::default() }
    }

    /// Everything that was sent.
    pub(super) fn sent(&self) -> Vec<String> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Queue for SimQueue<'_> {
    async fn send(&self, body: &str, _reason: &str) -> Result<(), QueueError> {
        let sent = self.world.call(Service::Queue, || {
            if !self.drops {
                self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(body.to_owned());
            }
        });
        sent.await.map_err(|NoAnswer| QueueError("no answer".into()))
    }
}
