//! Trigger + event ─▶ plan: which run this is, and what it works on.

use super::{
    event::{Event, ObjectEvent},
    input::{Input, ObjectVersion, TickInput},
    settings::Trigger,
};
use crate::run::{ObjectOrder, RunId, digest, identity, tick_identity};

/// What becomes of one event: a run, named by the event alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Derived from trigger and identity, so that every delivery names the same run.
    pub run: RunId,
    /// What the run works on.
    pub input: Input,
    /// Tells another event that claims the same identity apart.
    pub input_digest: String,
    /// Which version of the object it is, of those that the ledger tells apart; of an object.
    pub order: Option<ObjectOrder>,
}

/// Plans the run of an event.
#[must_use]
pub fn plan(trigger: &Trigger, event: &Event) -> Plan {
    match event {
        Event::Object(object) => Plan {
            run: RunId::derive(&trigger.name, &identity(object)),
            input_digest: digest(&[
                &object.bucket,
                object.etag.as_deref().unwrap_or_default(),
                &object.key,
            ]),
            order: Some(ObjectOrder::of(trigger.order, object)),
            input: Input::Object(object.into()),
        },
        Event::Tick(tick) => {
            let identity = tick_identity(tick);
            Plan {
                run: RunId::derive(&trigger.name, &identity),
                input_digest: digest(&[&identity]),
                order: None,
                input: Input::Tick(TickInput {
                    scheduled_at: tick.scheduled_at,
                    asked: tick.asked,
                    unheard: tick.unheard,
                    shard: None,
                }),
            }
        }
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
