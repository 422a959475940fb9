//! Queues in memory: messages that come again until they are acknowledged, and those we only send.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;
use longshore::run::{Addressee, Outbox, RunId};
use longshore_engine::{
    Trouble,
    ports::{Outlet, Queue, QueueError},
};

use super::{
    call::NoAnswer,
    chance::{Fault, Service, Stream},
    planted::Planted,
    wake::Wake,
    world::{MINUTE, SECOND, World},
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
    /// The trigger, by its number, whose own inbox it is in.
    gathers: Option<usize>,
    body: String,
    sent_at: Timestamp,
    receives: u32,
    is_deleted: bool,
}

/// Messages on their way to the functions.
#[derive(Debug)]
pub(super) struct Messages<'w> {
    world: &'w World,
    planted: Planted,
    all: Vec<Message>,
    left: usize,
    /// What was handed over at once, by the number of its delivery.
    deliveries: Vec<Vec<usize>>,
    /// Visible messages of the inbox of a trigger, by its number.
    visible: BTreeMap<usize, Vec<usize>>,
}

/// A message as a function receives it.
#[derive(Clone, Debug)]
pub(super) struct Received {
    pub(super) source: Source,
    pub(super) body: String,
    pub(super) sent_at: Timestamp,
}

impl<'w> Messages<'w> {
    pub(super) fn new(world: &'w World, planted: Planted) -> Self {
        let (all, deliveries, visible) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self { world, planted, all, left: 0, deliveries, visible }
    }

    /// Sends a message now that is visible in `wait_ms`.
    pub(super) fn send(&mut self, source: Source, body: String, wait_ms: u64) {
        self.send_at(source, None, body, self.world.instant(), wait_ms);
    }

    /// Has a message sent at `sent_at` that is visible in `wait_ms` from now.
    pub(super) fn send_at(
        &mut self,
        source: Source,
        gathers: Option<usize>,
        body: String,
        sent_at: Timestamp,
        wait_ms: u64,
    ) {
        let (receives, is_deleted) = (0, false);
        self.all.push(Message { source, gathers, body, sent_at, receives, is_deleted });
        self.left += 1;
        self.world.wake_in(wait_ms, Wake::Message(self.all.len() - 1));
    }

    /// Has the message wait for others, if its inbox has it so; the inbox, and whether it is the
    /// first.
    pub(super) fn waits(&mut self, number: usize) -> Option<(usize, bool)> {
        let inbox = self.all[number].gathers?;
        let visible = self.visible.entry(inbox).or_default();
        visible.push(number);
        Some((inbox, visible.len() == 1))
    }

    /// Takes up to `most` of the messages that wait in the inbox; whether others are left.
    pub(super) fn gather(&mut self, inbox: usize, most: usize) -> (Vec<usize>, bool) {
        let visible = self.visible.entry(inbox).or_default();
        let taken = visible.drain(..most.min(visible.len())).collect();
        (taken, !visible.is_empty())
    }

    /// The messages are handed over at once, as the delivery with this number.
    pub(super) fn deliver(&mut self, numbers: Vec<usize>) -> usize {
        self.deliveries.push(numbers);
        self.deliveries.len() - 1
    }

    /// Receives a message, unless it was deleted.
    pub(super) fn receive(&mut self, number: usize) -> Option<Received> {
        let message = &mut self.all[number];
        if message.is_deleted {
            return None;
        }
        message.receives += 1;
        let is_lost = message.receives > RECEIVES_MAX;
        let Message { source, body, sent_at, receives, .. } = message;
        let misheard = self.planted.misheard(body, *receives);
        let body = misheard.unwrap_or_else(|| body.clone());
        let received = Received { source: *source, body, sent_at: *sent_at };
        if is_lost {
            self.world.violate("I8 an end for every event", "a message came too often");
        }
        let is_early = match self.planted {
            Planted::AcknowledgedBeforeAdmission => true,
            Planted::AcknowledgedBeforeGathered => self.all[number].gathers.is_some(),
            _ => false,
        };
        if is_lost || is_early {
            self.delete(number);
        }
        Some(received)
    }

    fn delete(&mut self, number: usize) {
        self.left -= usize::from(!self.all[number].is_deleted);
        self.all[number].is_deleted = true;
    }

    /// What becomes of the messages of a delivery, each by its own outcome.
    pub(super) fn settle_all(&mut self, delivery: usize, outcomes: &[Result<(), Trouble>]) {
        for (number, outcome) in std::mem::take(&mut self.deliveries[delivery]).iter().zip(outcomes)
        {
            self.settle(*number, outcome);
        }
    }

    /// What becomes of a message whose function has ended, as the functions and Lambda do it.
    fn settle(&mut self, number: usize, outcome: &Result<(), Trouble>) {
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
            _ => return self.delete(number),
        };
        self.world.wake_in(wait_ms, Wake::Message(number));
    }

    /// The function was ended: nobody says anything of its messages.
    pub(super) fn abandon(&mut self, delivery: usize) {
        for number in std::mem::take(&mut self.deliveries[delivery]) {
            self.world.wake_in(VISIBILITY_MS, Wake::Message(number));
        }
    }

    /// Messages that are not acknowledged.
    pub(super) fn left(&self) -> usize {
        self.left
    }
}

/// A queue that longshore only sends to.
#[derive(Debug)]
pub(super) struct SimQueue<'w> {
    world: &'w World,
    sent: Mutex<Vec<String>>,
}

impl<'w> SimQueue<'w> {
    pub(super) fn new(world: &'w World) -> Self {
        Self { world, sent: Mutex::default() }
    }

    /// Everything that was sent.
    pub(super) fn sent(&self) -> Vec<String> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Queue for SimQueue<'_> {
    async fn send(&self, body: &str, _reason: &str) -> Result<(), QueueError> {
        let sent = self.world.call(Service::Queue, || {
            self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(body.to_owned());
        });
        sent.await.map_err(|NoAnswer| QueueError("no answer".into()))
    }
}

/// A message that told of an end: run, attempt, to whom, state.
pub(super) type Told = (RunId, u32, Addressee, String);

/// The `failed` queue and the bus.
#[derive(Debug)]
pub(super) struct SimOutlet<'w> {
    world: &'w World,
    planted: Planted,
    told: Mutex<Vec<Told>>,
}

impl<'w> SimOutlet<'w> {
    pub(super) fn new(world: &'w World, planted: Planted) -> Self {
        Self { world, planted, told: Mutex::default() }
    }

    /// Everything that was told.
    pub(super) fn told(&self) -> Vec<Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Outlet for SimOutlet<'_> {
    async fn send(&self, message: &Outbox) -> Result<(), QueueError> {
        let sent = self.world.call(Service::Queue, || {
            let is_failure = message.to == Addressee::Failed;
            if is_failure && self.planted == Planted::FailureNeverSent {
                return;
            }
            let state = message.body["state"].as_str().unwrap_or_default().to_owned();
            let told = (message.run.clone(), message.attempt, message.to, state);
            self.told.lock().unwrap_or_else(PoisonError::into_inner).push(told);
        });
        sent.await.map_err(|NoAnswer| QueueError("no answer".into()))
    }
}
