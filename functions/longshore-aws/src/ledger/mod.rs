//! The ledger on one DynamoDB table.

mod keys;
mod rows;
mod write;

use aws_sdk_dynamodb::Client;
use jiff::Timestamp;
use longshore::{
    run::{Change, LaunchId, Outbox, Run, RunId, Written},
    trigger::Launch,
};
use longshore_engine::ports::{Ledger, LedgerError};
pub(crate) use rows::json;
use rows::{Row, read, text};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{Clients, failure::said};

/// Index of due runs.
const DUE_INDEX: &str = "due";
/// Messages that one run can owe; there is one per attempt.
const OUTBOX_MAX: i32 = 100;

/// The ledger table.
#[derive(Clone, Debug)]
pub struct LedgerTable {
    dynamodb: Client,
    table: String,
}

impl LedgerTable {
    /// The table named `table`.
    #[must_use]
    pub fn new(clients: &Clients, table: &str) -> Self {
        Self { dynamodb: Client::new(clients.sdk()), table: table.to_owned() }
    }

    async fn item(&self, pk: String, sk: String) -> Result<Option<Row>, LedgerError> {
        let call = self.dynamodb.get_item().table_name(&self.table).consistent_read(true);
        let answer = call.key("pk", text(pk)).key("sk", text(sk)).send().await;
        answer.map(|answer| answer.item).map_err(|error| self.trouble(&said(&error)))
    }

    fn trouble(&self, said: &str) -> LedgerError {
        LedgerError(format!("table `{}`: {said}", self.table))
    }

    fn parse<T: DeserializeOwned>(&self, row: &Row) -> Result<T, LedgerError> {
        read(row).map_err(|error| self.trouble(&format!("a row cannot be read: {error}")))
    }
}

impl Ledger for LedgerTable {
    async fn write(&self, change: &Change) -> Result<Written, LedgerError> {
        self.write_change(change).await
    }

    async fn run(&self, id: &RunId) -> Result<Option<Run>, LedgerError> {
        let row = self.item(keys::run(id), keys::RUN.into()).await?;
        row.map(|row| self.parse(&row)).transpose()
    }

    async fn launch(&self, id: &LaunchId) -> Result<Option<Launch>, LedgerError> {
        let row = self.item(keys::run(&id.run), keys::launch(id)).await?;
        row.map(|row| self.parse(&row)).transpose()
    }

    async fn newest(&self, trigger: &str, object: &str) -> Result<Option<RunId>, LedgerError> {
        let row = self.item(keys::object(trigger, object), keys::SEQ.into()).await?;
        row.map(|row| Ok(self.parse::<Newest>(&row)?.run)).transpose()
    }

    async fn outbox(&self, id: &RunId) -> Result<Vec<Outbox>, LedgerError> {
        let call = self.dynamodb.query().table_name(&self.table).consistent_read(true);
        let call = call.key_condition_expression("pk = :pk AND begins_with(sk, :out)");
        let call = call.expression_attribute_values(":pk", text(keys::run(id)));
        let call = call.expression_attribute_values(":out", text(keys::OUT)).limit(OUTBOX_MAX);
        let answer = call.send().await.map_err(|error| self.trouble(&said(&error)))?;
        answer.items().iter().map(|row| self.parse(row)).collect()
    }

    async fn due(
        &self,
        shard: u8,
        now: Timestamp,
        count_max: usize,
    ) -> Result<Vec<RunId>, LedgerError> {
        let call = self.dynamodb.query().table_name(&self.table).index_name(DUE_INDEX);
        let call = call.key_condition_expression("g1pk = :shard AND g1sk <= :until");
        let call = call.expression_attribute_values(":shard", text(keys::due(shard)));
        let call = call.expression_attribute_values(":until", text(keys::due_until(now)));
        let call = call.limit(i32::try_from(count_max).unwrap_or(i32::MAX));
        let answer = call.send().await.map_err(|error| self.trouble(&said(&error)))?;
        let due = answer.items().iter().map(|row| self.parse::<Due>(row));
        due.map(|due| {
            let pk = due?.pk;
            let id = pk.strip_prefix("RUN#").and_then(|id| id.parse().ok());
            id.ok_or_else(|| self.trouble(&format!("`{pk}` is due and no run")))
        })
        .collect()
    }
}

/// The row of an object's newest version, as far as it matters.
#[derive(Deserialize)]
struct Newest {
    run: RunId,
}

/// A row of the index of due runs, as far as it matters.
#[derive(Deserialize)]
struct Due {
    pk: String,
}
