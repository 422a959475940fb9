//! A change becomes one conditional put, or one transaction when more goes with the run.

use std::time::Duration;

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::{put_item::PutItemError, transact_write_items::TransactWriteItemsError},
    types::{
        CancellationReason, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
    },
};
use longshore::run::{Also, Change, Counted, Run, Written};
use longshore_engine::ports::{LedgerError, Pause, Rng};

use super::{
    LedgerTable, keys,
    rows::{Row, number, text, versioned},
};
use crate::{Machine, failure::said};

/// How long an ended run is kept: identities live 30 days, and a later replay is a new run.
pub(super) const KEPT_SECS: i64 = 30 * 86_400;
/// Tries of a transaction that meets another on the same rows.
const TRIES_MAX: u32 = 6;
/// Longest first wait for the other transaction, in milliseconds.
const CONFLICT_MS: u64 = 25;
pub(super) const ALL_OLD: ReturnValuesOnConditionCheckFailure =
    ReturnValuesOnConditionCheckFailure::AllOld;
pub(super) const REFUSED: &str = "ConditionalCheckFailed";

impl LedgerTable {
    pub(super) async fn write_change(&self, change: &Change) -> Result<Written, LedgerError> {
        if change.also.is_empty() {
            self.put_run(change).await
        } else {
            self.transact(change).await
        }
    }

    async fn put_run(&self, change: &Change) -> Result<Written, LedgerError> {
        let call = self.dynamodb.put_item().table_name(&self.table);
        let call = call.set_item(Some(self.run_row(&change.run)?));
        let call = call.return_values_on_condition_check_failure(ALL_OLD);
        let call = match change.expects_ver {
            None => call.condition_expression("attribute_not_exists(pk)"),
            Some(ver) => call
                .condition_expression("#ver = :ver")
                .expression_attribute_names("#ver", "ver")
                .expression_attribute_values(":ver", number(ver)),
        };
        match call.send().await {
            Ok(_) => Ok(Written::Done),
            Err(SdkError::ServiceError(refused)) => match refused.into_err() {
                PutItemError::ConditionalCheckFailedException(refused) => {
                    self.judge(change, refused.item())
                }
                other => Err(self.trouble(&other.to_string())),
            },
            Err(error) => Err(self.trouble(&said(&error))),
        }
    }

    async fn transact(&self, change: &Change) -> Result<Written, LedgerError> {
        let mut items = vec![TransactWriteItem::builder().put(self.run_put(change)?).build()];
        for also in &change.also {
            items.push(self.also(change, also)?);
        }
        let mut tries = 0;
        loop {
            let call = self.dynamodb.transact_write_items();
            match call.set_transact_items(Some(items.clone())).send().await {
                Ok(_) => return Ok(Written::Done),
                Err(SdkError::ServiceError(refused)) => match refused.into_err() {
                    TransactWriteItemsError::TransactionCanceledException(canceled) => {
                        let reasons = canceled.cancellation_reasons();
                        tries += 1;
                        if tries < TRIES_MAX && is_conflict(reasons) {
                            Machine.sleep(conflict_wait(tries)).await;
                            continue;
                        }
                        return self.canceled(change, reasons);
                    }
                    other => return Err(self.trouble(&other.to_string())),
                },
                Err(error) => return Err(self.trouble(&said(&error))),
            }
        }
    }

    /// The run's refusal counts before that of what goes with it: it says what became of our own
    /// write.
    fn canceled(
        &self,
        change: &Change,
        reasons: &[CancellationReason],
    ) -> Result<Written, LedgerError> {
        let is_refused = |reason: &CancellationReason| reason.code() == Some(REFUSED);
        if let Some(reason) = reasons.first().filter(|reason| is_refused(reason)) {
            return self.judge(change, reason.item());
        }
        let also = change.also.iter().zip(reasons.iter().skip(1));
        for (also, reason) in also.filter(|(_, reason)| is_refused(reason)) {
            match also {
                Also::TakeSlot(_) => return Ok(Written::SlotTaken),
                Also::Object(_) | Also::HoldObject(_) => {
                    return self.judge_object(&change.run.id, reason.item());
                }
                _ => {}
            }
        }
        let codes: Vec<_> = reasons.iter().filter_map(CancellationReason::code).collect();
        Err(self.trouble(&format!("the transaction was canceled: {}", codes.join(", "))))
    }

    fn judge(&self, change: &Change, row: Option<&Row>) -> Result<Written, LedgerError> {
        match row {
            Some(row) => Ok(change.judge(self.parse(row)?)),
            None => {
                Err(self.trouble(&format!("run {} is gone while it was written", change.run.id)))
            }
        }
    }

    fn run_put(&self, change: &Change) -> Result<Put, LedgerError> {
        let put = Put::builder().table_name(&self.table);
        let put = put.set_item(Some(self.run_row(&change.run)?));
        let put = put.return_values_on_condition_check_failure(ALL_OLD);
        let put = match change.expects_ver {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(ver) => put
                .condition_expression("#ver = :ver")
                .expression_attribute_names("#ver", "ver")
                .expression_attribute_values(":ver", number(ver)),
        };
        put.build().map_err(|error| self.trouble(&error.to_string()))
    }

