//! How the ticks of a schedule were worked off: one row per tick and shard.

use aws_sdk_dynamodb::{error::SdkError, operation::put_item::PutItemError};
use jiff::Timestamp;
use longshore::batch::TickSummary;
use longshore_engine::ports::{LedgerError, Ticks};

use super::{
    LedgerTable, keys,
    rows::{number, text, versioned},
    write::KEPT_SECS,
};
use crate::failure::said;

/// Rows of one call; each has about a kilobyte, and a call answers 1 MB (Query, DynamoDB API
/// reference).
const PAGE_ROWS: usize = 500;

impl Ticks for LedgerTable {
    async fn keep(&self, summary: &TickSummary) -> Result<bool, LedgerError> {
        let mut row = versioned(summary).map_err(|error| self.trouble(&error.to_string()))?;
        row.insert("pk".into(), text(keys::ticks(&summary.trigger)));
        row.insert("sk".into(), text(keys::tick(summary.scheduled_at, summary.shard)));
        row.insert("ttl".into(), number(summary.ended.as_second() + KEPT_SECS));
        // An attempt that was given up says nothing any more; a tick begun anew is another run.
        let call = self
            .dynamodb
            .put_item()
            .table_name(&self.table)
            .set_item(Some(row))
            .condition_expression(
                "attribute_not_exists(pk) OR #run <> :run OR #attempt <= :attempt",
            )
            .expression_attribute_names("#run", "run")
            .expression_attribute_names("#attempt", "attempt")
            .expression_attribute_values(":run", text(summary.run.as_str()))
            .expression_attribute_values(":attempt", number(summary.attempt));
        match call.send().await {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(refused))
                if matches!(refused.err(), PutItemError::ConditionalCheckFailedException(_)) =>
            {
                Ok(false)
            }
            Err(error) => Err(self.trouble(&said(&error))),
        }
    }

    async fn earlier(
        &self,
        trigger: &str,
        before: Timestamp,
        count_max: usize,
    ) -> Result<Vec<TickSummary>, LedgerError> {
        let (mut found, mut after) = (Vec::new(), None);
        while found.len() < count_max {
            let limit = (count_max - found.len()).min(PAGE_ROWS);
            let call = self.dynamodb.query().table_name(&self.table).consistent_read(true);
            let call = call.key_condition_expression("pk = :pk AND sk < :before");
            let call = call.expression_attribute_values(":pk", text(keys::ticks(trigger)));
            let call = call.expression_attribute_values(":before", text(keys::tick_at(before)));
            let call = call.scan_index_forward(false).set_exclusive_start_key(after);
            let call = call.limit(i32::try_from(limit).unwrap_or(i32::MAX));
            let answer = call.send().await.map_err(|error| self.trouble(&said(&error)))?;
            for row in answer.items() {
                found.push(self.parse(row)?);
            }
            after = answer.last_evaluated_key;
            if after.is_none() {
                break;
            }
        }
        Ok(found)
    }
}
