//! Trigger + event ─▶ plan: which run this is, and what it works on.

use serde::{Deserialize, Serialize};

use super::{
    event::{Event, ObjectEvent},
    settings::{Order, Trigger},
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
    /// Place of the object version among its key's versions, when only the newest counts.
    pub order: Option<ObjectOrder>,
}

/// What a run works on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Input {
    /// Bucket.
    pub bucket: String,
    /// Key, raw.
    pub key: String,
    /// Version, when the bucket is versioned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// Entity tag without quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// Size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Sequencer of the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequencer: Option<String>,
}

impl Input {
    /// Which object it is, whatever its version.
    #[must_use]
    pub fn object(&self) -> String {
        digest(&[&self.bucket, &self.key])
    }
}

/// Plans the run of an event.
#[must_use]
pub fn plan(trigger: &Trigger, event: &Event) -> Plan {
    let Event::Object(object) = event;
    let input = Input::from(object);
    Plan {
        run: RunId::derive(&trigger.name, &identity(object)),
        input_digest: digest(&[
            &object.bucket,
            object.etag.as_deref().unwrap_or_default(),
            &object.key,
        ]),
        order: match (trigger.order, &object.sequencer) {
            (Order::Latest, Some(sequencer)) => Some(ObjectOrder::of(object, sequencer)),
            // Without a sequencer nothing says which version is newer, so every one gets its run.
            _ => None,
        },
        input,
    }
}

impl From<&ObjectEvent> for Input {
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
