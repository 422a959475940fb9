//! From what a caller sent to a message that cannot be wrong.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::attributes::{RawAttribute, attributes, system_attributes};
use super::faults::{invalid, invalid_value, missing, modelled};
use super::ids::new_id;
use super::limits::{DELAY_SECS_MAX, GROUP_CHARS_MAX};
use super::memory::Held;
use super::message::size;
use super::queue::Outgoing;
use crate::Fault;

/// A `SendMessage`, or one entry of a `SendMessageBatch`, as it came.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Draft {
    /// Only of a batch entry.
    pub(super) id: Option<String>,
    pub(super) message_body: Option<String>,
    pub(super) delay_seconds: Option<i64>,
    pub(super) message_attributes: BTreeMap<String, RawAttribute>,
    pub(super) message_system_attributes: BTreeMap<String, RawAttribute>,
    pub(super) message_group_id: Option<String>,
    pub(super) message_deduplication_id: Option<String>,
}

impl Draft {
    /// Body and attributes in bytes, as a batch counts them.
    pub(super) fn size(&self) -> usize {
        let attributes = self.message_attributes.iter();
        let attributes = attributes.map(|(name, it)| (name.clone(), it.as_sent())).collect();
        size(self.message_body.as_deref().unwrap_or_default(), &attributes)
    }
}

/// Checks a draft against SQS's rules and the queue's settings.
pub(super) fn outgoing(held: &Held, draft: Draft) -> Result<Outgoing, Fault> {
    let body =
        draft.message_body.filter(|it| !it.is_empty()).ok_or_else(|| missing("MessageBody"))?;
    check_characters(&body)?;
    let attributes = attributes(draft.message_attributes)?;
    check_size(held, size(&body, &attributes))?;
    let system = system_attributes(draft.message_system_attributes)?;
    let delay_secs = delay(held, draft.delay_seconds)?;
    let group = draft.message_group_id.map(|it| name("MessageGroupId", it)).transpose()?;
    let given = draft.message_deduplication_id;
    let given = given.map(|it| name("MessageDeduplicationId", it)).transpose()?;
    let deduplication_id = deduplication_id(held, &body, group.as_deref(), given)?;
    let deduplication_key = deduplication_id.as_ref().map(|id| {
        let per_group = held.other.get("DeduplicationScope").is_some_and(|it| it == "messageGroup");
        if per_group {
            format!("{} {id}", group.as_deref().unwrap_or_default())
        } else {
            id.clone()
        }
    });
    Ok(Outgoing {
        id: new_id()?,
        body,
        attributes,
        system,
        group,
        deduplication_id,
        deduplication_key,
        delay_secs,
    })
}

/// A FIFO queue needs a group, and an id by which it knows the message again.
fn deduplication_id(
    held: &Held,
    body: &str,
    group: Option<&str>,
    given: Option<String>,
) -> Result<Option<String>, Fault> {
    if !held.queue.is_fifo() {
        return match given {
            None => Ok(None),
            Some(id) => Err(invalid_value("MessageDeduplicationId", id, NOT_FOR_THIS_TYPE)),
        };
    }
    if group.is_none() {
        return Err(missing("MessageGroupId"));
    }
    if given.is_some() {
        return Ok(given);
    }
    if !held.queue.spec.content_based_deduplication {
        return Err(invalid(NO_DEDUPLICATION));
    }
    Ok(Some(HEXLOWER.encode(&Sha256::digest(body.as_bytes()))))
}

const NOT_FOR_THIS_TYPE: &str =
    "The request include parameter that is not valid for this queue type.";
const NO_DEDUPLICATION: &str = "The queue should either have ContentBasedDeduplication enabled or \
                                MessageDeduplicationId provided explicitly";

/// A batch to a FIFO queue fails as a whole if any entry lacks what every message there needs.
pub(super) fn check_fifo_batch(held: &Held, drafts: &[Draft]) -> Result<(), Fault> {
    if !held.queue.is_fifo() {
        return Ok(());
    }
    if drafts.iter().any(|it| it.message_group_id.is_none()) {
        return Err(invalid("The request must contain the parameter MessageGroupId."));
    }
    let by_content = held.queue.spec.content_based_deduplication;
    if !by_content && drafts.iter().any(|it| it.message_deduplication_id.is_none()) {
        return Err(invalid(NO_DEDUPLICATION));
    }
    Ok(())
}

fn delay(held: &Held, secs: Option<i64>) -> Result<Option<u32>, Fault> {
    let Some(secs) = secs else { return Ok(None) };
    if held.queue.is_fifo() && secs != 0 {
        return Err(invalid_value("DelaySeconds", secs, NOT_FOR_THIS_TYPE));
    }
    match u32::try_from(secs) {
        // The delay of a FIFO queue is the queue's.
        Ok(_) if held.queue.is_fifo() => Ok(None),
        Ok(secs) if secs <= DELAY_SECS_MAX => Ok(Some(secs)),
        _ => Err(invalid_value("DelaySeconds", secs, "DelaySeconds must be >= 0 and <= 900.")),
    }
}

fn name(parameter: &str, value: String) -> Result<String, Fault> {
    let fits = (1..=GROUP_CHARS_MAX).contains(&value.len());
    if fits && value.bytes().all(|it| it.is_ascii_graphic()) {
        return Ok(value);
    }
    let why = format!(
        "{parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length."
    );
    Err(invalid_value(parameter, value, &why))
}

