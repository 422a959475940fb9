//! A worker of a queue as plain data: what has happened ─▶ what to do next.
//!
//! ```text
//! Happened ─▶ Desk ─▶ Do: receive, begin, note, ask, extend, delete, hand back, set aside, beat, protect
//! ```
//!
//! Whoever carries it out has no choices left, and tells how each thing went. What is told late, or
//! never, delays and loses nothing: SQS gives a message again that nobody has deleted.

mod ends;
mod guard;
mod held;
mod intake;
mod leases;
mod notes;
mod stages;
mod talk;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{Appetite, Memory};
pub use talk::{Ask, Do, Happened, Key, Lend, Post, Protected, Told};

use guard::Guard;
use held::Held;
use stages::Phase;

/// A worker at work.
#[derive(Clone, Debug)]
pub struct Desk {
    post: Post,
    phase: Phase,
    appetite: Appetite,
    memory: Memory,
    held: BTreeMap<Key, Held>,
    /// Messages by their id.
    ids: BTreeMap<String, Key>,
    next_key: Key,
    /// What each waiting call has asked for.
    asked: Vec<usize>,
    /// No call begins before this.
    receive_at: Timestamp,
    /// Calls in a row that failed, and ends in a row that met trouble.
    failures: u32,
    troubles: u32,
    /// Calls that delete or hand back, under way.
    calls: u32,
    /// Leases that were extended, of which the work does not know yet.
    lent: Vec<Key>,
    /// Messages of which it is said that work on them begins.
    said: Vec<Key>,
    guard: Option<Guard>,
    beats: stages::Beats,
}

impl Desk {
    /// Of a worker that begins.
    #[must_use]
    pub fn new(post: Post, now: Timestamp) -> Self {
        Self {
            phase: Phase::Receiving,
            appetite: Appetite::new(post.options.slots),
            memory: Memory::default(),
            held: BTreeMap::new(),
            ids: BTreeMap::new(),
            next_key: 0,
            asked: Vec::new(),
            receive_at: now,
            failures: 0,
            troubles: 0,
            calls: 0,
            lent: Vec::new(),
            said: Vec::new(),
            guard: post.in_service.then(|| Guard::new(now)),
            beats: stages::Beats::new(now),
            post,
        }
    }

    /// Takes in what has happened.
    pub fn happened(&mut self, what: Happened, now: Timestamp, jitter: u64) {
        match what {
            Happened::Came { asked, messages } => self.came(asked, messages, now, jitter),
            Happened::Noted { key, marks } => self.noted(key, marks.as_ref(), now, jitter),
            Happened::Ended { key, ended } => self.ended(key, &ended, now, jitter),
            Happened::Extended { called, told } => self.extended(called, &told, now, jitter),
            Happened::Settled(told) => self.settled(&told, now, jitter),
            Happened::Aside { key, done } => self.set_aside(key, done, now, jitter),
            Happened::Beaten(order) => self.beaten(order, now),
            Happened::Protected(protected) => self.protected(protected, now, jitter),
            Happened::Unprotected { done } => self.unprotected(done, now, jitter),
            Happened::Terminated => self.terminated(now),
        }
    }

    /// What to do now; nothing twice.
    #[must_use]
    pub fn next(&mut self, now: Timestamp, jitter: u64) -> Vec<Do> {
        let mut todo = Vec::new();
        self.stage_due(&mut todo);
        self.leases_due(now, jitter, &mut todo);
        self.begin_noted(now, &mut todo);
        self.begin_next(now, &mut todo);
        self.note_next(now, &mut todo);
        self.settle_next(now, &mut todo);
        self.receive_next(now, &mut todo);
        self.guard_due(now, &mut todo);
        self.beat_due(now, jitter, &mut todo);
        self.leave_if_over(now, &mut todo);
        todo
    }

    /// When there may be something to do although nothing happens.
    #[must_use]
    pub fn wake_at(&self, now: Timestamp) -> Timestamp {
        let mut wake = later(now, LOOK_EVERY);
        // What was due is done, or waits for something to happen.
        let mut at = |at: Timestamp| wake = if at > now { wake.min(at) } else { wake };
        for held in self.held.values() {
            held.wake_at(&mut at);
        }
        at(self.receive_at);
        self.stages_wake(&mut at);
        wake
    }
}

/// Longest sleep.
const LOOK_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// At the end of time there is nothing later.
fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

fn later_secs(at: Timestamp, secs: u32) -> Timestamp {
    later(at, SignedDuration::from_secs(secs.into()))
}

/// Chance of one message, from that of all.
fn mixed(jitter: u64, key: Key) -> u64 {
    jitter.rotate_left(17) ^ (key + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}
