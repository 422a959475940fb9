//! One queue as a pure state machine: the time is an argument, the answer is data.
//!
//! ```text
//!            send            receive                delete
//! nothing ─────────▶ waiting ─────────▶ in flight ─────────▶ gone
//!    └─▶ delayed ─time─▶ ▲                │  │ receive count exceeded: to the dead-letter queue
//!                        └──time, change──┘  └ retention over: gone
//! ```
//! Every message is in exactly one of these states. A caller first lets the time pass with
//! [`Queue::expire`] and afterwards saves what [`Queue::take_touched`] names.

mod states;
mod terms;

use std::collections::{BTreeMap, BTreeSet};

pub(super) use terms::{Ask, Counts, Outgoing, Receipt, Refusal, Taken, Touched};

use super::limits::{IN_FLIGHT_MAX, VISIBILITY_SECS_MAX};
use super::line::Line;
use super::message::Message;
use super::recent::{Recent, Sent};
use super::settings::is_fifo;
use crate::template::QueueSpec;

/// Sequences per millisecond: starting from the time, they rise over restarts without being saved.
const SEQUENCES_PER_MS: u64 = 1_000;

/// A queue and its messages.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) spec: QueueSpec,
    messages: BTreeMap<u64, Message>,
    by_id: BTreeMap<String, u64>,
    /// Delayed and in flight, by when they become visible.
    hidden: BTreeSet<(i64, u64)>,
    in_flight: usize,
    /// All, by when they were sent.
    ages: BTreeSet<(i64, u64)>,
    line: Line,
    recent: Recent,
    sequence_next: u64,
    touched: Touched,
}

impl Queue {
    pub(super) fn new(spec: QueueSpec) -> Self {
        Self {
            line: Line::new(is_fifo(&spec.name)),
            spec,
            messages: BTreeMap::new(),
            by_id: BTreeMap::new(),
            hidden: BTreeSet::new(),
            in_flight: 0,
            ages: BTreeSet::new(),
            recent: Recent::default(),
            sequence_next: 0,
            touched: Touched::default(),
        }
    }

    pub(super) fn is_fifo(&self) -> bool {
        is_fifo(&self.spec.name)
    }

    /// Lets the time pass: what is due becomes visible, what is too old is gone.
    pub(super) fn expire(&mut self, now_ms: i64) {
        while let Some(&(due_ms, sequence)) = self.hidden.first() {
            if due_ms > now_ms {
                break;
            }
            self.reveal(sequence);
        }
        let oldest_ms = now_ms - i64::from(self.spec.retention_secs) * 1_000;
        while let Some(&(sent_ms, sequence)) = self.ages.first() {
            if sent_ms > oldest_ms {
                break;
            }
            self.remove(sequence);
        }
        self.touched.recent.extend(self.recent.expire(now_ms));
    }

    /// Takes a message in; of a FIFO queue, a message sent twice is the first one.
    pub(super) fn send(&mut self, now_ms: i64, outgoing: Outgoing) -> Sent {
        let key = outgoing.deduplication_key.clone();
        if let Some(first) = key.as_ref().and_then(|key| self.recent.get(key)) {
            return first.clone();
        }
        let delay_secs = outgoing.delay_secs.unwrap_or(self.spec.delay_secs);
        let sequence = self.number(now_ms);
        let sent = Sent { id: outgoing.id.clone(), sequence, since_ms: now_ms };
        self.insert(Message {
            id: outgoing.id,
            sequence,
            body: outgoing.body,
            attributes: outgoing.attributes,
            system: outgoing.system,
            group: outgoing.group,
            deduplication_id: outgoing.deduplication_id,
            source_arn: None,
            sent_ms: now_ms,
            visible_ms: now_ms + i64::from(delay_secs) * 1_000,
            receives: 0,
            first_received_ms: None,
            received_ms: None,
        });
        if let Some(key) = key {
            self.recent.add(&key, sent.clone());
            self.touched.recent.insert(key);
        }
        self.arrive(now_ms, &sent.id);
        sent
    }

