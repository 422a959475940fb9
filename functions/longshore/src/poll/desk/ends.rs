//! Work ends, and SQS is told what becomes of the message until it knows.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{
    Desk, Do, Key, Lend, Told,
    held::{At, Noted, Settling},
    later, later_secs, mixed,
};
use crate::{
    backoff::wait_secs,
    poll::{Ended, Marks, Message, Note, Past, Settled, Stopped, place::may_be_suspected, settle},
};

/// Messages of one call (DeleteMessageBatch, ChangeMessageVisibilityBatch, SQS API reference).
const EACH_MAX: usize = 10;
/// How often SQS is told what becomes of a message, before it is left to come back.
const TRIES_MAX: u32 = 20;
/// Bound of the first wait before it is told again, in milliseconds, and of all.
const AGAIN_MS: (u64, u64) = (100, 5_000);
/// So many ends in a row that met trouble: the next messages will meet it too.
const TROUBLES_MAX: u32 = 3;
/// Longest wait for the trouble to be over, in seconds, between two messages.
const TROUBLE_WAIT_SECS_MAX: u32 = 60;

impl Desk {
    pub(super) fn ended(&mut self, key: Key, ended: &Ended, now: Timestamp, jitter: u64) {
        let Some(held) = self.held.get_mut(&key) else { return };
        let At::Work { since, .. } = held.at else { return };
        let stopped = matches!(ended, Ended::Stopped(_) | Ended::Checkpointed);
        self.beats.worked(since, now, !stopped);
        // Whoever left politely when it was asked to does not know why it was asked.
        let at_ceiling = *ended == Ended::Stopped(Stopped::Leaving) && held.lease.at_ceiling(now);
        let ended = if at_ceiling { &Ended::Stopped(Stopped::Ceiling) } else { ended };
        held.alone = false;
        let Message { id, receives, .. } = &*held.message;
        if ended.comes_back() {
            self.memory.ended(id, *receives);
        }
        if ended.spends_a_try() {
            self.memory.failed(id);
        }
        let says =
            held.noted == Noted::Begun || ended.spends_a_try() || may_be_suspected(*receives);
        if held.noted != Noted::Never && ended.comes_back() && says {
            let note = if ended.spends_a_try() { Note::Failed } else { Note::Ended };
            held.note(note, Some(ended.clone()), now);
        } else {
            self.settle(key, ended, &Marks::default(), now, jitter);
        }
        self.weigh(ended, now, jitter);
    }

    /// Decides what becomes of a message whose work has ended, of which `marks` are known to all.
    pub(super) fn settle(
        &mut self,
        key: Key,
        ended: &Ended,
        marks: &Marks,
        now: Timestamp,
        jitter: u64,
    ) {
        let Some(held) = self.held.get_mut(&key) else { return };
        let past = self.memory.of(&held.message.id);
        let past = Past { failed: past.failed.max(marks.failures()), ..past };
        let settled = settle(ended, held.message.receives, past, self.post.options.tries, jitter);
        let settled = if self.post.sets_aside { settled } else { settled.with_nowhere_aside() };
        let what = match settled {
            Settled::Delete => Settling::Delete,
            Settled::SetAside(why) => Settling::SetAside(why),
            Settled::Back { secs } => Settling::Back { secs },
            Settled::Leave => {
                self.stop_group(key, now);
                self.forget(key);
                return;
            }
        };
        let is_back = matches!(what, Settling::Back { .. });
        held.settle(what, now);
        if is_back {
            self.stop_group(key, now);
        }
    }

    /// The messages behind one that is to come again go back too, so that their group stays in order.
    pub(super) fn stop_group(&mut self, key: Key, now: Timestamp) {
        if !self.post.options.is_fifo() {
            return;
        }
        let Some(group) = self.held.get(&key).and_then(|held| held.message.group.clone()) else {
            return;
        };
        for held in self.held.values_mut() {
            if held.is_unbegun() && held.message.group.as_ref() == Some(&group) {
                self.memory.unworked(&held.message.id);
                held.settle(Settling::Back { secs: 0 }, now);
            }
        }
    }

    /// In trouble messages are better left in the queue, where none of their receives is spent.
    fn weigh(&mut self, ended: &Ended, now: Timestamp, jitter: u64) {
        match ended {
            Ended::Done => {
                self.troubles = 0;
                self.appetite.take_heart();
            }
            Ended::TryLater(_) => {
                self.troubles = self.troubles.saturating_add(1);
                if let Some(tries) = self.troubles.checked_sub(TROUBLES_MAX) {
                    let wait = wait_secs(1, TROUBLE_WAIT_SECS_MAX, tries, jitter);
                    self.receive_at = self.receive_at.max(later_secs(now, wait));
                    self.appetite.be_careful();
                }
            }
            _ => {}
        }
    }

