//! One message that is held.

use std::sync::Arc;

use jiff::Timestamp;

use super::super::{Ended, Lease, Message, Note, Rejection};

/// A message, from its receipt until SQS knows what became of it.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) message: Arc<Message>,
    /// The newest receipt: an older one may delete nothing.
    pub(super) receipt: String,
    pub(super) lease: Lease,
    /// Whether it is a run, whose fence says whose the work is, however long it takes.
    pub(super) is_run: bool,
    pub(super) at: At,
    /// Whether nothing else is to be at work beside it.
    pub(super) alone: bool,
    pub(super) noted: Noted,
    /// Whether an extension was asked for and not answered.
    pub(super) extending: bool,
}

/// What the workers of the queue note of it for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Noted {
    /// Nothing ever.
    Never,
    /// Nothing yet.
    NotYet,
    /// Perhaps that work on it has begun.
    Begun,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// Its turn has not come.
    Waiting,
    /// Something is being noted of it, where all workers of the queue see it.
    Noting {
        note: Note,
        /// How the work on it ended, if it has.
        ended: Option<Ended>,
        /// Not before this.
        at: Timestamp,
        /// Whether it was asked for and not answered.
        calling: bool,
        tries: u32,
    },
    /// It is worked on.
    Work {
        since: Timestamp,
        /// Whether it was asked to finish, and whether to stop.
        asked: Asked,
    },
    /// What became of it is being told.
    Settling {
        what: Settling,
        /// Not before this.
        at: Timestamp,
        /// Whether it was asked for and not answered.
        calling: bool,
        tries: u32,
    },
}

/// What was asked of the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Nothing,
    Finish { at: Timestamp },
    Stop,
}

/// What is being told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Settling {
    Delete,
    Back { secs: u32 },
    SetAside(Rejection),
}

impl Held {
    /// From now on SQS is told so.
    pub(super) fn settle(&mut self, what: Settling, at: Timestamp) {
        self.at = At::Settling { what, at, calling: false, tries: 0 };
    }

    /// From now on it is noted so.
    pub(super) fn note(&mut self, note: Note, ended: Option<Ended>, at: Timestamp) {
        self.at = At::Noting { note, ended, at, calling: false, tries: 0 };
    }

    /// Whether it is worked on, or nothing else may be begun any more before it is.
    pub(super) fn is_at_work(&self) -> bool {
        matches!(self.at, At::Work { .. } | At::Noting { note: Note::Begun, .. })
    }

    /// Whether nobody has said yet that work on it begins.
    pub(super) fn is_unbegun(&self) -> bool {
        matches!(self.at, At::Waiting | At::Noting { note: Note::Look, .. })
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.at == At::Waiting
    }

    /// When something is to be done about it, if nothing happens.
    pub(super) fn wake_at(&self, at: &mut impl FnMut(Timestamp)) {
        at(self.lease.until());
        if !self.extending {
            at(self.lease.extend_at());
        }
        match &self.at {
            At::Work { asked: Asked::Nothing, .. } if !self.is_run => at(self.lease.ceiling()),
            At::Work { asked: Asked::Finish { at: by }, .. } => at(*by),
            At::Settling { at: next, calling: false, .. }
            | At::Noting { at: next, calling: false, .. } => at(*next),
            _ => {}
        }
    }
}
