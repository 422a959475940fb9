//! The operations of SQS's JSON protocol, by name.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Sqs;
use super::faults::malformed;
use crate::Fault;

impl Sqs {
    /// Serves one operation, such as `SendMessage`. A fault's answer also needs the header that
    /// [`super::query_error`] gives.
    pub(crate) async fn call(&self, operation: &str, input: Value) -> Result<Value, Fault> {
        match operation {
            "CreateQueue" => self.create_queue(input),
            "DeleteQueue" => self.delete_queue(input),
            "ListQueues" => self.list_queues(input),
            "ListDeadLetterSourceQueues" => self.list_dead_letter_source_queues(input),
            "GetQueueUrl" => self.get_queue_url(input),
            "GetQueueAttributes" => self.get_queue_attributes(input),
            "SetQueueAttributes" => self.set_queue_attributes(input),
            "PurgeQueue" => self.purge_queue(input),
            "TagQueue" => self.tag_queue(input),
            "UntagQueue" => self.untag_queue(input),
            "ListQueueTags" => self.list_queue_tags(input),
            "SendMessage" => self.send_message(input),
            "SendMessageBatch" => self.send_message_batch(input),
            "ReceiveMessage" => self.receive_message(input).await,
            "DeleteMessage" => self.delete_message(input),
            "DeleteMessageBatch" => self.delete_message_batch(input),
            "ChangeMessageVisibility" => self.change_message_visibility(input),
            "ChangeMessageVisibilityBatch" => self.change_message_visibility_batch(input),
            _ => Err(Fault::unknown_operation("SQS", operation)),
        }
    }
}

/// Reads an operation's input: an object, in which `null` means absent.
pub(super) fn read<T: DeserializeOwned>(input: Value) -> Result<T, Fault> {
    let Value::Object(mut members) = input else {
        return Err(malformed("the request must be a JSON object"));
    };
    members.retain(|_, value| !value.is_null());
    serde_json::from_value(Value::Object(members)).map_err(malformed)
}
