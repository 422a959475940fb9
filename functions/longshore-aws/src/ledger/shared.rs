//! What runs share, row by row: objects and slots.

use aws_sdk_dynamodb::types::{Delete, KeysAndAttributes, Put, Update};
use longshore::run::{ObjectClaim, ObjectHold, RunId, Slot, Written};
use longshore_engine::ports::LedgerError;

use super::{
    LedgerTable, ObjectRow, keys,
    rows::{Row, number, text},
    write::ALL_OLD,
};
use crate::failure::said;

/// Most keys of one BatchGetItem (DynamoDB API reference).
const KEYS_MAX: u32 = 100;

impl LedgerTable {
    /// The newest version is this one; whoever holds the object keeps it. A row outlives its run,
    /// which may be begun anew by an event that is replayed.
    pub(super) fn claim_object(
        &self,
        claim: &ObjectClaim,
        kept_until: i64,
    ) -> Result<Update, LedgerError> {
        let update = self.object(&claim.trigger, &claim.order.object);
        let update = update
            .update_expression("SET #seq = :seq, #run = :run, #ttl = :ttl")
            .condition_expression("attribute_not_exists(#seq) OR #seq < :seq OR #run = :run")
            .expression_attribute_names("#seq", "seq")
            .expression_attribute_names("#run", "run")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":seq", text(&claim.order.sequence))
            .expression_attribute_values(":run", text(claim.run.as_str()))
            .expression_attribute_values(":ttl", number(kept_until));
        update.build().map_err(|error| self.trouble(&error.to_string()))
    }

    /// Only the newest version is launched, and only when no other is under way. The run frees the
    /// object by its end, so nobody takes it over as from the attempt that had claimed it before. A row
    /// whose time was over is begun anew.
    pub(super) fn hold_object(
        &self,
        hold: &ObjectHold,
        kept_until: i64,
    ) -> Result<Update, LedgerError> {
        let update = self.object(&hold.trigger, &hold.object);
        let update = update
            .update_expression("SET #run = :run, #holder = :run, #ttl = :ttl REMOVE #att")
            .condition_expression(
                "attribute_not_exists(pk) OR \
                 (#run = :run AND (attribute_not_exists(#holder) OR #holder = :run))",
            )
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":ttl", number(kept_until))
            .expression_attribute_names("#run", "run")
            .expression_attribute_names("#holder", "holder")
            .expression_attribute_names("#att", "att")
            .expression_attribute_values(":run", text(hold.run.as_str()));
        update.build().map_err(|error| self.trouble(&error.to_string()))
    }

    pub(super) fn free_object(&self, hold: &ObjectHold) -> Result<Update, LedgerError> {
        let update = self.object(&hold.trigger, &hold.object);
        let update = update.update_expression("REMOVE #holder");
        let update = update.expression_attribute_names("#holder", "holder");
        update.build().map_err(|error| self.trouble(&error.to_string()))
    }

    fn object(
        &self,
        trigger: &str,
        object: &str,
    ) -> aws_sdk_dynamodb::types::builders::UpdateBuilder {
        Update::builder()
            .table_name(&self.table)
            .key("pk", text(keys::object(trigger, object)))
            .key("sk", text(keys::SEQ))
            .return_values_on_condition_check_failure(ALL_OLD)
    }

    /// Whose the object is that `run` did not get, by the row as it stands.
    pub(super) fn judge_object(
        &self,
        run: &RunId,
        row: Option<&Row>,
    ) -> Result<Written, LedgerError> {
        let row = row.map(|row| self.parse::<ObjectRow>(row)).transpose()?;
        match row {
            Some(ObjectRow { run: Some(newest), .. }) if newest != *run => {
                Ok(Written::Newer(newest))
            }
            Some(ObjectRow { holder: Some(holder), .. }) => Ok(Written::Held(holder)),
            _ => Err(self.trouble(&format!("the object of run {run} is not in the ledger"))),
        }
    }

    pub(super) fn take_slot(&self, slot: &Slot) -> Result<Put, LedgerError> {
        let row = Row::from([
            ("pk".to_owned(), text(keys::slot(&slot.trigger, slot.number))),
            ("sk".to_owned(), text(keys::SLOT)),
            ("run".to_owned(), text(slot.run.as_str())),
        ]);
        Put::builder()
            .table_name(&self.table)
            .set_item(Some(row))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .map_err(|error| self.trouble(&error.to_string()))
    }

    pub(super) fn free(&self, slot: &Slot) -> Result<Delete, LedgerError> {
        Delete::builder()
            .table_name(&self.table)
            .key("pk", text(keys::slot(&slot.trigger, slot.number)))
            .key("sk", text(keys::SLOT))
            .build()
            .map_err(|error| self.trouble(&error.to_string()))
    }

    /// The lowest slot below `limit` that nobody holds.
    pub(super) async fn find_slot(
        &self,
        trigger: &str,
        limit: u32,
    ) -> Result<Option<u32>, LedgerError> {
        let mut first = 0;
        while first < limit {
            let numbers = first..limit.min(first + KEYS_MAX);
            let taken = self.slots(trigger, numbers.clone()).await?;
            let is_free = |number: &u32| !taken.contains(&keys::slot(trigger, *number));
            if let Some(number) = numbers.into_iter().find(is_free) {
                return Ok(Some(number));
            }
            first += KEYS_MAX;
        }
        Ok(None)
    }

    /// Keys of those slots that are taken.
    async fn slots(
        &self,
        trigger: &str,
        numbers: std::ops::Range<u32>,
    ) -> Result<Vec<String>, LedgerError> {
        let key = |number| {
            Row::from([
                ("pk".to_owned(), text(keys::slot(trigger, number))),
                ("sk".to_owned(), text(keys::SLOT)),
            ])
        };
        let wanted = KeysAndAttributes::builder().consistent_read(true);
        let wanted = wanted.set_keys(Some(numbers.map(key).collect())).build();
        let wanted = wanted.map_err(|error| self.trouble(&error.to_string()))?;
        let call = self.dynamodb.batch_get_item().request_items(&self.table, wanted);
        let answer = call.send().await.map_err(|error| self.trouble(&said(&error)))?;
        if answer.unprocessed_keys().is_some_and(|keys| !keys.is_empty()) {
            return Err(self.trouble("BatchGetItem left slots unread"));
        }
        let rows = answer.responses().and_then(|tables| tables.get(&self.table));
        let pk = |row: &Row| row.get("pk").and_then(|pk| pk.as_s().ok()).cloned();
        Ok(rows.into_iter().flatten().filter_map(pk).collect())
    }
}
