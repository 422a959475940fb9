//! Messages come in, and are begun when it is their turn.

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;

use super::{
    Desk, Do, Key,
    held::{Asked, At, Held, Noted, Settling},
    later_secs, mixed,
    stages::Phase,
};
use crate::{
    backoff::wait_secs,
    poll::{Lease, Marks, Message, Note, Place, Waiting, place, place_of_run, turns},
    pool::PoolMessage,
};

/// Longest wait after a call that failed, in seconds.
const FAILED_WAIT_SECS_MAX: u32 = 60;

impl Desk {
    pub(super) fn came(
        &mut self,
        asked: usize,
        messages: Option<Vec<Message>>,
        now: Timestamp,
        jitter: u64,
    ) {
        if let Some(place) = self.asked.iter().position(|it| *it == asked) {
            self.asked.swap_remove(place);
        }
        let Some(messages) = messages else {
            let wait = wait_secs(1, FAILED_WAIT_SECS_MAX, self.failures, jitter);
            self.receive_at = later_secs(now, wait);
            self.failures = self.failures.saturating_add(1);
            return;
        };
        self.failures = 0;
        self.appetite.came(asked, messages.len());
        for message in messages {
            self.take(message, now, jitter);
        }
        if self.held.values().any(|held| held.alone) {
            self.appetite.be_careful();
        }
    }

    fn take(&mut self, message: Message, now: Timestamp, jitter: u64) {
        let lease = |key| Lease::new(now, self.post.visibility_secs, mixed(jitter, key));
        if let Some(key) = self.ids.get(&message.id)
            && let Some(held) = self.held.get_mut(key)
        {
            // Given twice: it is one message, with the newest of its receipts.
            held.lease = lease(*key);
            held.receipt = message.receipt;
            return;
        }
        let key = self.next_key;
        self.next_key += 1;
        let past = self.memory.of(&message.id);
        let run = PoolMessage::parse(&message.body);
        let place = match &run {
            Some(run) => place_of_run(message.receives, past, run.losses),
            None => place(message.receives, past, &Marks::default(), self.post.options.tries),
        };
        let is_noted = self.post.beats && run.is_none();
        let asks = is_noted && place == Place::Alone;
        let mut held = Held {
            receipt: message.receipt.clone(),
            lease: lease(key),
            is_run: run.is_some(),
            at: At::Waiting,
            alone: place == Place::Alone && !asks,
            noted: if is_noted { Noted::NotYet } else { Noted::Never },
            extending: false,
            message: Arc::new(message),
        };
        if past.done {
            held.settle(Settling::Delete, now);
        } else if self.leaves() {
            self.memory.unworked(&held.message.id);
            held.settle(Settling::Back { secs: 0 }, now);
        } else if asks {
            held.note(Note::Look, None, now);
        }
        self.ids.insert(held.message.id.clone(), key);
        self.held.insert(key, held);
    }

    /// Begins what may be begun.
    pub(super) fn begin_next(&mut self, now: Timestamp, todo: &mut Vec<Do>) {
        let keys: Vec<Key> =
            self.held.iter().filter(|(_, held)| held.is_waiting()).map(|(key, _)| *key).collect();
        if keys.is_empty() {
            return;
        }
        let is_fifo = self.post.options.is_fifo();
        let group = |held: &'_ Held| held.message.group.clone().filter(|_| is_fifo);
        let not_waiting = || self.held.values().filter(|held| !held.is_waiting());
        let groups: Vec<_> = keys.iter().map(|key| group(&self.held[key])).collect();
        let waiting: Vec<_> = keys
            .iter()
            .zip(&groups)
            .map(|(key, group)| Waiting { group: group.as_deref(), alone: self.held[key].alone })
            .collect();
        let busy: Vec<_> = not_waiting().filter_map(group).collect();
        let busy: BTreeSet<&str> = busy.iter().map(String::as_str).collect();
        let at_work = not_waiting().filter(|held| held.is_at_work()).count();
        let alone = not_waiting().any(|held| held.is_at_work() && held.alone);
        for place in turns(&waiting, at_work, alone, &busy) {
            let key = keys[place];
            match self.held.get_mut(&key) {
                Some(held) if held.alone && held.noted != Noted::Never => {
                    held.note(Note::Begun, None, now);
                }
                _ => self.begin(key, now, todo),
            }
        }
    }

    pub(super) fn begin(&mut self, key: Key, now: Timestamp, todo: &mut Vec<Do>) {
        let Some(held) = self.held.get_mut(&key) else { return };
        held.at = At::Work { since: now, asked: Asked::Nothing };
        let (message, until) = (Arc::clone(&held.message), held.lease.until());
        todo.push(Do::Begin { key, message, until });
    }

    /// Asks for messages that slots are free for.
    pub(super) fn receive_next(&mut self, now: Timestamp, todo: &mut Vec<Do>) {
        let protected = self.guard.as_ref().is_none_or(|guard| guard.holds(now));
        let alone = self.held.values().any(|held| held.alone);
        if self.phase != Phase::Receiving || !protected || alone || now < self.receive_at {
            return;
        }
        let mut slots = self.held.values().filter(|it| it.is_unbegun() || it.is_at_work()).count();
        // What is being settled has left its slot, but it is held until SQS knows.
        let settling = self.held.len() - slots;
        slots += settling.saturating_sub(self.post.options.slots);
        while let Some(count) = self.appetite.next(slots, self.asked.len(), self.asked.iter().sum())
        {
            self.asked.push(count);
            todo.push(Do::Receive { count });
        }
    }
}
