//! A worker of a queue as plain data: what has happened ─▶ what to do next.
//!
//! ```text
//! Happened ─▶ Desk ─▶ Do: receive, begin, ask, extend, delete, hand back, set aside, beat, protect
//! ```
//!
//! Whoever carries it out has no choices left, and tells how each thing went. What is told late, or
//! never, delays and loses nothing: SQS gives a message again that nobody has deleted.

mod ends;
mod guard;
mod held;
mod intake;
mod leases;
mod stages;

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};

use super::{Appetite, Ended, Memory, Message, PollOptions, Stopped};
use crate::fleet::{Beat, Order};
use guard::Guard;
use held::Held;
use stages::Phase;

/// Names a message while it is held; the same message, received again, gets another one.
pub type Key = u64;

/// What a worker is, from its start to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// Queue, slots and tries.
    pub options: PollOptions,
    /// The visibility timeout of the queue, in seconds.
    pub visibility_secs: u32,
    /// How long there is from SIGTERM to SIGKILL, in seconds.
    pub stop_secs: u32,
    /// The ARN of its task, or what it is named by.
    pub task: String,
    /// The ARN of its task definition, if it is known.
    pub definition: Option<String>,
    /// Whether it says what it does, and is told when to leave.
    pub beats: bool,
    /// Whether it is a task of a service, which stops the tasks that are not protected.
    pub in_service: bool,
    /// Whether messages can be set aside.
    pub sets_aside: bool,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Do {
    /// Wait for up to so many messages.
    Receive {
        /// At most ten.
        count: usize,
    },
    /// Wait for messages no longer.
    ReceiveNoMore,
    /// Begin to work.
    Begin {
        /// By which it is named from here on.
        key: Key,
        /// On this message.
        message: Arc<Message>,
        /// Until this time it is ours.
        until: Timestamp,
    },
    /// Tell the work that its message is ours until then.
    Lent {
        /// Which.
        key: Key,
        /// Until when.
        until: Timestamp,
    },
    /// Ask the work to end.
    Ask {
        /// Which.
        key: Key,
        /// How.
        ask: Ask,
    },
    /// Extend the visibility of up to ten messages.
    Extend(Vec<Lend>),
    /// Delete up to ten messages.
    Delete(Vec<Lend>),
    /// Make up to ten messages visible again after their seconds.
    HandBack(Vec<Lend>),
    /// Write the message where it can be looked at.
    SetAside {
        /// Which.
        key: Key,
        /// All of it.
        message: Arc<Message>,
        /// Why.
        reason: String,
    },
    /// Say how it is going.
    Beat(Beat),
    /// Take or renew the protection of the task.
    Protect,
    /// Give it up.
    Unprotect,
    /// It is over.
    Leave,
}

/// How work is asked to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Soon, with what can still be done.
    Finish,
    /// At once.
    Stop(Stopped),
}

/// A message in a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lend {
    /// Which.
    pub key: Key,
    /// Its receipt.
    pub receipt: String,
    /// From now on invisible for so long; nothing to a deletion.
    pub secs: u32,
}

/// What SQS says of one message of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It is done.
    Done,
    /// It is not known whether it is, or another try may work.
    Again,
    /// The receipt is no good any more.
    Gone,
}

/// What has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// A call that asked for messages came back.
    Came {
        /// How many it had asked for.
        asked: usize,
        /// What it brought; nothing if it failed.
        messages: Option<Vec<Message>>,
    },
    /// The work on a message came to an end.
    Ended {
        /// Which.
        key: Key,
        /// How.
        ended: Ended,
    },
    /// Extensions were answered.
    Extended {
        /// When they were asked for.
        called: Timestamp,
        /// Of each message.
        told: Vec<(Lend, Told)>,
    },
    /// Deletions, or hand-backs, were answered.
    Settled(Vec<(Lend, Told)>),
    /// A message was set aside, or could not be.
    Aside {
        /// Which.
        key: Key,
        /// Whether it was.
        done: bool,
    },
    /// A beat was answered, or not.
    Beaten(Option<Order>),
    /// Protection was taken, or not.
    Protected(Protected),
    /// Protection was given up, or could not be.
    Unprotected {
        /// Whether it was.
        done: bool,
    },
    /// SIGTERM.
    Terminated,
}

/// What became of asking for protection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protected {
    /// The service does not stop the task for an hour.
    Yes,
    /// A deployment waits for this task to end.
    Blocked,
    /// It is not known, or not possible now.
    No,
}

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
            guard: post.in_service.then(|| Guard::new(now)),
            beats: stages::Beats::new(now),
            post,
        }
    }

    /// Takes in what has happened.
    pub fn happened(&mut self, what: Happened, now: Timestamp, jitter: u64) {
        match what {
            Happened::Came { asked, messages } => self.came(asked, messages, now, jitter),
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
        self.begin_next(now, &mut todo);
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