    fn run_row(&self, run: &Run) -> Result<Row, LedgerError> {
        let mut row = self.row(run, keys::run(&run.id), keys::RUN.into())?;
        row.insert("g2pk".into(), text(keys::runs_of(&run.trigger, run.is_queued())));
        row.insert("g2sk".into(), text(keys::place(run)));
        if let Some(due) = run.due {
            row.insert("g1pk".into(), text(keys::due(keys::shard(&run.id))));
            row.insert("g1sk".into(), text(keys::due_at(due, &run.id)));
        } else if let Some(ended) = run.history.last().filter(|_| run.state.is_terminal()) {
            row.insert("ttl".into(), number(ended.at.as_second() + KEPT_SECS));
        }
        Ok(row)
    }

    fn row(
        &self,
        value: &impl serde::Serialize,
        pk: String,
        sk: String,
    ) -> Result<Row, LedgerError> {
        let mut row = versioned(value).map_err(|error| self.trouble(&error.to_string()))?;
        row.insert("pk".into(), text(pk));
        row.insert("sk".into(), text(sk));
        Ok(row)
    }

    fn also(&self, change: &Change, also: &Also) -> Result<TransactWriteItem, LedgerError> {
        let item = TransactWriteItem::builder();
        let pk = keys::run(&change.run.id);
        let put = |row: Row| {
            let put = Put::builder().table_name(&self.table).set_item(Some(row)).build();
            put.map_err(|error| self.trouble(&error.to_string()))
        };
        let outlives = |mut row: Row| {
            row.insert("ttl".into(), number(later_than(&change.run)));
            row
        };
        Ok(match also {
            Also::Launch(launch) => {
                item.put(put(outlives(self.row(launch, pk, keys::launch(&launch.id))?))?)
            }
            Also::Outbox(message) => {
                item.put(put(outlives(self.row(message, pk, keys::outbox(message))?))?)
            }
            Also::Page(page) => {
                item.put(put(outlives(self.row(page, pk, keys::page(page.number))?))?)
            }
            Also::Part(part) => item.put(put(self.run_row(part)?)?),
            Also::Object(claim) => item.update(self.claim_object(claim, later_than(&change.run))?),
            Also::HoldObject(hold) => item.update(self.hold_object(hold, later_than(&change.run))?),
            Also::FreeObject(hold) => item.update(self.free_object(hold)?),
            Also::TakeSlot(slot) => item.put(self.take_slot(slot)?),
            Also::FreeSlot(slot) => item.delete(self.free(slot)?),
            Also::Count { trigger, what, at } => item.update(self.count(
                trigger,
                *what,
                keys::count(trigger, &change.run.id, *at),
            )?),
        }
        .build())
    }

    fn count(
        &self,
        trigger: &str,
        what: Counted,
        (pk, sk): (String, String),
    ) -> Result<Update, LedgerError> {
        Update::builder()
            .table_name(&self.table)
            .key("pk", text(pk))
            .key("sk", text(sk))
            .update_expression("SET #trigger = :trigger ADD #class :one")
            .expression_attribute_names("#trigger", "trigger")
            .expression_attribute_names("#class", keys::counted(what))
            .expression_attribute_values(":trigger", text(trigger))
            .expression_attribute_values(":one", number(1))
            .build()
            .map_err(|error| self.trouble(&error.to_string()))
    }
}

/// Another transaction was at the same rows, and nothing is known against this one.
fn is_conflict(reasons: &[CancellationReason]) -> bool {
    let has = |code: &str| reasons.iter().any(|reason| reason.code() == Some(code));
    has("TransactionConflict") && !has(REFUSED)
}

fn conflict_wait(tries: u32) -> Duration {
    let bound = CONFLICT_MS.saturating_mul(2_u64.saturating_pow(tries));
    Duration::from_millis(Machine.draw() % bound)
}

/// Until when, in seconds since 1970, a row is kept that belongs to `run`: longer than the run, of
/// which it is not known when it ends.
fn later_than(run: &Run) -> i64 {
    let since = run.since.unwrap_or(run.admitted_at);
    since.as_second() + 2 * KEPT_SECS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_conflict_without_a_refusal_is_tried_again() {
        let reason = |code: &str| CancellationReason::builder().code(code).build();
        assert!(is_conflict(&[reason("None"), reason("TransactionConflict")]));
        assert!(!is_conflict(&[reason(REFUSED), reason("TransactionConflict")]));
        assert!(!is_conflict(&[reason("None"), reason("ThrottlingError")]));
        let longest = Duration::from_millis(CONFLICT_MS * 32);
        assert!((1..TRIES_MAX).all(|tries| conflict_wait(tries) < longest));
    }
}
