//! A message of SQS as a record of the event that Lambda hands to a function.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// One received message, in the words of `ReceiveMessage`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "these are SQS's names")]
pub(crate) struct Message {
    /// Id, the same at every receipt.
    pub message_id: String,
    /// What deletes it, another one at every receipt.
    pub receipt_handle: String,
    /// The text.
    pub body: String,
    /// MD5 of the body in hexadecimal.
    #[serde(rename = "MD5OfBody")]
    pub md5_of_body: String,
    /// MD5 of the message attributes, when there are some.
    #[serde(rename = "MD5OfMessageAttributes", default)]
    pub md5_of_message_attributes: Option<String>,
    /// All system attributes, such as `ApproximateReceiveCount`.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// The sender's attributes.
    #[serde(default)]
    pub message_attributes: BTreeMap<String, MessageAttribute>,
}

/// One attribute that the sender gave.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MessageAttribute {
    /// `String`, `Number`, `Binary`, and what follows a dot.
    pub data_type: String,
    /// The value of a string or number.
    #[serde(default)]
    pub string_value: Option<String>,
    /// The value of a binary, in base64.
    #[serde(default)]
    pub binary_value: Option<String>,
}

/// A message as it stands in an event, already written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) message_id: String,
    pub(super) receipt_handle: String,
    json: Vec<u8>,
}

/// Field names and order: Lambda Developer Guide, "Using Lambda with Amazon SQS".
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'a> {
    message_id: &'a str,
    receipt_handle: &'a str,
    body: &'a str,
    attributes: &'a BTreeMap<String, String>,
    message_attributes: BTreeMap<&'a str, WrittenAttribute<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    md5_of_message_attributes: Option<&'a str>,
    md5_of_body: &'a str,
    event_source: &'static str,
    #[serde(rename = "eventSourceARN")]
    event_source_arn: &'a str,
    aws_region: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WrittenAttribute<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    string_value: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    binary_value: Option<&'a str>,
    string_list_values: [(); 0],
    binary_list_values: [(); 0],
    data_type: &'a str,
}

impl Record {
    /// Writes `message`, which came from `queue_arn`.
    pub(super) fn new(message: Message, queue_arn: &str) -> Self {
        let attributes = message.message_attributes.iter().map(|(name, attribute)| {
            let written = WrittenAttribute {
                string_value: attribute.string_value.as_deref(),
                binary_value: attribute.binary_value.as_deref(),
                string_list_values: [],
                binary_list_values: [],
                data_type: &attribute.data_type,
            };
            (name.as_str(), written)
        });
        let written = Written {
            message_id: &message.message_id,
            receipt_handle: &message.receipt_handle,
            body: &message.body,
            attributes: &message.attributes,
            message_attributes: attributes.collect(),
            md5_of_message_attributes: message.md5_of_message_attributes.as_deref(),
            md5_of_body: &message.md5_of_body,
            event_source: "aws:sqs",
            event_source_arn: queue_arn,
            aws_region: queue_arn.split(':').nth(3).unwrap_or_default(),
        };
        // Strings and lists of strings can always be written.
        let json = serde_json::to_vec(&written).unwrap_or_default();
        Self { message_id: message.message_id, receipt_handle: message.receipt_handle, json }
    }

    /// Bytes in the event, with the comma.
    pub(super) fn len(&self) -> usize {
        self.json.len() + 1
    }
}

/// The event with these records.
pub(super) fn event(records: &[Record]) -> Bytes {
    let records: Vec<&[u8]> = records.iter().map(|record| record.json.as_slice()).collect();
    [b"{\"Records\":[".as_slice(), &records.join(&b","[..]), b"]}"].concat().into()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::{Value, json};

    use super::*;

    fn record(message: Value) -> Record {
        let message = serde_json::from_value(message).unwrap();
        Record::new(message, "arn:aws:sqs:eu-west-1:000000000000:inbox")
    }

    #[test]
    fn an_event_has_every_documented_field() {
        let full = record(json!({
            "MessageId": "m1", "ReceiptHandle": "r1", "Body": "{\"n\":12345678901234567890}",
            "MD5OfBody": "d41d", "MD5OfMessageAttributes": "c48",
            "Attributes": {"ApproximateReceiveCount": "1", "MessageGroupId": "uploads"},
            "MessageAttributes": {
                "text": {"DataType": "String", "StringValue": "v"},
                "raw": {"DataType": "Binary", "BinaryValue": "AAE="},
            },
        }));
        let bare =
            record(json!({"MessageId": "m2", "ReceiptHandle": "r2", "Body": "ż", "MD5OfBody": ""}));
        let event: Value = serde_json::from_slice(&event(&[full, bare])).unwrap();
        expect![[r#"
            {
              "Records": [
                {
                  "attributes": {
                    "ApproximateReceiveCount": "1",
                    "MessageGroupId": "uploads"
                  },
                  "awsRegion": "eu-west-1",
                  "body": "{\"n\":12345678901234567890}",
                  "eventSource": "aws:sqs",
                  "eventSourceARN": "arn:aws:sqs:eu-west-1:000000000000:inbox",
                  "md5OfBody": "d41d",
                  "md5OfMessageAttributes": "c48",
                  "messageAttributes": {
                    "raw": {
                      "binaryListValues": [],
                      "binaryValue": "AAE=",
                      "dataType": "Binary",
                      "stringListValues": []
                    },
                    "text": {
                      "binaryListValues": [],
                      "dataType": "String",
                      "stringListValues": [],
                      "stringValue": "v"
                    }
                  },
                  "messageId": "m1",
                  "receiptHandle": "r1"
                },
                {
                  "attributes": {},
                  "awsRegion": "eu-west-1",
                  "body": "ż",
                  "eventSource": "aws:sqs",
                  "eventSourceARN": "arn:aws:sqs:eu-west-1:000000000000:inbox",
                  "md5OfBody": "",
                  "messageAttributes": {},
                  "messageId": "m2",
                  "receiptHandle": "r2"
                }
              ]
            }"#]]
        .assert_eq(&serde_json::to_string_pretty(&event).unwrap());
    }

    #[test]
    fn the_lengths_of_records_add_up_to_the_event() {
        let one = record(
            json!({"MessageId": "m", "ReceiptHandle": "", "Body": "\u{1}", "MD5OfBody": ""}),
        );
        let lengths = one.len() * 2;
        assert_eq!(event(&[one.clone(), one]).len(), lengths + "{\"Records\":[".len() + 1);
    }
}
