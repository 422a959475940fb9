//! Queues that are scaled: one row that says how they stand, one for each change, and one a minute
//! for what was observed.
//!
//! What a row holds is one attribute, as JSON: a number of DynamoDB is between 1E-130 and 1E+126
//! ("Naming rules and data types", developer guide), and what is remembered of a queue that was
//! idle for long decays below that.

use aws_sdk_dynamodb::{error::SdkError, operation::put_item::PutItemError};
use jiff::Timestamp;
use longshore::fleet::{CHANGES_KEPT, Change, Record, Scaled};
use longshore_engine::ports::{LedgerError, Scaling};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    LedgerTable, keys,
    rows::{Row, key, number, text, versioned},
};
use crate::failure::said;

/// The attribute that holds it all.
const BODY: &str = "body";
/// How long observations are kept, in seconds: 14 days, in which a week can be compared with the
/// one before.
const RECORD_KEPT_SECS: i64 = 14 * 86_400;
/// Changes of one call; each has less than a kilobyte, and a call answers 1 MB (Query, DynamoDB
/// API reference).
const PAGE_ROWS: usize = 500;

/// A row as the table holds it.
#[derive(Serialize)]
struct Stored {
    body: String,
}

impl LedgerTable {
    fn stored(&self, sk: String, queue: &str, value: &impl Serialize) -> Result<Row, LedgerError> {
        let body = serde_json::to_string(value);
        let stored = body.and_then(|body| versioned(&Stored { body }));
        let mut row = stored.map_err(|error| self.trouble(&error.to_string()))?;
        row.insert("pk".into(), text(keys::queue(queue)));
        row.insert("sk".into(), text(sk));
        Ok(row)
    }

    fn unstored<T: DeserializeOwned>(&self, row: &Row) -> Result<T, LedgerError> {
        // Whether this version may read it at all.
        let members: serde_json::Map<_, _> = self.parse(row)?;
        let body = members.get(BODY).and_then(|body| body.as_str()).unwrap_or_default();
        serde_json::from_str(body).map_err(|error| {
            let pk = key(row, "pk").unwrap_or_default();
            self.trouble(&format!("row `{pk}` cannot be read: {error}"))
        })
    }

    async fn put(&self, row: Row) -> Result<(), LedgerError> {
        let call = self.dynamodb.put_item().table_name(&self.table).set_item(Some(row));
        call.send().await.map(drop).map_err(|error| self.trouble(&said(&error)))
    }

    /// Names of the queues that are scaled.
    pub async fn queues(&self) -> Result<Vec<String>, LedgerError> {
        self.names(keys::QUEUES).await
    }

    /// Changes of a queue's fleet from `from` on, the newest first, up to `count_max`.
    pub async fn changes(
        &self,
        queue: &str,
        from: Timestamp,
        count_max: usize,
    ) -> Result<Vec<Change>, LedgerError> {
        let (first, last) = (keys::change(from), keys::change(Timestamp::MAX));
        self.queue_rows(queue, first, last, count_max).await
    }

    /// What was observed of a queue from `from` on, the newest first, up to `count_max` rows.
    pub async fn records(
        &self,
        queue: &str,
        from: Timestamp,
        count_max: usize,
    ) -> Result<Vec<Record>, LedgerError> {
        let (first, last) = (keys::observed(from), keys::observed(Timestamp::MAX));
        self.queue_rows(queue, first, last, count_max).await
    }

    async fn queue_rows<T: DeserializeOwned>(
        &self,
        queue: &str,
        first: String,
        last: String,
        count_max: usize,
    ) -> Result<Vec<T>, LedgerError> {
        let (mut found, mut after) = (Vec::new(), None);
        while found.len() < count_max {
            let limit = (count_max - found.len()).min(PAGE_ROWS);
            let call = self.dynamodb.query().table_name(&self.table).consistent_read(true);
            let call = call.key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last");
            let call = call
                .expression_attribute_values(":pk", text(keys::queue(queue)))
                .expression_attribute_values(":first", text(&first))
                .expression_attribute_values(":last", text(&last))
                .scan_index_forward(false)
                .set_exclusive_start_key(after)
                .limit(i32::try_from(limit).unwrap_or(i32::MAX));
            let answer = call.send().await.map_err(|error| self.trouble(&said(&error)))?;
            for row in answer.items() {
                found.push(self.unstored(row)?);
            }
            after = answer.last_evaluated_key;
            if after.is_none() {
                break;
            }
        }
        Ok(found)
    }
}

impl Scaling for LedgerTable {
    async fn scaled(&self, queue: &str) -> Result<Option<Scaled>, LedgerError> {
        let row = self.item(keys::queue(queue), keys::QUEUE.into()).await?;
        row.map(|row| self.unstored(&row)).transpose()
    }

    async fn keep(&self, scaled: &Scaled) -> Result<bool, LedgerError> {
        let mut row = self.stored(keys::QUEUE.into(), &scaled.queue, scaled)?;
        row.insert("ver".into(), number(scaled.ver));
        row.insert("g2pk".into(), text(keys::QUEUES));
        row.insert("g2sk".into(), text(&scaled.queue));
        let call = self.dynamodb.put_item().table_name(&self.table).set_item(Some(row));
        let before = scaled.ver.saturating_sub(1);
        let call = if before == 0 {
            call.condition_expression("attribute_not_exists(pk)")
        } else {
            call.condition_expression("#ver = :before")
                .expression_attribute_names("#ver", "ver")
                .expression_attribute_values(":before", number(before))
        };
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

    async fn tell(&self, queue: &str, change: &Change) -> Result<(), LedgerError> {
        let mut row = self.stored(keys::change(change.at), queue, change)?;
        row.insert("ttl".into(), number(change.at.as_second() + CHANGES_KEPT.as_secs()));
        self.put(row).await
    }

    async fn record(&self, queue: &str, record: &Record) -> Result<(), LedgerError> {
        let mut row = self.stored(keys::observed(record.at), queue, record)?;
        row.insert("ttl".into(), number(record.at.as_second() + RECORD_KEPT_SECS));
        self.put(row).await
    }
}
