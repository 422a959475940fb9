//! What the workers of a queue note of a message: one row, which only suspects and failures have.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use jiff::Timestamp;
use longshore::poll::{Marks, Message, Note};
use longshore_engine::ports::LedgerError;

use super::{
    LedgerTable, keys,
    rows::{Row, number, text},
};
use crate::failure::said;

/// How long a row is kept after its last note, in seconds: a day longer than a queue can keep a
/// message.
pub(super) const KEPT_SECS: i64 = 1_296_000;
/// Attributes: receives that began, those that failed, and the last one that ended.
const BEGUN: &str = "begun";
const FAILED: &str = "failed";
const ENDED: &str = "ended";

impl LedgerTable {
    /// Takes the note, in one write that may be repeated, and gives what is noted.
    pub(super) async fn noted(
        &self,
        queue: &str,
        message: &Message,
        note: Note,
        now: Timestamp,
    ) -> Result<Marks, LedgerError> {
        let Some(update) = update(note) else { return self.marks(queue, message).await };
        let mut call = self
            .dynamodb
            .update_item()
            .table_name(&self.table)
            .key("pk", text(keys::message(queue, &message.id)))
            .key("sk", text(keys::MARKS))
            .update_expression(update)
            .expression_attribute_names("#begun", BEGUN)
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":ttl", number(now.as_second() + KEPT_SECS))
            .return_values(ReturnValue::AllNew);
        if note != Note::Begun {
            call = call
                .expression_attribute_names("#ended", ENDED)
                .expression_attribute_values(":receive", number(message.receives));
        }
        if note == Note::Failed {
            call = call.expression_attribute_names("#failed", FAILED);
        }
        if note != Note::Ended {
            let receive = AttributeValue::Ns(vec![message.receives.to_string()]);
            call = call.expression_attribute_values(":receives", receive);
        }
        let answer = call.send().await.map_err(|error| self.trouble(&said(&error)))?;
        Ok(read(&answer.attributes.unwrap_or_default()))
    }

    async fn marks(&self, queue: &str, message: &Message) -> Result<Marks, LedgerError> {
        let call = self.dynamodb.get_item().table_name(&self.table).consistent_read(true);
        let call = call.key("pk", text(keys::message(queue, &message.id)));
        let answer = call.key("sk", text(keys::MARKS)).send().await;
        let answer = answer.map_err(|error| self.trouble(&said(&error)))?;
        Ok(read(&answer.item.unwrap_or_default()))
    }
}

fn update(note: Note) -> Option<&'static str> {
    match note {
        Note::Look => None,
        Note::Begun => Some("SET #ttl = :ttl ADD #begun :receives"),
        Note::Ended => Some("SET #ttl = :ttl, #ended = :receive REMOVE #begun"),
        Note::Failed => {
            Some("SET #ttl = :ttl, #ended = :receive REMOVE #begun ADD #failed :receives")
        }
    }
}

/// What the row says; of what it does not say there is nothing.
fn read(row: &Row) -> Marks {
    let numbers = |name| row.get(name).and_then(|value| value.as_ns().ok());
    let set = |name| numbers(name).into_iter().flatten().filter_map(|it| it.parse().ok()).collect();
    let ended = row.get(ENDED).and_then(|value| value.as_n().ok());
    let ended = ended.and_then(|ended| ended.parse().ok()).unwrap_or(0);
    Marks { begun: set(BEGUN), failed: set(FAILED), ended }
}
