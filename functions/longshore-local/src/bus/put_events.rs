//! `PutEvents`: what anyone may put on the bus, answered entry by entry.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::Bus;
use crate::Fault;

/// Most entries of a call ("`PutEvents`" in the API reference).
const ENTRIES_MAX: usize = 10;

/// Most bytes of all entries of a call ("Amazon EventBridge quotas").
const ENTRIES_BYTES_MAX: usize = 1_048_576;

/// What a `Time` counts for in the size of an entry, in bytes ("Calculating `PutEvents` event entry
/// size").
const TIME_BYTES: usize = 14;

/// Most characters of a detail type ("`PutEvents`" in the API reference).
const DETAIL_TYPE_CHARS_MAX: usize = 128;

/// A valid entry.
#[derive(Debug)]
struct Entry {
    source: String,
    detail_type: String,
    detail: Map<String, Value>,
    resources: Vec<String>,
    time: Option<Timestamp>,
}

/// Why one entry is refused while the others are taken: code and message.
type Refusal = (&'static str, String);

impl Bus {
    pub(super) async fn put_events(&self, input: &Value) -> Result<Value, Fault> {
        let mut results = Vec::new();
        let mut failed = 0;
        for entry in entries(input)? {
            match parse(entry, &self.ground.account.arn("events", "event-bus/default")) {
                Ok(entry) => results.push(json!({"EventId": self.put(entry).await})),
                Err((code, message)) => {
                    failed += 1;
                    results.push(json!({"ErrorCode": code, "ErrorMessage": message}));
                }
            }
        }
        Ok(json!({"FailedEntryCount": failed, "Entries": results}))
    }

    async fn put(&self, entry: Entry) -> String {
        let detail = Value::Object(entry.detail);
        let mut event = self.event(&entry.source, &entry.detail_type, entry.resources, detail);
        event.time = entry.time.unwrap_or(event.time);
        let id = event.id.clone();
        self.publish(event).await;
        id
    }
}

fn entries(input: &Value) -> Result<&[Value], Fault> {
    let refuse = |message: String| Err(Fault::client("ValidationException", message));
    let entries = input["Entries"].as_array().map_or(&[][..], Vec::as_slice);
    if entries.is_empty() || entries.len() > ENTRIES_MAX {
        return refuse(format!(
            "1 validation error detected: Value at 'entries' failed to satisfy constraint: Member \
             must have length between 1 and {ENTRIES_MAX}, not {}",
            entries.len()
        ));
    }
    if entries.iter().map(size).sum::<usize>() > ENTRIES_BYTES_MAX {
        return refuse("Total size of the entries in the request is over the limit.".into());
    }
    Ok(entries)
}

fn size(entry: &Value) -> usize {
    let text = |name: &str| entry[name].as_str().map_or(0, str::len);
    let resources = entry["Resources"].as_array().map_or(&[][..], Vec::as_slice);
    let time = if entry["Time"].is_null() { 0 } else { TIME_BYTES };
    let resources: usize = resources.iter().filter_map(Value::as_str).map(str::len).sum();
    text("Source") + text("DetailType") + text("Detail") + resources + time
}

fn parse(entry: &Value, bus_arn: &str) -> Result<Entry, Refusal> {
    let source = required(entry, "Source")?;
    if source.starts_with("aws.") {
        let message = "Not authorized for the source.".to_owned();
        return Err(("NotAuthorizedForSourceException", message));
    }
    let detail_type = required(entry, "DetailType")?;
    if detail_type.chars().count() > DETAIL_TYPE_CHARS_MAX {
        return Err(invalid("DetailType", "it has more than 128 characters"));
    }
    let detail = required(entry, "Detail")?;
    let detail = serde_json::from_str(detail)
        .map_err(|_| ("MalformedDetail", "Detail is malformed.".to_owned()))?;
    match entry["EventBusName"].as_str() {
        None | Some("default") => {}
        Some(name) if name == bus_arn => {}
        Some(_) => return Err(invalid("EventBusName", "only the default bus is served here")),
    }
    Ok(Entry {
        source: source.to_owned(),
        detail_type: detail_type.to_owned(),
        detail,
        resources: resources(&entry["Resources"])?,
        time: time(&entry["Time"])?,
    })
}

fn required<'a>(entry: &'a Value, name: &str) -> Result<&'a str, Refusal> {
    entry[name]
        .as_str()
        .filter(|text| !text.is_empty())
        .ok_or_else(|| invalid(name, &format!("{name} is a required argument.")))
}

fn resources(list: &Value) -> Result<Vec<String>, Refusal> {
    match list {
        Value::Null => Ok(Vec::new()),
        list => serde_json::from_value(list.clone())
            .map_err(|_| invalid("Resources", "it is no list of strings")),
    }
}

fn time(secs: &Value) -> Result<Option<Timestamp>, Refusal> {
    if secs.is_null() {
        return Ok(None);
    }
    secs.as_f64()
        .and_then(|secs| SignedDuration::try_from_secs_f64(secs).ok())
        .and_then(|since_epoch| Timestamp::from_duration(since_epoch).ok())
        .map(Some)
        .ok_or_else(|| invalid("Time", "it is no number of seconds since 1970"))
}

fn invalid(name: &str, reason: &str) -> Refusal {
    ("InvalidArgument", format!("Parameter {name} is not valid. Reason: {reason}"))
}
