//! A table of records, read as a person looks at it.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, Select},
};
use longshore_engine::ports::LedgerError;
use serde_json::{Map, Value};

use crate::{Clients, failure::said, ledger::json};

/// A table that workers write to.
#[derive(Clone, Debug)]
pub struct RecordsTable {
    dynamodb: Client,
    table: String,
}

impl RecordsTable {
    /// The table named `table`.
    #[must_use]
    pub fn new(clients: &Clients, table: &str) -> Self {
        Self { dynamodb: Client::new(clients.sdk()), table: table.to_owned() }
    }

    /// How many items there are, counted one by one.
    pub async fn count(&self) -> Result<u64, LedgerError> {
        let mut count = 0;
        let mut from: Option<HashMap<String, AttributeValue>> = None;
        loop {
            let call = self.dynamodb.scan().table_name(&self.table).consistent_read(true);
            let call = call.select(Select::Count).set_exclusive_start_key(from);
            let page = call.send().await.map_err(|error| LedgerError(said(&error)))?;
            count += u64::from(page.count().unsigned_abs());
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(count);
            }
        }
    }

    /// Up to `items_max` items, as plain JSON.
    pub async fn some(&self, items_max: i32) -> Result<Vec<Map<String, Value>>, LedgerError> {
        let call = self.dynamodb.scan().table_name(&self.table).limit(items_max);
        let page = call.send().await.map_err(|error| LedgerError(said(&error)))?;
        let item = |item: &HashMap<String, AttributeValue>| {
            item.iter().map(|(name, value)| (name.clone(), json(value))).collect()
        };
        Ok(page.items().iter().map(item).collect())
    }
}
