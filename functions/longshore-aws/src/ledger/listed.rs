//! Runs in lists, for people: the newest first, page by page.

use aws_sdk_dynamodb::types::KeysAndAttributes;
use longshore::run::Run;
use longshore_engine::ports::LedgerError;

use super::{
    LIST_INDEX, LedgerTable, keys,
    rows::{Row, text},
};
use crate::failure::said;

/// A page of runs.
#[derive(Debug)]
pub struct RunPage {
    /// The runs.
    pub runs: Vec<Run>,
    /// Where the next page begins, if there is one.
    pub after: Option<RunPlace>,
}

/// A place in a list of runs.
#[derive(Debug)]
pub struct RunPlace(Row);

impl LedgerTable {
    /// Up to `count_max` (of 100) runs of `trigger`, the newest first: those that wait for room, or
    /// all others.
    pub async fn runs(
        &self,
        trigger: &str,
        are_queued: bool,
        count_max: usize,
        after: Option<RunPlace>,
    ) -> Result<RunPage, LedgerError> {
        let list = keys::runs_of(trigger, are_queued);
        let call = self.dynamodb.query().table_name(&self.table).index_name(LIST_INDEX);
        let call = call.key_condition_expression("g2pk = :list").scan_index_forward(false);
        let call = call.expression_attribute_values(":list", text(list));
        let call = call.set_exclusive_start_key(after.map(|place| place.0));
        let call = call.limit(i32::try_from(count_max).unwrap_or(i32::MAX));
        let answer = call.send().await.map_err(|error| self.trouble(&said(&error)))?;
        let key = |row: &Row| {
            let part = |name: &str| Some((name.to_owned(), row.get(name)?.clone()));
            Some(Row::from([part("pk")?, part("sk")?]))
        };
        let keys = answer.items().iter().filter_map(key).collect();
        let runs = self.runs_by_keys(keys).await?;
        Ok(RunPage { runs, after: answer.last_evaluated_key.map(RunPlace) })
    }

    pub(super) async fn runs_by_keys(&self, keys: Vec<Row>) -> Result<Vec<Run>, LedgerError> {
        let rows = self.rows_by_keys(keys).await?;
        rows.iter().map(|row| self.parse(row)).collect()
    }

    /// Those rows that there are, of up to 100.
    pub(super) async fn rows_by_keys(&self, keys: Vec<Row>) -> Result<Vec<Row>, LedgerError> {
        let mut found = Vec::new();
        let mut keys = Some(keys).filter(|keys| !keys.is_empty());
        while let Some(wanted) = keys {
            let wanted = KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(true);
            let wanted = wanted.build().map_err(|error| self.trouble(&error.to_string()))?;
            let call = self.dynamodb.batch_get_item().request_items(&self.table, wanted);
            let answer = call.send().await.map_err(|error| self.trouble(&said(&error)))?;
            let rows = answer.responses.and_then(|mut tables| tables.remove(&self.table));
            found.extend(rows.unwrap_or_default());
            let left = answer.unprocessed_keys.and_then(|mut tables| tables.remove(&self.table));
            keys = left.map(|left| left.keys).filter(|keys| !keys.is_empty());
        }
        Ok(found)
    }
}