fn check_size(held: &Held, size: usize) -> Result<(), Fault> {
    let most = held.queue.spec.message_bytes_max;
    if u32::try_from(size).is_ok_and(|size| size <= most) {
        return Ok(());
    }
    let why = "One or more parameters are invalid. Reason: Message must be shorter than";
    Err(invalid(format!("{why} {most} bytes.")))
}

/// XML 1.0's characters: the only ones that SQS carries.
pub(super) fn check_characters(text: &str) -> Result<(), Fault> {
    let is_valid = |it: char| matches!(it, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
    if text.chars().all(is_valid) {
        return Ok(());
    }
    let message = "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | \
                   #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF";
    Err(modelled("InvalidMessageContents", message))
}

#[cfg(test)]
mod tests {
    use super::super::settings::{Settings, default_spec};
    use super::*;

    /// What becomes of a draft: `ok`, or the error's short name.
    fn check(queue: &str, draft: serde_json::Value, expected: &str) {
        let held = Held::new(Settings::new(default_spec(queue, String::new())), 0);
        let shown = draft.to_string().chars().take(120).collect::<String>();
        let actual = match outgoing(&held, serde_json::from_value(draft).unwrap()) {
            Ok(_) => "ok".to_owned(),
            Err(fault) => super::super::faults::query_code(&fault),
        };
        assert_eq!(actual, expected, "{queue} {shown}");
    }

    fn with_attribute(name: &str, attribute: &serde_json::Value) -> serde_json::Value {
        serde_json::json!({"MessageBody": "x", "MessageAttributes": {name: attribute}})
    }

    #[test]
    fn bodies_are_checked() {
        use serde_json::json;
        check("q", json!({"MessageBody": "tab\tnewline\r\n ż😀\u{FFFD}"}), "ok");
        check("q", json!({}), "MissingParameter");
        check("q", json!({"MessageBody": ""}), "MissingParameter");
        check("q", json!({"MessageBody": "a\u{0}"}), "InvalidMessageContents");
        check("q", json!({"MessageBody": "a\u{FFFF}"}), "InvalidMessageContents");
        check("q", json!({"MessageBody": "a".repeat(1_048_576)}), "ok");
        check("q", json!({"MessageBody": "a".repeat(1_048_577)}), "InvalidParameterValue");
        check("q", json!({"MessageBody": "x", "DelaySeconds": 900}), "ok");
        check("q", json!({"MessageBody": "x", "DelaySeconds": 901}), "InvalidParameterValue");
        check("q", json!({"MessageBody": "x", "DelaySeconds": -1}), "InvalidParameterValue");
    }

    #[test]
    fn groups_and_deduplication_fit_the_type_of_the_queue() {
        use serde_json::json;
        let draft = |group: &str, id: &str| json!({"MessageBody": "x", "MessageGroupId": group, "MessageDeduplicationId": id});
        check("q", json!({"MessageBody": "x", "MessageGroupId": "tenant"}), "ok");
        check("q", json!({"MessageBody": "x", "MessageGroupId": "a b"}), "InvalidParameterValue");
        check("q", draft("g", "d"), "InvalidParameterValue");
        check("q.fifo", draft("g", "d"), "ok");
        check("q.fifo", draft(&"g".repeat(129), "d"), "InvalidParameterValue");
        check("q.fifo", json!({"MessageBody": "x"}), "MissingParameter");
        check(
            "q.fifo",
            json!({"MessageBody": "x", "MessageGroupId": "g"}),
            "InvalidParameterValue",
        );
        let mut delayed = draft("g", "d");
        delayed["DelaySeconds"] = 2.into();
        check("q.fifo", delayed, "InvalidParameterValue");
    }

    #[test]
    fn attributes_are_checked() {
        use serde_json::json;
        let good = json!({"DataType": "String", "StringValue": "v"});
        let number = |value: &str| json!({"DataType": "Number.int", "StringValue": value});
        check("q", with_attribute("n", &good), "ok");
        check("q", with_attribute("n", &number("-1.5e3")), "ok");
        check("q", with_attribute("n", &number("inf")), "InvalidParameterValue");
        check("q", with_attribute("n", &number(&"1".repeat(39))), "InvalidParameterValue");
        check(
            "q",
            with_attribute("n", &json!({"DataType": "Binary", "BinaryValue": "AAE="})),
            "ok",
        );
        let bad = "InvalidParameterValue";
        check("q", with_attribute("n", &json!({"DataType": "Binary", "BinaryValue": "%"})), bad);
        check("q", with_attribute("n", &json!({"DataType": "String", "StringValue": ""})), bad);
        check("q", with_attribute("n", &json!({"DataType": "Text", "StringValue": "v"})), bad);
        check("q", with_attribute("n", &json!({"StringValue": "v"})), bad);
        for name in ["", ".n", "n.", "a..b", "AWS.n", "amazon.n", "a b"] {
            check("q", with_attribute(name, &good), bad);
        }
        let list = json!({"DataType": "String", "StringListValues": ["v"]});
        check("q", with_attribute("n", &list), "AWS.SimpleQueueService.UnsupportedOperation");
        let eleven: serde_json::Map<String, serde_json::Value> =
            (0..11).map(|n| (format!("n{n}"), good.clone())).collect();
        check("q", json!({"MessageBody": "x", "MessageAttributes": eleven}), bad);
    }
}
