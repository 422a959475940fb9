//! One write of the ledger: the next run, and what must be written with it or not at all.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    identity::{ObjectOrder, RunId},
    outcome::Class,
    state::Run,
};
use crate::trigger::Launch;

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
    /// The newest version of an object, refused when a newer one is there.
    Object(ObjectClaim),
    /// A message to be sent until it is known to be sent.
    Outbox(Outbox),
    /// One more ended run in the trigger's count of the hour.
    Count {
        /// Name of the trigger.
        trigger: String,
        /// Kind of end.
        class: Class,
        /// When it ended.
        at: Timestamp,
    },
}

/// The newest version of an object that a trigger has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectClaim {
    /// Name of the trigger.
    pub trigger: String,
    /// Which object, and the version's place.
    pub order: ObjectOrder,
    /// Run of the version.
    pub run: RunId,
}

/// A message that a settled run owes to the `failed` queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Outbox {
    /// The run.
    pub run: RunId,
    /// The attempt whose end it tells of; with the run, the message's deduplication id.
    pub attempt: u32,
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
    /// A newer version of the object is there: its run.
    Newer(RunId),
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
