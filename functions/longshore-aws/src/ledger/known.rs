//! Runs and objects by the hundred, for whoever asks what is known before it sends.

use std::collections::BTreeMap;

use longshore::run::{Run, RunId};
use longshore_engine::ports::LedgerError;

use super::{
    LedgerTable, ObjectRow, keys,
    rows::{Row, key, text},
};

/// Most keys of one BatchGetItem (DynamoDB API reference).
const KEYS_MAX: usize = 100;

impl LedgerTable {
    /// Those of these runs that there are, in no order.
    pub async fn runs_named(&self, ids: &[RunId]) -> Result<Vec<Run>, LedgerError> {
        let mut runs = Vec::new();
        for ids in ids.chunks(KEYS_MAX) {
            let keys = ids.iter().map(|id| place(keys::run(id), keys::RUN)).collect();
            runs.extend(self.runs_by_keys(keys).await?);
        }
        Ok(runs)
    }

    /// The run that each of these objects of `trigger` went to last, by the object; without those
    /// that went to none. `objects` are hashes, each once.
    pub async fn newest_of(
        &self,
        trigger: &str,
        objects: &[String],
    ) -> Result<BTreeMap<String, RunId>, LedgerError> {
        let prefix = keys::object(trigger, "");
        let mut newest = BTreeMap::new();
        for objects in objects.chunks(KEYS_MAX) {
            let keys = objects.iter().map(|object| place(keys::object(trigger, object), keys::SEQ));
            for row in self.rows_by_keys(keys.collect()).await? {
                let object = key(&row, "pk").and_then(|pk| pk.strip_prefix(&prefix));
                let run = self.parse::<ObjectRow>(&row)?.run;
                newest.extend(object.map(str::to_owned).zip(run));
            }
        }
        Ok(newest)
    }
}

fn place(pk: String, sk: &str) -> Row {
    Row::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])
}
