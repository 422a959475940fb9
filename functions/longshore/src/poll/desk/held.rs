//! One message that is held.

use std::sync::Arc;

use jiff::Timestamp;

use super::super::{Lease, Message};

/// A message, from its receipt until SQS knows what became of it.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) message: Arc<Message>,
    /// The newest receipt: an older one may delete nothing.
    pub(super) receipt: String,
    pub(super) lease: Lease,
    pub(super) at: At,
    /// Whether nothing else is to be at work beside it.
    pub(super) alone: bool,
    /// Whether an extension was asked for and not answered.
    pub(super) extending: bool,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// Its turn has not come.
    Waiting,
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
    SetAside { reason: String },
}

impl Held {
    /// From now on SQS is told so.
    pub(super) fn settle(&mut self, what: Settling, at: Timestamp) {
        self.at = At::Settling { what, at, calling: false, tries: 0 };
    }

    pub(super) fn is_at_work(&self) -> bool {
        matches!(self.at, At::Work { .. })
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
            At::Work { asked: Asked::Nothing, .. } => at(self.lease.ceiling()),
            At::Work { asked: Asked::Finish { at: by }, .. } => at(*by),
            At::Settling { at: next, calling: false, .. } => at(*next),
            _ => {}
        }
    }
}
