//! A received message, with everything that SQS says of it.

use std::collections::BTreeMap;

use super::message::{Attributes, Message, digest_of, digest_of_body};
use super::queue::Receipt;
use super::settings::is_fifo;
use super::{Sqs, receipt};

/// The system attributes of a received message, all of which a caller may name.
pub(super) const SYSTEM: [&str; 9] = [
    "SenderId",
    "SentTimestamp",
    "ApproximateReceiveCount",
    "ApproximateFirstReceiveTimestamp",
    "SequenceNumber",
    "MessageDeduplicationId",
    "MessageGroupId",
    "AWSTraceHeader",
    "DeadLetterQueueSourceArn",
];
/// Makes sequences the 20 digits of AWS's sequence numbers, which sort as text.
const SEQUENCE_BASE: u64 = 10_000_000_000_000_000_000;

/// A received message with all that an SQS event for a function needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Received {
    pub(crate) message_id: String,
    pub(crate) receipt_handle: String,
    pub(crate) body: String,
    /// System attributes by name, all of them.
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) message_attributes: Attributes,
    pub(crate) md5_of_body: String,
    /// Absent without message attributes.
    pub(crate) md5_of_message_attributes: Option<String>,
}

/// SQS's text of a message's place in a FIFO queue.
pub(super) fn sequence_number(sequence: u64) -> String {
    SEQUENCE_BASE.saturating_add(sequence).to_string()
}

impl Sqs {
    pub(super) fn received(&self, queue: &str, message: &Message) -> Received {
        let receipt = Receipt { id: message.id.clone(), receives: message.receives };
        Received {
            message_id: message.id.clone(),
            receipt_handle: receipt::handle(queue, &receipt),
            body: message.body.clone(),
            attributes: self.system_attributes(queue, message),
            message_attributes: message.attributes.clone(),
            md5_of_body: digest_of_body(&message.body),
            md5_of_message_attributes: digest_of(&message.attributes),
        }
    }

    fn system_attributes(&self, queue: &str, message: &Message) -> BTreeMap<String, String> {
        let sequence = is_fifo(queue).then(|| sequence_number(message.sequence));
        let trace = message.system.get("AWSTraceHeader").and_then(|it| it.string_value.clone());
        let values = [
            Some(self.ground.account.id.clone()),
            Some(message.sent_ms.to_string()),
            Some(message.receives.to_string()),
            message.first_received_ms.map(|it| it.to_string()),
            sequence,
            message.deduplication_id.clone(),
            message.group.clone(),
            trace,
            message.source_arn.clone(),
        ];
        let named = SYSTEM.into_iter().zip(values);
        named.filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}
