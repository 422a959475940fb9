//! The body of a message ─▶ the objects that it is about.
//!
//! Four shapes are known: an event of EventBridge, a notification of S3, either of them wrapped by
//! SNS, and an object as it is, `{"bucket", "key"}`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Part;
use crate::{batch::url_decoded, printable::printable, trigger::ObjectVersion};

/// How deep SNS may have wrapped a body: a topic that is subscribed to a topic wraps it twice.
const WRAPS_MAX: u32 = 2;
/// How much of the text of others a reason repeats.
const WORDS_CHARS_MAX: usize = 200;
/// Largest S3 key (S3 User Guide, "Naming Amazon S3 objects").
const KEY_BYTES_MAX: usize = 1_024;
/// Longest version id or entity tag that is taken; S3's are far shorter, or as long.
const TAG_BYTES_MAX: usize = 1_024;

/// What a message brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Brought {
    /// Objects, at least one, and records beside them that bring none.
    Objects(Vec<ObjectVersion>, Vec<Part>),
    /// S3's test of a new notification: there is nothing to do.
    Test,
}

/// The message is about no object, however often it comes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoObjects(String);

impl NoObjects {
    fn because(why: impl AsRef<str>) -> Self {
        Self(printable(why.as_ref(), WORDS_CHARS_MAX))
    }
}

/// Reads the body of a message.
pub fn objects(body: &str) -> Result<Brought, NoObjects> {
    let mut body = parsed(body)?;
    for _ in 0..WRAPS_MAX {
        match body.get("Message").and_then(Value::as_str) {
            Some(inner) if body.get("Type").is_some_and(|it| it == "Notification") => {
                body = parsed(inner)?;
            }
            _ => break,
        }
    }
    if body.get("Event").is_some_and(|event| event == "s3:TestEvent") {
        return Ok(Brought::Test);
    }
    let object = match (body.get("Records"), body.get("detail-type")) {
        (Some(Value::Array(records)), _) => return of_records(records),
        (_, Some(_)) => of_event(&body)?,
        _ => bare(body)?,
    };
    Ok(Brought::Objects(vec![valid(object)?], Vec::new()))
}

/// The records of a notification, each for itself.
fn of_records(records: &[Value]) -> Result<Brought, NoObjects> {
    let (mut objects, mut bad, mut first) = (Vec::new(), Vec::new(), None);
    for record in records {
        match of_record(record).and_then(valid) {
            Ok(object) => objects.push(object),
            Err(why) => {
                let body = json!({ "Records": [record] }).to_string();
                bad.push(Part { body, reason: why.to_string() });
                first = first.or(Some(why));
            }
        }
    }
    match first {
        _ if !objects.is_empty() => Ok(Brought::Objects(objects, bad)),
        Some(why) => Err(why),
        None => Err(NoObjects::because("its list of records is empty")),
    }
}

fn parsed(body: &str) -> Result<Value, NoObjects> {
    match serde_json::from_str(body) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err(NoObjects::because("it is not a JSON object")),
        Err(error) => Err(NoObjects::because(format!("it is not JSON: {error}"))),
    }
}

/// An event of EventBridge (S3 User Guide, "EventBridge event message structure"); its key is raw.
fn of_event(event: &Value) -> Result<ObjectVersion, NoObjects> {
    #[derive(Deserialize)]
    struct Detail {
        bucket: Bucket,
        object: Object,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case")]
    struct Object {
        key: String,
        version_id: Option<String>,
        etag: Option<String>,
        size: Option<u64>,
        sequencer: Option<String>,
    }
    let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
    let (kind, source) = (text("detail-type"), text("source"));
    if (source, kind) != ("aws.s3", "Object Created") {
        let words = format!("it is `{kind}` of `{source}`, and not `Object Created` of `aws.s3`");
        return Err(NoObjects::because(words));
    }
    let detail = event.get("detail").unwrap_or(&Value::Null);
    let Detail { bucket, object } = Detail::deserialize(detail)
        .map_err(|error| NoObjects::because(format!("its detail is not S3's: {error}")))?;
    let Object { key, version_id, etag, size, sequencer } = object;
    Ok(ObjectVersion { bucket: bucket.name, key, version_id, etag, size, sequencer })
}

#[derive(Deserialize)]
struct Bucket {
    name: String,
}

/// A record of a notification (S3 User Guide, "Event message structure"); its key is URL-encoded.
fn of_record(record: &Value) -> Result<ObjectVersion, NoObjects> {
    #[derive(Deserialize)]
    struct S3 {
        bucket: Bucket,
        object: Object,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Object {
        key: String,
        version_id: Option<String>,
        e_tag: Option<String>,
        size: Option<u64>,
        sequencer: Option<String>,
    }
    let text = |name: &str| record.get(name).and_then(Value::as_str).unwrap_or_default();
    let (name, source) = (text("eventName"), text("eventSource"));
    if source != "aws:s3" || !name.trim_start_matches("s3:").starts_with("ObjectCreated:") {
        let words = format!("it has a record `{name}` of `{source}`, which brings no object");
        return Err(NoObjects::because(words));
    }
    let S3 { bucket, object } =
        S3::deserialize(record.get("s3").unwrap_or(&Value::Null)).map_err(|error| {
            NoObjects::because(format!("it has a record that is not S3's: {error}"))
        })?;
    let key = url_decoded(&object.key)
        .ok_or_else(|| NoObjects::because("it has a record whose key is not URL-encoded"))?;
    let Object { version_id, e_tag: etag, size, sequencer, .. } = object;
    Ok(ObjectVersion { bucket: bucket.name, key, version_id, etag, size, sequencer })
}

fn bare(body: Value) -> Result<ObjectVersion, NoObjects> {
    serde_json::from_value(body).map_err(|error| {
        let words = "it is neither an event of S3 nor an object like {\"bucket\", \"key\"}";
        NoObjects::because(format!("{words}: {error}"))
    })
}

/// The object, with what names no version taken out.
fn valid(mut object: ObjectVersion) -> Result<ObjectVersion, NoObjects> {
    if object.bucket.is_empty() {
        return Err(NoObjects::because("its bucket has no name"));
    }
    if object.key.is_empty() || object.key.len() > KEY_BYTES_MAX {
        return Err(NoObjects::because("its key is not 1 to 1,024 bytes long"));
    }
    // `null` is the version of an object in a bucket whose versioning is suspended, used again.
    object.version_id = object.version_id.filter(|it| !it.is_empty() && it != "null");
    object.etag = object.etag.map(|it| it.trim_matches('"').to_owned());
    object.etag = object.etag.filter(|it| !it.is_empty());
    let fits = |text: &Option<String>| {
        let printable = |text: &String| text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        text.as_ref().is_none_or(|text| text.len() <= TAG_BYTES_MAX && printable(text))
    };
    if !fits(&object.version_id) || !fits(&object.etag) {
        return Err(NoObjects::because("its version or entity tag is not short ASCII text"));
    }
    Ok(object)
}

#[cfg(test)]
mod tests;
