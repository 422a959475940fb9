//! The workers of a queue, each in a row of its own.

use std::future::Future;

use jiff::Timestamp;
use longshore::{
    fleet::{Beat, Order, Worker},
    poll::{Marks, Message, Note},
};

use super::LedgerError;

/// What the workers of queues say, and are told. A worker's row takes one write for each beat,
/// which also brings the order back; whoever scales reads the rows of a queue together.
pub trait Workers: Sync {
    /// Keeps what a worker of `queue` says, and gives what it is told.
    fn beat(
        &self,
        queue: &str,
        beat: &Beat,
    ) -> impl Future<Output = Result<Order, LedgerError>> + Send;

    /// All workers of `queue` that said something of late, and perhaps some that are gone.
    fn workers(&self, queue: &str)
    -> impl Future<Output = Result<Vec<Worker>, LedgerError>> + Send;

    /// Notes something of a message of `queue`, and gives all that its workers noted of it; safe to
    /// repeat.
    fn note(
        &self,
        queue: &str,
        message: &Message,
        note: Note,
        now: Timestamp,
    ) -> impl Future<Output = Result<Marks, LedgerError>> + Send;

    /// Tells a worker to leave; one that has no row is gone, and is told nothing.
    fn drain(
        &self,
        queue: &str,
        task: &str,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), LedgerError>> + Send;
}
