//! How far the work on messages is, where all workers of a queue see it.

use std::future::Future;

use jiff::Timestamp;
use longshore::poll::Checkpoint;

use super::LedgerError;

/// Keeps the last checkpoint of each message, longer than a queue keeps the message.
pub trait Checkpoints: Sync {
    /// The checkpoint of the message `id` of `queue`, if it has one.
    fn checkpoint(
        &self,
        queue: &str,
        id: &str,
    ) -> impl Future<Output = Result<Option<Checkpoint>, LedgerError>> + Send;

    /// Keeps it in place of an earlier one; safe to repeat. One that comes late may take the place of
    /// a later one: then some work is done twice.
    fn keep_checkpoint(
        &self,
        queue: &str,
        id: &str,
        checkpoint: &Checkpoint,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), LedgerError>> + Send;
}
