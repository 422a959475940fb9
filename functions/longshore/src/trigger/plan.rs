//! Trigger + event ─▶ plan: which run this is, and what it works on.

use super::{
    event::{Event, ObjectEvent},
    input::{Input, ObjectVersion},
    settings::Trigger,
};
use crate::run::{ObjectOrder, RunId, digest, identity};

/// What becomes of one event: a run, named by the event alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Derived from trigger and identity, so that every delivery names the same run.
    pub run: RunId,
    /// What the run works on.
    pub input: Input,
    /// Tells another event that claims the same identity apart.
    pub input_digest: String,
    /// Which version of the object it is, of those that the ledger tells apart.
    pub order: ObjectOrder,
}

/// Plans the run of an event.
#[must_use]
pub fn plan(trigger: &Trigger, event: &Event) -> Plan {
    let Event::Object(object) = event;
    Plan {
        run: RunId::derive(&trigger.name, &identity(object)),
        input_digest: digest(&[
            &object.bucket,
            object.etag.as_deref().unwrap_or_default(),
            &object.key,
        ]),
        order: ObjectOrder::of(trigger.order, object),
        input: Input::Object(object.into()),
    }
}

impl From<&ObjectEvent> for ObjectVersion {
    fn from(object: &ObjectEvent) -> Self {
        Self {
            bucket: object.bucket.clone(),
            key: object.key.clone(),
            version_id: object.version_id.clone(),
            etag: object.etag.clone(),
            size: object.size,
            sequencer: object.sequencer.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