    /// Takes in what was received too often from the queue `source_arn`. It keeps its age, except
    /// in a FIFO queue (dead-letter queues, developer guide).
    pub(super) fn bury(&mut self, now_ms: i64, source_arn: &str, mut message: Message) {
        message.sequence = self.number(now_ms);
        message.source_arn = Some(source_arn.to_owned());
        message.visible_ms = now_ms;
        message.received_ms = None;
        if self.is_fifo() {
            message.sent_ms = now_ms;
        }
        let id = message.id.clone();
        self.insert(message);
        self.arrive(now_ms, &id);
    }

    /// Hands out what is visible, at most `ask.max`, and hides it.
    pub(super) fn receive(&mut self, now_ms: i64, ask: Ask) -> Taken {
        let max = ask.max.min(IN_FLIGHT_MAX.saturating_sub(self.in_flight));
        let mut taken = Taken::default();
        while taken.received.len() < max {
            let next = self.line.next(max - taken.received.len());
            if next.is_empty() {
                break;
            }
            for sequence in next {
                if ask.redrive && self.is_exhausted(sequence) {
                    taken.dead.extend(self.remove(sequence));
                } else {
                    taken.received.extend(self.hand_out(now_ms, sequence, ask.visibility_secs));
                }
            }
        }
        taken
    }

    /// Deletes the message if this was its last receive; a message that is gone or was received
    /// again since is none of the caller's business any more, which is no error.
    pub(super) fn delete(&mut self, receipt: &Receipt) -> Result<(), Refusal> {
        let Some(&sequence) = self.by_id.get(&receipt.id) else { return Ok(()) };
        let is_last =
            self.messages.get(&sequence).is_some_and(|it| it.receives == receipt.receives);
        if self.is_fifo() && !(is_last && self.is_hidden(sequence)) {
            return Err(Refusal::Expired);
        }
        if is_last {
            self.remove(sequence);
            self.touched.arrived = true;
        }
        Ok(())
    }

    /// Hides the message for `secs` from now, or reveals it with 0. A standard queue accepts this
    /// even after the timeout, as long as nobody received the message again.
    pub(super) fn change_visibility(
        &mut self,
        now_ms: i64,
        receipt: &Receipt,
        secs: u32,
    ) -> Result<(), Refusal> {
        let sequence = *self.by_id.get(&receipt.id).ok_or(Refusal::NotAvailable)?;
        let message = self.messages.get(&sequence).ok_or(Refusal::NotAvailable)?;
        let is_last = message.receives == receipt.receives;
        if !is_last || (self.is_fifo() && !self.is_hidden(sequence)) {
            return Err(Refusal::NotAvailable);
        }
        let visible_ms = now_ms + i64::from(secs) * 1_000;
        let received_ms = message.received_ms.unwrap_or(now_ms);
        if visible_ms - received_ms > i64::from(VISIBILITY_SECS_MAX) * 1_000 {
            return Err(Refusal::TooLong);
        }
        self.set_visible(sequence, visible_ms, |_| ());
        self.expire(now_ms);
        self.touched.arrived = true;
        Ok(())
    }

    /// Removes all messages.
    pub(super) fn purge(&mut self) {
        let all: Vec<u64> = self.messages.keys().copied().collect();
        for sequence in all {
            self.remove(sequence);
        }
    }

    pub(super) fn counts(&self) -> Counts {
        Counts {
            visible: self.messages.len() - self.hidden.len(),
            in_flight: self.in_flight,
            delayed: self.hidden.len() - self.in_flight,
        }
    }

    /// Whether nothing more can be received before something is deleted.
    pub(super) fn is_full(&self) -> bool {
        self.in_flight >= IN_FLIGHT_MAX
    }

    /// When the next hidden message becomes visible by itself.
    pub(super) fn due_ms(&self) -> Option<i64> {
        self.hidden.first().map(|it| it.0)
    }

    fn number(&mut self, now_ms: i64) -> u64 {
        let by_time = u64::try_from(now_ms).unwrap_or(0).saturating_mul(SEQUENCES_PER_MS);
        let sequence = self.sequence_next.max(by_time);
        self.sequence_next = sequence + 1;
        sequence
    }

    fn arrive(&mut self, now_ms: i64, id: &str) {
        self.touched.messages.insert(id.to_owned());
        self.touched.arrived = true;
        self.expire(now_ms);
    }
}
