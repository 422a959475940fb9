//! `SendMessage` and `SendMessageBatch`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::batch::Outcome;
use super::check::{Draft, check_fifo_batch, outgoing};
use super::faults::modelled;
use super::limits::MESSAGE_BYTES_MAX;
use super::memory::Held;
use super::message::{digest_of, digest_of_body};
use super::{Sqs, batch, received::sequence_number};
use crate::Fault;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct One {
    #[serde(default)]
    queue_url: String,
    #[serde(flatten)]
    draft: Draft,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Many {
    queue_url: String,
    entries: Vec<Draft>,
}

/// Sends one message, and answers as SQS does.
fn one(held: &mut Held, now_ms: i64, draft: Draft) -> Result<Value, Fault> {
    let message = outgoing(held, draft)?;
    let mut answer = json!({"MD5OfMessageBody": digest_of_body(&message.body)});
    if let Some(md5) = digest_of(&message.attributes) {
        answer["MD5OfMessageAttributes"] = md5.into();
    }
    if let Some(md5) = digest_of(&message.system) {
        answer["MD5OfMessageSystemAttributes"] = md5.into();
    }
    let sent = held.queue.send(now_ms, message);
    answer["MessageId"] = sent.id.into();
    if held.queue.is_fifo() {
        answer["SequenceNumber"] = sequence_number(sent.sequence).into();
    }
    Ok(answer)
}

impl Sqs {
    pub(super) fn send_message(&self, input: Value) -> Result<Value, Fault> {
        let One { queue_url, draft } = super::api::read(input)?;
        let name = self.name_in(&queue_url)?;
        self.act(|memory, now_ms| one(memory.queue(name, now_ms)?, now_ms, draft))
    }

    pub(super) fn send_message_batch(&self, input: Value) -> Result<Value, Fault> {
        let Many { queue_url, entries } = super::api::read(input)?;
        let name = self.name_in(&queue_url)?;
        self.act(|memory, now_ms| {
            let held = memory.queue(name, now_ms)?;
            batch::check(
                "SendMessageBatchRequestEntry",
                entries.iter().map(|it| it.id.as_deref()),
            )?;
            check_total(entries.iter().map(Draft::size).sum())?;
            check_fifo_batch(held, &entries)?;
            let mut outcome = Outcome::default();
            for draft in entries {
                let id = draft.id.clone().unwrap_or_default();
                outcome.add(&id, one(held, now_ms, draft));
            }
            Ok(outcome.into_answer())
        })
    }
}

fn check_total(bytes: usize) -> Result<(), Fault> {
    if bytes <= MESSAGE_BYTES_MAX {
        return Ok(());
    }
    let message = format!(
        "Batch requests cannot be longer than {MESSAGE_BYTES_MAX} bytes. You have sent {bytes} bytes."
    );
    Err(modelled("BatchRequestTooLong", message))
}
