//! The table that items are written to.

use std::future::Future;

use longshore::ingest::{Batch, Unprocessed};

/// Writes items.
pub trait Table: Sync {
    /// Writes `batch` in one call, and says what is still to be written.
    ///
    /// Safe to repeat: puts replace whole items.
    fn write(
        &self,
        batch: &Batch,
    ) -> impl Future<Output = Result<Unprocessed, TableTrouble>> + Send;
}

/// A batch could not be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableTrouble {
    /// Throttled, timed out or cut off: nothing is known to be written, and trying again may work.
    #[error("the table did not take the batch: {0}")]
    Retryable(String),
    /// At least one item is not acceptable, and none was written.
    #[error("the table refused an item: {0}")]
    Invalid(String),
    /// Trying again cannot work, with any item.
    #[error("the table cannot be written: {0}")]
    Rejected(String),
}
