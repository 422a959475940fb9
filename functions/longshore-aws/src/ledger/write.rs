//! A change becomes one conditional put, or one transaction when more goes with the run.

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::{put_item::PutItemError, transact_write_items::TransactWriteItemsError},
    types::{
        CancellationReason, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
    },
};
use longshore::run::{Also, Change, Class, ObjectClaim, Run, Written};
use longshore_engine::ports::LedgerError;

use super::{
    LedgerTable, Newest, keys,
    rows::{Row, number, row, text},
};
use crate::failure::said;

/// How long an ended run is kept: identities live 30 days, and a later replay is a new run.
const KEPT_SECS: i64 = 30 * 86_400;
const ALL_OLD: ReturnValuesOnConditionCheckFailure = ReturnValuesOnConditionCheckFailure::AllOld;
const REFUSED: &str = "ConditionalCheckFailed";

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
        let call = self.dynamodb.transact_write_items().set_transact_items(Some(items));
        match call.send().await {
            Ok(_) => Ok(Written::Done),
            Err(SdkError::ServiceError(refused)) => match refused.into_err() {
                TransactWriteItemsError::TransactionCanceledException(canceled) => {
                    self.canceled(change, canceled.cancellation_reasons())
                }
                other => Err(self.trouble(&other.to_string())),
            },
            Err(error) => Err(self.trouble(&said(&error))),
        }
    }

    /// The run's refusal counts before the object's: it says what became of our own write.
    fn canceled(
        &self,
        change: &Change,
        reasons: &[CancellationReason],
    ) -> Result<Written, LedgerError> {
        let refused = |reason: &&CancellationReason| reason.code() == Some(REFUSED);
        if let Some(reason) = reasons.first().filter(refused) {
            return self.judge(change, reason.item());
        }
        if let Some(reason) = reasons.iter().find(refused) {
            let row = reason.item().ok_or_else(|| self.trouble("a refusal without its row"))?;
            return Ok(Written::Newer(self.parse::<Newest>(row)?.run));
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
        if let Some(due) = run.swept_at() {
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
        let mut row = row(value).map_err(|error| self.trouble(&error.to_string()))?;
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
        Ok(match also {
            Also::Launch(launch) => {
                item.put(put(self.row(launch, pk, keys::launch(&launch.id))?)?)
            }
            Also::Outbox(message) => {
                item.put(put(self.row(message, pk, keys::outbox(message.attempt))?)?)
            }
            Also::Object(claim) => item.put(self.object_put(claim)?),
            Also::Count { trigger, class, at } => item.update(self.count(
                trigger,
                *class,
                keys::count(trigger, &change.run.id, *at),
            )?),
        }
        .build())
    }

    fn object_put(&self, claim: &ObjectClaim) -> Result<Put, LedgerError> {
        let row = Row::from([
            ("pk".to_owned(), text(keys::object(&claim.trigger, &claim.order.object))),
            ("sk".to_owned(), text(keys::SEQ)),
            ("seq".to_owned(), text(&claim.order.sequence)),
            ("run".to_owned(), text(claim.run.as_str())),
        ]);
        Put::builder()
            .table_name(&self.table)
            .set_item(Some(row))
            .condition_expression("attribute_not_exists(#seq) OR #seq < :seq")
            .expression_attribute_names("#seq", "seq")
            .expression_attribute_values(":seq", text(&claim.order.sequence))
            .return_values_on_condition_check_failure(ALL_OLD)
            .build()
            .map_err(|error| self.trouble(&error.to_string()))
    }

    fn count(
        &self,
        trigger: &str,
        class: Class,
        (pk, sk): (String, String),
    ) -> Result<Update, LedgerError> {
        Update::builder()
            .table_name(&self.table)
            .key("pk", text(pk))
            .key("sk", text(sk))
            .update_expression("SET #trigger = :trigger ADD #class :one")
            .expression_attribute_names("#trigger", "trigger")
            .expression_attribute_names("#class", keys::counted(class))
            .expression_attribute_values(":trigger", text(trigger))
            .expression_attribute_values(":one", number(1))
            .build()
            .map_err(|error| self.trouble(&error.to_string()))
    }
}
