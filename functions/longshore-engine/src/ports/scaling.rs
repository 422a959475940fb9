//! What is remembered of queues that are scaled.

use std::future::Future;

use longshore::fleet::{Change, Record, Scaled};

use super::LedgerError;

/// The rows of queues.
pub trait Scaling: Sync {
    /// The row of a queue, as it was last written.
    fn scaled(
        &self,
        queue: &str,
    ) -> impl Future<Output = Result<Option<Scaled>, LedgerError>> + Send;

    /// Writes the row, if it is the one after that which stands there; whether it was.
    fn keep(&self, scaled: &Scaled) -> impl Future<Output = Result<bool, LedgerError>> + Send;

    /// Writes down a change; the same one again is the same row.
    fn tell(
        &self,
        queue: &str,
        change: &Change,
    ) -> impl Future<Output = Result<(), LedgerError>> + Send;

    /// Writes down what was observed.
    fn record(
        &self,
        queue: &str,
        record: &Record,
    ) -> impl Future<Output = Result<(), LedgerError>> + Send;
}
