//! What a desk is told, and what it wants done.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{
    fleet::{Beat, Order},
    poll::{Ended, Marks, Message, Note, PollOptions, Rejection, Stopped},
};

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
    /// Note something of the message where all workers of the queue see it, and read what is noted.
    Note {
        /// Which.
        key: Key,
        /// The same message, with the number of its receive.
        message: Arc<Message>,
        /// What.
        note: Note,
    },
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
    /// Write the message, or the parts of it that are rejected, where it can be looked at.
    SetAside {
        /// Which.
        key: Key,
        /// All of it.
        message: Arc<Message>,
        /// Why, and whether all of it.
        rejection: Rejection,
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
    /// Something was noted of a message, or could not be.
    Noted {
        /// Which.
        key: Key,
        /// All that is noted of it; nothing if it is not known.
        marks: Option<Marks>,
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
