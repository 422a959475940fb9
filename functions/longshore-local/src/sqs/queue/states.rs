//! How a message moves between its states, and how it is saved and reloaded.

use super::super::{message::Message, recent::Sent};
use super::{Queue, Touched};

/// Moves between the states; each keeps the indexes equal to the messages.
impl Queue {
    /// A new or reloaded message, hidden until its time.
    pub(super) fn insert(&mut self, message: Message) {
        let sequence = message.sequence;
        self.sequence_next = self.sequence_next.max(sequence + 1);
        self.by_id.insert(message.id.clone(), sequence);
        self.ages.insert((message.sent_ms, sequence));
        self.line.enter(group_of(&message), sequence);
        self.messages.insert(sequence, message);
        self.hide(sequence);
    }

    pub(super) fn hide(&mut self, sequence: u64) {
        let Some(message) = self.messages.get(&sequence) else { return };
        self.hidden.insert((message.visible_ms, sequence));
        if message.received_ms.is_some() {
            self.in_flight += 1;
            self.line.fly(group_of(message));
        }
    }

    pub(super) fn unhide(&mut self, sequence: u64) {
        let Some(message) = self.messages.get(&sequence) else { return };
        self.hidden.remove(&(message.visible_ms, sequence));
        if message.received_ms.is_some() {
            self.in_flight -= 1;
            self.line.land(group_of(message));
        }
    }

    pub(super) fn reveal(&mut self, sequence: u64) {
        self.unhide(sequence);
        let Some(message) = self.messages.get(&sequence) else { return };
        self.line.wait(group_of(message), message.visible_ms, sequence);
    }

    /// Neither waiting nor hidden: only for the moment before a further step.
    pub(super) fn withdraw(&mut self, sequence: u64) {
        if self.is_hidden(sequence) {
            self.unhide(sequence);
        } else if let Some(message) = self.messages.get(&sequence) {
            self.line.unwait(group_of(message), message.visible_ms, sequence);
        }
    }

    pub(super) fn set_visible(
        &mut self,
        sequence: u64,
        visible_ms: i64,
        change: impl FnOnce(&mut Message),
    ) {
        self.withdraw(sequence);
        if let Some(message) = self.messages.get_mut(&sequence) {
            change(message);
            message.visible_ms = visible_ms;
            self.touched.messages.insert(message.id.clone());
        }
        self.hide(sequence);
    }

    pub(super) fn hand_out(
        &mut self,
        now_ms: i64,
        sequence: u64,
        visibility_secs: u32,
    ) -> Option<Message> {
        self.set_visible(sequence, now_ms + i64::from(visibility_secs) * 1_000, |message| {
            message.receives += 1;
            message.first_received_ms.get_or_insert(now_ms);
            message.received_ms = Some(now_ms);
        });
        self.messages.get(&sequence).cloned()
    }

    pub(super) fn remove(&mut self, sequence: u64) -> Option<Message> {
        self.withdraw(sequence);
        let message = self.messages.remove(&sequence)?;
        self.line.leave(group_of(&message), sequence);
        self.ages.remove(&(message.sent_ms, sequence));
        self.by_id.remove(&message.id);
        self.touched.messages.insert(message.id.clone());
        Some(message)
    }

    pub(super) fn is_hidden(&self, sequence: u64) -> bool {
        let message = self.messages.get(&sequence);
        message.is_some_and(|it| self.hidden.contains(&(it.visible_ms, sequence)))
    }

    pub(super) fn is_exhausted(&self, sequence: u64) -> bool {
        let Some(redrive) = &self.spec.redrive else { return false };
        self.messages.get(&sequence).is_some_and(|it| it.receives >= redrive.receives_max)
    }
}

/// Messages without a group are one group.
fn group_of(message: &Message) -> &str {
    message.group.as_deref().unwrap_or_default()
}

/// What is saved and reloaded.
impl Queue {
    pub(in crate::sqs) fn take_touched(&mut self) -> Touched {
        std::mem::take(&mut self.touched)
    }

    pub(in crate::sqs) fn message(&self, id: &str) -> Option<&Message> {
        self.by_id.get(id).and_then(|sequence| self.messages.get(sequence))
    }

    pub(in crate::sqs) fn recent(&self, key: &str) -> Option<&Sent> {
        self.recent.get(key)
    }

    /// All that exists, as if just touched.
    pub(in crate::sqs) fn everything(&self) -> Touched {
        Touched {
            messages: self.by_id.keys().cloned().collect(),
            recent: self.recent.ids().cloned().collect(),
            arrived: true,
        }
    }

    /// Puts a saved message back with its deadlines.
    pub(in crate::sqs) fn restore(&mut self, message: Message) {
        self.insert(message);
    }

    /// Puts a saved deduplication id back.
    pub(in crate::sqs) fn restore_recent(&mut self, key: &str, sent: Sent) {
        self.sequence_next = self.sequence_next.max(sent.sequence + 1);
        self.recent.add(key, sent);
    }
}
