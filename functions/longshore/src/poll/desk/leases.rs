//! Messages stay invisible while they are held, and are let go of when that ends.

use jiff::Timestamp;

use super::{
    Ask, Desk, Do, Key, Lend, Told,
    held::{Asked, At, Held, Settling},
    later_secs, mixed,
};
use crate::poll::{Note, Stopped};

/// Messages of one call (ChangeMessageVisibilityBatch, SQS API reference).
const EACH_MAX: usize = 10;

impl Desk {
    /// Lets go of what has lapsed, asks what is held for too long to end, and extends the rest.
    pub(super) fn leases_due(&mut self, now: Timestamp, jitter: u64, todo: &mut Vec<Do>) {
        for key in std::mem::take(&mut self.lent) {
            if let Some(held) = self.held.get(&key).filter(|held| held.is_at_work()) {
                todo.push(Do::Lent { key, until: held.lease.until() });
            }
        }
        let mut lapsed = Vec::new();
        for (key, held) in &mut self.held {
            if held.lease.has_lapsed(now) {
                lapsed.push(*key);
            } else if !held.is_run
                && held.lease.at_ceiling(now)
                && let At::Work { asked: asked @ Asked::Nothing, .. } = &mut held.at
            {
                *asked = Asked::Finish { at: later_secs(now, self.post.stop_secs) };
                todo.push(Do::Ask { key: *key, ask: Ask::Finish });
            }
            if let At::Work { asked, .. } = &mut held.at
                && let Asked::Finish { at } = *asked
                && now >= at
            {
                *asked = Asked::Stop;
                let is_late = !held.is_run && held.lease.at_ceiling(now);
                let why = if is_late { Stopped::Ceiling } else { Stopped::Leaving };
                todo.push(Do::Ask { key: *key, ask: Ask::Stop(why) });
            }
        }
        for key in lapsed {
            self.lapsed(key, now, todo);
        }
        self.extend_due(now, jitter, todo);
    }

    fn lapsed(&mut self, key: Key, now: Timestamp, todo: &mut Vec<Do>) {
        let Some(held) = self.held.get_mut(&key) else { return };
        match &mut held.at {
            At::Waiting | At::Noting { note: Note::Look, .. } => {
                self.memory.unworked(&held.message.id);
                self.stop_group(key, now);
                self.forget(key);
            }
            At::Work { asked: Asked::Stop, .. } | At::Noting { .. } | At::Settling { .. } => {}
            // Whoever has the message now finds the fence taken.
            At::Work { .. } if held.is_run => {}
            At::Work { asked, .. } => {
                *asked = Asked::Stop;
                todo.push(Do::Ask { key, ask: Ask::Stop(Stopped::Lost) });
            }
        }
    }

    fn extend_due(&mut self, now: Timestamp, jitter: u64, todo: &mut Vec<Do>) {
        let wants = |held: &Held| {
            let is_held = match &held.at {
                At::Work { asked, .. } => *asked != Asked::Stop,
                At::Waiting | At::Noting { .. } => true,
                // A hand-back says itself how long it stays invisible.
                At::Settling { what, .. } => !matches!(what, Settling::Back { .. }),
            };
            is_held && !held.extending && !held.lease.has_lapsed(now)
        };
        let due = |held: &Held| wants(held) && held.lease.extend_at() <= now;
        if !self.held.values().any(due) {
            return;
        }
        let mut lends = Vec::new();
        for (key, held) in &mut self.held {
            if !wants(held) || !held.lease.is_almost_due(now) {
                continue;
            }
            let secs = held.lease.extension_secs(now);
            if secs == 0 {
                held.lease.not_extended(now, mixed(jitter, *key));
                continue;
            }
            held.extending = true;
            lends.push(Lend { key: *key, receipt: held.receipt.clone(), secs });
        }
        todo.extend(lends.chunks(EACH_MAX).map(|lends| Do::Extend(lends.to_vec())));
    }

    pub(super) fn extended(
        &mut self,
        called: Timestamp,
        told: &[(Lend, Told)],
        now: Timestamp,
        jitter: u64,
    ) {
        for (lend, told) in told {
            let Some(held) = self.held.get_mut(&lend.key) else { continue };
            held.extending = false;
            let jitter = mixed(jitter, lend.key);
            match told {
                Told::Done => {
                    held.lease.lent(called, lend.secs, jitter);
                    self.lent.push(lend.key);
                }
                Told::Again => held.lease.not_extended(now, jitter),
                // A message that was given again has a newer receipt.
                Told::Gone if lend.receipt == held.receipt => {
                    held.lease.lent(called, 0, 0);
                }
                Told::Gone => {}
            }
        }
    }
}
