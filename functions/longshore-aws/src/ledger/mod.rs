//! The ledger on one DynamoDB table.

mod checkpoints;
mod claims;
mod keys;
mod known;
mod listed;
mod marks;
mod rows;
mod scaling;
mod shared;
mod ticks;
mod triggers;
mod workers;
mod write;

use aws_sdk_dynamodb::{Client, operation::query::builders::QueryFluentBuilder};
use jiff::Timestamp;
pub use listed::{RunPage, RunPlace};
use longshore::{
    run::{Change, LaunchId, Outbox, Run, RunId, Written},
    trigger::{Launch, Listed, Registered},
};
use longshore_engine::ports::{Claim, Claimed, Clock as _, Ledger, LedgerError};
pub(crate) use rows::json;
use rows::{Row, key, read, text};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{Clients, Machine, failure::said};

/// Index of due runs.
const DUE_INDEX: &str = "due";
/// Index of runs by trigger, and of triggers.
const LIST_INDEX: &str = "list";
/// Messages that one run can owe; there are two for each of its ends.
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

    /// Runs that the query of an index finds.
    async fn ids(&self, call: QueryFluentBuilder) -> Result<Vec<RunId>, LedgerError> {
        let answer = call.send().await.map_err(|error| self.trouble(&said(&error)))?;
        let id = |row| {
            let pk = key(row, "pk").unwrap_or_default();
            let id = pk.strip_prefix("RUN#").and_then(|id| id.parse().ok());
            id.ok_or_else(|| self.trouble(&format!("`{pk}` is in an index and no run")))
        };
        answer.items().iter().map(id).collect()
    }

    /// Names of everything that the list `list` has.
    async fn names(&self, list: &str) -> Result<Vec<String>, LedgerError> {
        let (mut names, mut after) = (Vec::new(), None);
        loop {
            let call = self.dynamodb.query().table_name(&self.table).index_name(LIST_INDEX);
            let call = call.key_condition_expression("g2pk = :list");
            let call = call.expression_attribute_values(":list", text(list));
            let call = call.set_exclusive_start_key(after);
            let answer = call.send().await.map_err(|error| self.trouble(&said(&error)))?;
            let keys = answer.items().iter().filter_map(|row| key(row, "g2sk"));
            names.extend(keys.map(str::to_owned));
            after = answer.last_evaluated_key;
            if after.is_none() {
                return Ok(names);
            }
        }
    }

    fn trouble(&self, said: &str) -> LedgerError {
        LedgerError(format!("table `{}`: {said}", self.table))
    }

    fn parse<T: DeserializeOwned>(&self, row: &Row) -> Result<T, LedgerError> {
        read(row).map_err(|error| self.trouble(&error.to_string()))
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

    async fn list(&self, list: &RunId) -> Result<Vec<Listed>, LedgerError> {
        self.read_list(list).await
    }

    async fn claim(&self, claim: &Claim<'_>) -> Result<Claimed, LedgerError> {
        self.claim_one(claim, Machine.now()).await
    }

    async fn newest(&self, trigger: &str, object: &str) -> Result<Option<RunId>, LedgerError> {
        let row = self.item(keys::object(trigger, object), keys::SEQ.into()).await?;
        Ok(row.map(|row| self.parse::<ObjectRow>(&row)).transpose()?.and_then(|row| row.run))
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
        self.ids(call.limit(i32::try_from(count_max).unwrap_or(i32::MAX))).await
    }

    async fn registered(&self, trigger: &str) -> Result<Option<Registered>, LedgerError> {
        let row = self.item(keys::trigger(trigger), keys::TRIGGER.into()).await?;
        row.map(|row| self.parse(&row)).transpose()
    }

    async fn register(&self, seen: &Registered) -> Result<(), LedgerError> {
        self.register_trigger(seen).await
    }

    async fn ticked(&self, trigger: &str, tick: Timestamp) -> Result<(), LedgerError> {
        self.set_ticked(trigger, tick).await
    }

    async fn looked(
        &self,
        trigger: &str,
        to: Timestamp,
        caught_up: u32,
    ) -> Result<(), LedgerError> {
        self.set_looked(trigger, to, caught_up).await
    }

    async fn triggers(&self) -> Result<Vec<String>, LedgerError> {
        self.names(keys::TRIGGERS).await
    }

    async fn queued(&self, trigger: &str, count_max: usize) -> Result<Vec<RunId>, LedgerError> {
        let call = self.dynamodb.query().table_name(&self.table).index_name(LIST_INDEX);
        let call = call.key_condition_expression("g2pk = :list");
        let call = call.expression_attribute_values(":list", text(keys::runs_of(trigger, true)));
        self.ids(call.limit(i32::try_from(count_max).unwrap_or(i32::MAX))).await
    }

    async fn free_slot(&self, trigger: &str, limit: u32) -> Result<Option<u32>, LedgerError> {
        self.find_slot(trigger, limit).await
    }

    async fn slot_holder(&self, trigger: &str, number: u32) -> Result<Option<RunId>, LedgerError> {
        let row = self.item(keys::slot(trigger, number), keys::SLOT.into()).await?;
        Ok(row.map(|row| self.parse::<SlotRow>(&row)).transpose()?.map(|row| row.run))
    }

    async fn permits(
        &self,
        kind: &str,
        now: Timestamp,
        wanted: u32,
        per_second: u32,
    ) -> Result<u32, LedgerError> {
        self.take_permits(kind, now.as_second(), wanted, per_second).await
    }
}

/// A slot that is taken.
#[derive(Deserialize)]
struct SlotRow {
    run: RunId,
}

/// The row of an object's newest version, as far as it matters.
#[derive(Deserialize)]
struct ObjectRow {
    run: Option<RunId>,
    holder: Option<RunId>,
}
