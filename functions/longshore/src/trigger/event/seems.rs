//! What a message without settings seems to be, and what its sender is to do instead.

use serde_json::{Map, Value};

pub(super) const WRAP: &str = "let the rule's input transformer wrap the event: \
    {\"source\": …, \"trigger\": {…}, \"event\": <aws.events.event.json>}";
const NOTIFICATION: &str = "take the queue out of the bucket's notifications, turn EventBridge on \
    for the bucket, and let a rule with settings send its events here";
const TOPIC: &str = "let the rule send to this queue itself, not through a topic";
const BODY: &str = "send the body of the message alone";
const PAYLOAD: &str = "send its requestPayload alone, or let a rule with settings send the event";

/// What it seems to be, and what to do.
pub(super) fn seems(raw: &Map<String, Value>) -> (&'static str, &'static str) {
    let text = |name: &str| raw.get(name).and_then(Value::as_str);
    let has = |name: &str| raw.contains_key(name);
    if text("Event") == Some("s3:TestEvent") {
        return ("is the test event of an S3 notification", NOTIFICATION);
    }
    if let Some(records) = raw.get("Records") {
        return of_records(records);
    }
    match text("Type") {
        Some("Notification") => return ("is a notification of an SNS topic", TOPIC),
        Some("SubscriptionConfirmation") => {
            return ("is an SNS topic's request to confirm a subscription", TOPIC);
        }
        _ => {}
    }
    if has("requestPayload") && has("requestContext") {
        return ("is what Lambda tells a destination of an invocation", PAYLOAD);
    }
    if ["receiptHandle", "ReceiptHandle"].into_iter().any(has) {
        return ("is a message of a queue together with its attributes", BODY);
    }
    if has("detail-type") {
        return ("is a bare EventBridge event without settings", WRAP);
    }
    ("has no `trigger`", WRAP)
}

fn of_records(records: &Value) -> (&'static str, &'static str) {
    let first = records.get(0);
    let source = ["eventSource", "EventSource"]
        .iter()
        .find_map(|name| first?.get(name)?.as_str())
        .unwrap_or_default();
    match source {
        "aws:s3" => ("is an S3 notification", NOTIFICATION),
        "aws:sqs" => ("is what Lambda receives from a queue", BODY),
        "aws:sns" => ("is what Lambda receives from an SNS topic", TOPIC),
        _ if first.is_none() => ("has no `trigger`, and no records either", WRAP),
        _ => ("is a list of records without settings", WRAP),
    }
}
