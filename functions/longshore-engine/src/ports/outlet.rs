//! Where an ended run's messages go.

use std::future::Future;

use longshore::run::Outbox;

use super::QueueError;

/// Sends what ended runs owe: to the `failed` queue and to the event bus.
pub trait Outlet: Sync {
    /// Sends `message`, which says to whom.
    fn send(&self, message: &Outbox) -> impl Future<Output = Result<(), QueueError>> + Send;
}