    /// Tells SQS what is to be told: at once if no call is under way, else when ten have come
    /// together.
    pub(super) fn settle_next(&mut self, now: Timestamp, todo: &mut Vec<Do>) {
        let (mut deletes, mut backs) = (Vec::new(), Vec::new());
        for (key, held) in &mut self.held {
            let At::Settling { what, at, calling, .. } = &mut held.at else { continue };
            // An extension that arrives after a hand-back would undo it.
            let is_crossed = held.extending && matches!(what, Settling::Back { .. });
            if *calling || is_crossed || *at > now {
                continue;
            }
            let lend = |secs| Lend { key: *key, receipt: held.receipt.clone(), secs };
            match what {
                Settling::Delete => deletes.push(lend(0)),
                Settling::Back { secs } => backs.push(lend(*secs)),
                Settling::SetAside(rejection) => {
                    *calling = true;
                    let (message, rejection) = (Arc::clone(&held.message), rejection.clone());
                    todo.push(Do::SetAside { key: *key, message, rejection });
                }
            }
        }
        for lends in backs.chunks(EACH_MAX) {
            self.call(lends, todo, Do::HandBack);
        }
        for lends in deletes.chunks(EACH_MAX) {
            if lends.len() == EACH_MAX || self.calls == 0 {
                self.call(lends, todo, Do::Delete);
            }
        }
    }

    fn call(&mut self, lends: &[Lend], todo: &mut Vec<Do>, what: fn(Vec<Lend>) -> Do) {
        for lend in lends {
            if let Some(At::Settling { calling, .. }) =
                self.held.get_mut(&lend.key).map(|held| &mut held.at)
            {
                *calling = true;
            }
        }
        self.calls += 1;
        todo.push(what(lends.to_vec()));
    }

    pub(super) fn settled(&mut self, told: &[(Lend, Told)], now: Timestamp, jitter: u64) {
        self.calls = self.calls.saturating_sub(1);
        for (lend, told) in told {
            let Some(held) = self.held.get_mut(&lend.key) else { continue };
            let lapsed = held.lease.has_lapsed(now);
            let At::Settling { what, at, calling, tries } = &mut held.at else { continue };
            (*calling, *tries) = (false, *tries + 1);
            let is_delete = *what == Settling::Delete;
            let is_over = match told {
                // It was given again meanwhile, and the newer receipt deletes for certain.
                Told::Done => !is_delete || lend.receipt == held.receipt,
                Told::Gone => lend.receipt == held.receipt,
                Told::Again => lapsed || *tries >= TRIES_MAX,
            };
            *at = if *told == Told::Again {
                again(now, *tries, mixed(jitter, lend.key))
            } else {
                now
            };
            if is_over {
                if !is_delete {
                    // Those behind it may have come again meanwhile.
                    self.stop_group(lend.key, now);
                } else if *told != Told::Done {
                    self.memory.done(&held.message.id.clone());
                }
                self.forget(lend.key);
            }
        }
    }

    pub(super) fn set_aside(&mut self, key: Key, done: bool, now: Timestamp, jitter: u64) {
        let Some(held) = self.held.get_mut(&key) else { return };
        if done {
            held.settle(Settling::Delete, now);
        } else if let At::Settling { at, calling, tries, .. } = &mut held.at {
            (*calling, *tries) = (false, *tries + 1);
            *at = again(now, *tries, jitter);
            if *tries >= TRIES_MAX {
                held.settle(Settling::Back { secs: TROUBLE_WAIT_SECS_MAX }, now);
                self.stop_group(key, now);
            }
        }
    }

    /// What is told of a message that is set aside, if there is somewhere.
    pub(super) fn settling_aside(&self, reason: String) -> Settling {
        let aside = Settled::SetAside(reason.into());
        let aside = if self.post.sets_aside { aside } else { aside.with_nowhere_aside() };
        match aside {
            Settled::Back { secs } => Settling::Back { secs },
            Settled::SetAside(why) => Settling::SetAside(why),
            Settled::Delete | Settled::Leave => Settling::Back { secs: 0 },
        }
    }

    pub(super) fn forget(&mut self, key: Key) {
        if let Some(held) = self.held.remove(&key) {
            self.ids.remove(&held.message.id);
        }
    }
}

pub(super) fn again(now: Timestamp, tries: u32, jitter: u64) -> Timestamp {
    let (base, max) = AGAIN_MS;
    let bound = base.saturating_mul(1 << tries.min(20)).min(max);
    later(now, SignedDuration::from_millis(i64::try_from(1 + jitter % bound).unwrap_or(1)))
}
