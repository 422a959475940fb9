//! One write of the ledger: the next run, and what must be written with it or not at all.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    identity::{ObjectOrder, RunId},
    outcome::Class,
    state::Run,
};
use crate::trigger::{Launch, Listed};

/// All of it is written, or none.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The run as it will be.
    pub run: Run,
    /// `ver` that the ledger must hold; nothing at all if `None`.
    pub expects_ver: Option<u64>,
    /// What goes with it.
    pub also: Vec<Also>,
}

/// What is written together with a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Also {
    /// The frozen launch of an attempt, if it is not there yet.
    Launch(Box<Launch>),
    /// The newest version of an object, refused when another run has it or a newer one.
    Object(ObjectClaim),
    /// Objects that the run will claim; a list never changes.
    Page(Page),
    /// The run of one half of this one's objects.
    Part(Box<Run>),
    /// A message to be sent until it is known to be sent.
    Outbox(Outbox),
    /// This run alone may be launched for its object, refused while another holds it or a newer
    /// version is there.
    HoldObject(ObjectHold),
    /// The next version of the object may be launched.
    FreeObject(ObjectHold),
    /// One of the trigger's slots is the run's, refused while another run has it.
    TakeSlot(Slot),
    /// The slot is free.
    FreeSlot(Slot),
    /// One more in the trigger's count of the hour.
    Count {
        /// Name of the trigger.
        trigger: String,
        /// What is counted.
        what: Counted,
        /// When it happened.
        at: Timestamp,
    },
}

/// What is counted, by trigger and hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// A run ended so.
    Ended(Class),
    /// A failed run was given another attempt: it will end once more.
    Redriven,
}

impl Counted {
    /// The word, as stored and shown.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ended(class) => class.word(),
            Self::Redriven => "redriven",
        }
    }
}

/// A part of a list of objects, small enough for a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// The run that gathered the list.
    pub list: RunId,
    /// From 0, in the order of the list.
    pub number: u32,
    /// The objects.
    pub objects: Vec<Listed>,
}

/// The right of one run to be launched for an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectHold {
    /// Name of the trigger.
    pub trigger: String,
    /// [`ObjectVersion::object`](crate::trigger::ObjectVersion::object).
    pub object: String,
    /// The run.
    pub run: RunId,
}

/// One of as many slots as a trigger may have runs at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Name of the trigger.
    pub trigger: String,
    /// From 0 up to the trigger's `concurrency`.
    pub number: u32,
    /// The run that holds it.
    pub run: RunId,
}

/// The newest version of an object that a trigger has seen, or the only one where every version
/// counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectClaim {
    /// Name of the trigger.
    pub trigger: String,
    /// Which object, and the version's place.
    pub order: ObjectOrder,
    /// Run of the version.
    pub run: RunId,
}

/// Where a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Addressee {
    /// The `failed` queue: what somebody has to look at.
    Failed,
    /// The event bus: `Longshore Run` events, by which runs are chained.
    Bus,
}

impl Addressee {
    /// The word, as stored.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Bus => "bus",
        }
    }
}

/// A message that an ended run owes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Outbox {
    /// The run.
    pub run: RunId,
    /// The attempt whose end it tells of; with the run, the message's deduplication id.
    pub attempt: u32,
    /// Where it goes.
    pub to: Addressee,
    /// The message.
    pub body: Value,
    /// When it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
}

/// What the ledger answered to a [`Change`].
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    /// It holds.
    Done,
    /// Somebody else wrote first: this is the run as it stands.
    Conflict(Box<Run>),
    /// Another run has this version of the object, or a newer one.
    Newer(RunId),
    /// Another run may write about the object.
    Held(RunId),
    /// Another run has the slot.
    SlotTaken,
}

impl Change {
    /// Judges a refused write by the run that stands there: a write whose answer was lost meets
    /// itself, which is success.
    #[must_use]
    pub fn judge(&self, current: Run) -> Written {
        if current.wid == self.run.wid {
            Written::Done
        } else {
            Written::Conflict(Box::new(current))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::samples::admission;

    #[test]
    fn a_write_that_meets_itself_is_done() {
        let change = admission();
        assert_eq!(change.judge(change.run.clone()), Written::Done);
        let other = Run { wid: "another".into(), ..change.run.clone() };
        assert_eq!(change.judge(other.clone()), Written::Conflict(Box::new(other)));
    }
}
