//! What SQS answers in its JSON protocol.

use std::collections::BTreeMap;

use jiff::Timestamp;
use longshore::poll::{Message, Told};
use longshore_engine::ports::{InboxTrouble, Terms};
use serde::{Deserialize, de::Error as _};

use crate::wire::Refusal;

/// Codes of an entry that are SQS's mood, whoever is to blame for it.
const MOODS: [&str; 4] =
    ["RequestThrottled", "ThrottlingException", "KmsThrottled", "InternalError"];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
struct Attributes {
    attributes: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Received {
    messages: Vec<Given>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Given {
    message_id: String,
    receipt_handle: String,
    body: String,
    #[serde(default)]
    attributes: Known,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Known {
    approximate_receive_count: Option<String>,
    sent_timestamp: Option<String>,
    approximate_first_receive_timestamp: Option<String>,
    message_group_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Batch {
    successful: Vec<Entry>,
    failed: Vec<Entry>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Entry {
    id: String,
    sender_fault: bool,
    code: String,
    message: Option<String>,
}

impl Entry {
    /// The name of the error, without its namespace.
    fn name(&self) -> &str {
        self.code.rsplit('.').next().unwrap_or_default()
    }
}

/// What the queue is set to.
pub(super) fn terms(answer: &[u8]) -> serde_json::Result<Terms> {
    let Attributes { attributes } = serde_json::from_slice(answer)?;
    let secs = attributes.get("VisibilityTimeout").and_then(|secs| secs.parse().ok());
    let visibility_secs =
        secs.ok_or_else(|| serde_json::Error::custom("no VisibilityTimeout is told"))?;
    let redrives = attributes.get("RedrivePolicy").is_some_and(|policy| !policy.is_empty());
    Ok(Terms { visibility_secs, redrives })
}

/// The messages that came, which may be none.
pub(super) fn messages(answer: &[u8]) -> serde_json::Result<Vec<Message>> {
    let Received { messages } = serde_json::from_slice(answer)?;
    let message = |given: Given| {
        let Given { message_id: id, receipt_handle: receipt, body, attributes } = given;
        let time = |millis: Option<String>| {
            millis.and_then(|it| Timestamp::from_millisecond(it.parse().ok()?).ok())
        };
        let receives = attributes.approximate_receive_count.and_then(|count| count.parse().ok());
        Message {
            id,
            receipt,
            body,
            group: attributes.message_group_id,
            receives: receives.unwrap_or(1),
            sent: time(attributes.sent_timestamp),
            first_received: time(attributes.approximate_first_receive_timestamp),
        }
    };
    Ok(messages.into_iter().map(message).collect())
}

/// What became of each of `count` messages, whose places are the ids of the answer: a batch answers
/// 200 although some of it failed. Of what it says nothing, nothing is known.
pub(super) fn told(count: usize, answer: &[u8]) -> serde_json::Result<Vec<Told>> {
    let Batch { successful, failed } = serde_json::from_slice(answer)?;
    let mut told = vec![Told::Again; count];
    let mut say = |entry: &Entry, what| {
        let place = entry.id.parse::<usize>().ok();
        if let Some(place) = place.and_then(|place| told.get_mut(place)) {
            *place = what;
        }
    };
    for entry in &successful {
        say(entry, Told::Done);
    }
    for entry in &failed {
        // The receipt is no good any more.
        if entry.sender_fault && !MOODS.contains(&entry.name()) {
            tracing::info!(code = entry.code, message = entry.message, "A receipt is refused");
            say(entry, Told::Gone);
        }
    }
    Ok(told)
}

/// What to do about a call that was refused.
pub(super) fn trouble(refusal: &Refusal, url: &str) -> InboxTrouble {
    let said = format!("{url}: {}", refusal.said());
    match refusal.code.as_str() {
        "QueueDoesNotExist" | "InvalidAddress" => InboxTrouble::Refused(format!(
            "{said}; is it the URL of a queue in this Region and account?"
        )),
        "AccessDenied" | "AccessDeniedException" => InboxTrouble::Refused(format!(
            "{said}; allow sqs:GetQueueAttributes, sqs:ReceiveMessage, sqs:DeleteMessage and \
             sqs:ChangeMessageVisibility on the queue to the task role"
        )),
        "KmsAccessDenied" => InboxTrouble::Refused(format!(
            "{said}; allow kms:Decrypt with the queue's key to the task role"
        )),
        "InvalidSecurity" | "UnsupportedOperation" => InboxTrouble::Refused(said),
        _ => InboxTrouble::Retryable(said),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use http::StatusCode;

    use super::*;

    #[test]
    fn of_what_failed_only_a_bad_receipt_is_given_up() {
        use Told::{Again, Done, Gone};
        let answer = br#"{"Successful": [{"Id": "0"}, {"Id": "x"}], "Failed": [
            {"Id": "1", "SenderFault": true, "Code": "ReceiptHandleIsInvalid", "Message": "m"},
            {"Id": "2", "SenderFault": false, "Code": "InternalError"},
            {"Id": "3", "SenderFault": true, "Code": "InvalidParameterValue"},
            {"Id": "4", "SenderFault": true, "Code": "AWS.SimpleQueueService.MessageNotInflight"},
            {"Id": "5", "SenderFault": true, "Code": "RequestThrottled"},
            {"Id": "99", "SenderFault": true, "Code": "ReceiptHandleIsInvalid"}]}"#;
        assert_eq!(told(7, answer).unwrap(), [Done, Gone, Again, Gone, Gone, Again, Again]);
        assert_eq!(told(1, b"{}").unwrap(), [Again]);
    }

    #[test]
    fn messages_are_read_with_what_is_known_of_them() {
        let answer = br#"{"Messages": [{"MessageId": "m", "ReceiptHandle": "r", "MD5OfBody": "d",
            "Body": "a \"b\"", "Attributes": {"ApproximateReceiveCount": "3",
            "SentTimestamp": "1790000000123", "MessageGroupId": "g"}}]}"#;
        let message = messages(answer).unwrap().remove(0);
        assert_eq!((message.id.as_str(), message.body.as_str()), ("m", "a \"b\""));
        assert_eq!((message.receives, message.group.as_deref()), (3, Some("g")));
        assert_eq!(message.sent.unwrap().as_millisecond(), 1_790_000_000_123);
        assert_eq!(message.first_received, None);
        assert_eq!(messages(b"{}").unwrap(), []);
        let attributes = br#"{"Attributes": {"VisibilityTimeout": "30", "RedrivePolicy": "{}"}}"#;
        assert_eq!(terms(attributes).unwrap(), Terms { visibility_secs: 30, redrives: true });
        assert!(terms(b"{}").is_err());
    }

    #[test]
    fn a_refusal_says_what_to_do_and_trouble_passes() {
        let check = |status, body: &str| {
            let refusal = Refusal::read(StatusCode::from_u16(status).unwrap(), body.as_bytes());
            format!("{:?}\n", trouble(&refusal, "q"))
        };
        let said = [
            check(400, r#"{"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "no"}"#),
            check(403, r#"{"__type": "com.amazon.coral.service#AccessDeniedException"}"#),
            check(400, r#"{"__type": "com.amazonaws.sqs#KmsAccessDenied", "message": "no"}"#),
            check(403, r#"{"__type": "com.amazon.coral.service#ExpiredTokenException"}"#),
            check(
                403,
                r#"{"__type": "InvalidSignatureException",
                "message": "Signature expired: 20261123T000000Z is now earlier than ..."}"#,
            ),
            check(400, r#"{"__type": "com.amazonaws.sqs#RequestThrottled", "message": "slow"}"#),
            check(503, "<html>"),
        ];
        expect![[r#"
            Refused("q: QueueDoesNotExist (400): no; is it the URL of a queue in this Region and account?")
            Refused("q: AccessDeniedException (403): ; allow sqs:GetQueueAttributes, sqs:ReceiveMessage, sqs:DeleteMessage and sqs:ChangeMessageVisibility on the queue to the task role")
            Refused("q: KmsAccessDenied (400): no; allow kms:Decrypt with the queue's key to the task role")
            Retryable("q: ExpiredTokenException (403): ")
            Retryable("q: InvalidSignatureException (403): Signature expired: 20261123T000000Z is now earlier than ...; is the clock of this machine right?")
            Retryable("q: RequestThrottled (400): slow")
            Retryable("q:  (503): ")
        "#]].assert_eq(&said.concat());
    }
}
