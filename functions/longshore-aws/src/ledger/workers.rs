//! The workers of a queue: one row for each, which it writes itself, and reads its order from.

use aws_sdk_dynamodb::{
    error::SdkError, operation::update_item::UpdateItemError, types::ReturnValue,
};
use jiff::Timestamp;
use longshore::fleet::{Beat, Order, Worker};
use longshore::poll::{Marks, Message, Note};
use longshore_engine::ports::{LedgerError, Workers};
use serde::Deserialize;

use super::{
    LedgerTable, keys,
    rows::{number, text, versioned},
};
use crate::failure::said;

/// How long a row is kept after its worker has said something for the last time, in seconds.
const KEPT_SECS: i64 = 3_600;
/// The attribute by which a worker is told to leave.
const DRAIN: &str = "drain";

/// A worker's row.
#[derive(Deserialize)]
struct Row {
    #[serde(flatten)]
    beat: Beat,
    #[serde(default)]
    drain: Option<Timestamp>,
}

impl Workers for LedgerTable {
    async fn beat(&self, queue: &str, beat: &Beat) -> Result<Order, LedgerError> {
        let mut row = versioned(beat).map_err(|error| self.trouble(&error.to_string()))?;
        row.insert("ttl".into(), number(beat.at.as_second() + KEPT_SECS));
        // A write of some attributes, since `drain` is another's.
        let mut call = self
            .dynamodb
            .update_item()
            .table_name(&self.table)
            .key("pk", text(keys::workers(queue)))
            .key("sk", text(keys::worker(&beat.task)))
            .return_values(ReturnValue::AllNew);
        let mut sets = Vec::new();
        for (nth, (name, value)) in row.into_iter().enumerate() {
            sets.push(format!("#n{nth} = :v{nth}"));
            call = call
                .expression_attribute_names(format!("#n{nth}"), name)
                .expression_attribute_values(format!(":v{nth}"), value);
        }
        let call = call.update_expression(format!("SET {}", sets.join(", ")));
        let answer = call.send().await.map_err(|error| self.trouble(&said(&error)))?;
        let row = answer.attributes.unwrap_or_default();
        Ok(if row.contains_key(DRAIN) { Order::Drain } else { Order::Stay })
    }

    async fn workers(&self, queue: &str) -> Result<Vec<Worker>, LedgerError> {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            // A reading that is behind another one would tell of less work done, and of workers that
            // stay after all.
            let call = self.dynamodb.query().table_name(&self.table).consistent_read(true);
            let call = call.key_condition_expression("pk = :pk");
            let call = call.expression_attribute_values(":pk", text(keys::workers(queue)));
            let call = call.set_exclusive_start_key(after);
            let answer = call.send().await.map_err(|error| self.trouble(&said(&error)))?;
            for row in answer.items() {
                let Row { beat, drain } = self.parse(row)?;
                found.push(Worker { beat, drain });
            }
            after = answer.last_evaluated_key;
            if after.is_none() {
                return Ok(found);
            }
        }
    }

    async fn note(
        &self,
        queue: &str,
        message: &Message,
        note: Note,
        now: Timestamp,
    ) -> Result<Marks, LedgerError> {
        self.noted(queue, message, note, now).await
    }

    async fn drain(&self, queue: &str, task: &str, now: Timestamp) -> Result<(), LedgerError> {
        let call = self
            .dynamodb
            .update_item()
            .table_name(&self.table)
            .key("pk", text(keys::workers(queue)))
            .key("sk", text(keys::worker(task)))
            .update_expression("SET #drain = if_not_exists(#drain, :now)")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#drain", DRAIN)
            .expression_attribute_values(":now", text(now.to_string()));
        match call.send().await {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(refused))
                if matches!(refused.err(), UpdateItemError::ConditionalCheckFailedException(_)) =>
            {
                Ok(())
            }
            Err(error) => Err(self.trouble(&said(&error))),
        }
    }
}
