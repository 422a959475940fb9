//! How much there is in a queue.

use std::future::Future;

use longshore::fleet::Depth as Seen;

use super::QueueError;

/// Asks SQS about queues.
pub trait Depth: Sync {
    /// The depth of the queue at `url`.
    fn depth(&self, url: &str) -> impl Future<Output = Result<Seen, QueueError>> + Send;
}
