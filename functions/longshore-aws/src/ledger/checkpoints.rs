//! How far the work on messages is: one row for each that was left half done.

use jiff::Timestamp;
use longshore::poll::Checkpoint;
use longshore_engine::ports::{Checkpoints, LedgerError};

use super::{
    LedgerTable, keys,
    marks::KEPT_SECS,
    rows::{number, text, versioned},
};
use crate::failure::said;

impl Checkpoints for LedgerTable {
    async fn checkpoint(&self, queue: &str, id: &str) -> Result<Option<Checkpoint>, LedgerError> {
        let call = self.dynamodb.get_item().table_name(&self.table).consistent_read(true);
        let call = call.key("pk", text(keys::message(queue, id)));
        let answer = call.key("sk", text(keys::CHECKPOINT)).send().await;
        let answer = answer.map_err(|error| self.trouble(&said(&error)))?;
        answer.item.map(|row| self.parse(&row)).transpose()
    }

    async fn keep_checkpoint(
        &self,
        queue: &str,
        id: &str,
        checkpoint: &Checkpoint,
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        let mut row = versioned(checkpoint).map_err(|error| self.trouble(&error.to_string()))?;
        row.insert("pk".into(), text(keys::message(queue, id)));
        row.insert("sk".into(), text(keys::CHECKPOINT));
        row.insert("ttl".into(), number(now.as_second() + KEPT_SECS));
        let call = self.dynamodb.put_item().table_name(&self.table).set_item(Some(row));
        call.send().await.map_err(|error| self.trouble(&said(&error)))?;
        Ok(())
    }
}
