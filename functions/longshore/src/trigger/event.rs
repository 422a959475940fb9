//! An envelope from the inbox becomes a trigger and an event, or an error that says it never will.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::settings::Trigger;

/// Largest S3 key (S3 user guide, object key names).
const KEY_BYTES_MAX: usize = 1_024;

/// What a rule or a schedule sent: the settings wrapped around the event.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// ARN of the rule or schedule.
    pub source: String,
    /// What to run.
    pub trigger: Trigger,
    /// What happened.
    pub event: Event,
}

/// Something that happened, with an identity that survives redelivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A version of an object was created.
    Object(ObjectEvent),
}

/// A version of an object, as EventBridge tells of it (S3 user guide, EventBridge event message
/// structure). The key is raw: EventBridge, unlike S3 notifications, does not encode it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectEvent {
    /// Bucket.
    pub bucket: String,
    /// Key, exactly as stored.
    pub key: String,
    /// Version, unless the bucket is or was unversioned.
    pub version_id: Option<String>,
    /// Entity tag without quotes.
    pub etag: Option<String>,
    /// Size in bytes.
    pub size: Option<u64>,
    /// Orders the events of one key.
    pub sequencer: Option<String>,
    /// When it happened.
    pub time: Option<Timestamp>,
}

/// Never to become a run: acknowledged and dead-lettered with this reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {why}; {todo}")]
pub struct Rejected {
    /// Where in the message, as a path.
    pub at: String,
    /// What is wrong there.
    pub why: String,
    /// What to do about it.
    pub todo: &'static str,
}

impl Rejected {
    /// Names the place, what is wrong there, and what to do.
    pub fn new(at: impl Into<String>, why: impl Into<String>, todo: &'static str) -> Self {
        Self { at: at.into(), why: why.into(), todo }
    }
}

const WRAP: &str = "let the rule's input transformer wrap the event: \
    {\"source\": …, \"trigger\": {…}, \"event\": <aws.events.event.json>}";
const SETTINGS: &str = "correct the settings in the rule's input template";
const REPORT: &str = "send the event as AWS sent it";

impl Envelope {
    /// Parses the body of an inbox message.
    pub fn parse(body: &str) -> Result<Self, Rejected> {
        let raw: Value = serde_json::from_str(body)
            .map_err(|error| Rejected::new("message", format!("is not JSON ({error})"), WRAP))?;
        let Value::Object(mut raw) = raw else {
            return Err(Rejected::new("message", "is not a JSON object", WRAP));
        };
        let Some(trigger) = raw.remove("trigger") else {
            return Err(Rejected::new("message", unwrapped(&raw), WRAP));
        };
        let Some(event) = raw.remove("event") else {
            return Err(Rejected::new("event", "is missing", WRAP));
        };
        let trigger: Trigger = deserialize("trigger", trigger, SETTINGS)?;
        trigger.validate()?;
        let source = raw.get("source").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Self { source, trigger, event: Event::parse(event)? })
    }
}

/// What a message without settings seems to be.
fn unwrapped(raw: &serde_json::Map<String, Value>) -> &'static str {
    if raw.get("Event").and_then(Value::as_str) == Some("s3:TestEvent") {
        "is the test event of an S3 notification"
    } else if raw.contains_key("Records") {
        "is an S3 notification"
    } else if raw.contains_key("detail-type") {
        "is a bare EventBridge event without settings"
    } else {
        "has no `trigger`"
    }
}

#[derive(Deserialize)]
#[serde(expecting = "an EventBridge event")]
struct RawEvent {
    source: Option<String>,
    #[serde(rename = "detail-type")]
    detail_type: String,
    time: Option<Timestamp>,
    #[serde(default)]
    detail: Value,
}

#[derive(Deserialize)]
#[serde(expecting = "the detail of an object event")]
struct RawDetail {
    bucket: RawBucket,
    object: RawObject,
}

#[derive(Deserialize)]
#[serde(expecting = "a bucket")]
struct RawBucket {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", expecting = "an object")]
struct RawObject {
    key: String,
    version_id: Option<String>,
    etag: Option<String>,
    size: Option<u64>,
    sequencer: Option<String>,
}

impl Event {
    fn parse(event: Value) -> Result<Self, Rejected> {
        let raw: RawEvent = deserialize("event", event, REPORT)?;
        let source = raw.source.as_deref().unwrap_or_default();
        if (source, raw.detail_type.as_str()) != ("aws.s3", "Object Created") {
            let (kind, source) = (raw.detail_type.escape_debug(), source.escape_debug());
            let why = format!("is `{kind}` of `{source}`, which starts no run");
            return Err(Rejected::new(
                "event.detail-type",
                why,
                "match `Object Created` of `aws.s3`",
            ));
        }
        let RawDetail { bucket, object } = deserialize("event.detail", raw.detail, REPORT)?;
        ObjectEvent {
            bucket: bucket.name,
            key: object.key,
            // `null` is the version of an object in a bucket whose versioning is suspended.
            version_id: object
                .version_id
                .filter(|version| !version.is_empty() && version != "null"),
            etag: object
                .etag
                .map(|etag| etag.trim_matches('"').to_owned())
                .filter(|etag| !etag.is_empty()),
            size: object.size,
            sequencer: object.sequencer.filter(|sequencer| !sequencer.is_empty()),
            time: raw.time,
        }
        .valid()
        .map(Self::Object)
    }
}

fn deserialize<T: for<'de> Deserialize<'de>>(
    at: &str,
    value: Value,
    todo: &'static str,
) -> Result<T, Rejected> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = format!("{at}.{}", error.path());
        Rejected::new(path.trim_end_matches(['.', '?']), error.inner().to_string(), todo)
    })
}

impl ObjectEvent {
    fn valid(self) -> Result<Self, Rejected> {
        let wrong = |at: &str, why: &str| Err(Rejected::new(at, why, REPORT));
        if self.bucket.is_empty() {
            return wrong("event.detail.bucket.name", "is empty");
        }
        if self.key.is_empty() || self.key.len() > KEY_BYTES_MAX {
            return wrong("event.detail.object.key", "is not 1 to 1,024 bytes long");
        }
        let hexadecimal = |text: &String| text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !self.sequencer.as_ref().is_none_or(hexadecimal) {
            return wrong("event.detail.object.sequencer", "is not hexadecimal");
        }
        if self.version_id.is_none() && self.sequencer.is_none() && self.etag.is_none() {
            let why = "has neither version-id, sequencer nor etag, so it cannot be told apart";
            return wrong("event.detail.object", why);
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests;
