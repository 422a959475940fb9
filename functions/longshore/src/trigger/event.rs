//! An envelope from the inbox becomes a trigger and an event, or an error that says it never will.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use self::{
    near::with_nearest,
    once::Once,
    seems::{WRAP, seems},
};
use super::settings::Trigger;

mod near;
mod object;
mod once;
mod rejected;
mod seems;
mod tick;

pub(super) use rejected::OF_RULE;
pub use rejected::Rejected;

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
    /// A schedule's time has come.
    Tick(Tick),
}

/// A schedule's time has come ("Scheduled Event"). It is the same tick however often it is
/// delivered: Scheduler's execution id is another for each attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// ARN of the schedule, or of the scheduled rule.
    pub schedule: String,
    /// When it was due.
    pub scheduled_at: Timestamp,
    /// Whether somebody asked for it: then it says nothing of what the schedule sends.
    pub asked: bool,
    /// Whether no event came of it, and the sweep found that it was due.
    pub unheard: bool,
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

const REPORT: &str = "send the event as AWS sent it";
const QUOTED: &str = "insert <aws.events.event.json> without quotes";
const BROKEN_OUT: &str = "let each name stand once; text of an event that is inserted between \
    quotes can break out of them, so insert <aws.events.event.json> and nothing smaller";

impl Envelope {
    /// Parses the body of an inbox message.
    pub fn parse(body: &str) -> Result<Self, Rejected> {
        let Once(raw) = serde_json::from_str(body).map_err(|error| unreadable(body, &error))?;
        let Value::Object(mut raw) = raw else {
            return Err(Rejected::new("message", "is not a JSON object", WRAP));
        };
        let Some(trigger) = raw.remove("trigger") else {
            let (what, todo) = seems(&raw);
            return Err(Rejected::new("message", what, todo));
        };
        let Some(event) = raw.remove("event") else {
            return Err(Rejected::new("event", "is missing", WRAP));
        };
        let source = raw.remove("source");
        let trigger = settings(trigger).map_err(|wrong| wrong.sent_by(source.as_ref()))?;
        let source = match source {
            Some(Value::String(source)) if !source.is_empty() => source,
            _ => return Err(Rejected::new("source", "names no rule or schedule", WRAP)),
        };
        let event = Event::parse(event)?;
        event.suits(&trigger)?;
        Ok(Self { source, trigger, event })
    }
}

fn settings(trigger: Value) -> Result<Trigger, Rejected> {
    let trigger: Trigger = deserialize("trigger", trigger, OF_RULE)?;
    trigger.validate()?;
    Ok(trigger)
}

/// Why the text is not read at all.
fn unreadable(body: &str, error: &serde_json::Error) -> Rejected {
    if error.is_data() {
        return Rejected::new("message", error.to_string(), BROKEN_OUT);
    }
    let why = match body.strip_prefix('\u{feff}') {
        Some(_) => "starts with a byte order mark".to_owned(),
        None => format!("is not JSON ({error})"),
    };
    Rejected::new("message", why, WRAP)
}

#[derive(Deserialize)]
#[serde(expecting = "an EventBridge event")]
struct RawEvent {
    source: Option<String>,
    #[serde(rename = "detail-type")]
    detail_type: String,
    time: Option<Timestamp>,
    #[serde(default)]
    resources: Vec<String>,
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
        if event.is_string() {
            return Err(Rejected::new("event", "is text, not an object", QUOTED));
        }
        let raw: RawEvent = deserialize("event", event, REPORT)?;
        if raw.detail_type == tick::DETAIL_TYPE {
            return tick::parse(raw).map(Self::Tick);
        }
        let source = raw.source.as_deref().unwrap_or_default();
        if (source, raw.detail_type.as_str()) != ("aws.s3", "Object Created") {
            let (kind, source) = (raw.detail_type.escape_debug(), source.escape_debug());
            let why = format!("is `{kind}` of `{source}`, which starts no run");
            return Err(Rejected::new(
                "event.detail-type",
                why,
                "match `Object Created` of `aws.s3`, or send `Scheduled Event` from a schedule",
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

pub(crate) fn deserialize<T: for<'de> Deserialize<'de>>(
    at: &str,
    value: Value,
    todo: &'static str,
) -> Result<T, Rejected> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = format!("{at}.{}", error.path());
        let why = with_nearest(error.inner().to_string());
        Rejected::new(path.trim_end_matches(['.', '?']), why, todo)
    })
}

#[cfg(test)]
mod tests;
