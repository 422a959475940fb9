//! Sends messages to one queue.

use std::future::Future;

/// A queue that longshore only sends to.
pub trait Queue: Sync {
    /// Sends `body`; `reason` says in an attribute why the message is there.
    fn send(&self, body: &str, reason: &str)
    -> impl Future<Output = Result<(), QueueError>> + Send;
}

/// The message may or may not have been sent.
#[derive(Clone, Debug, thiserror::Error)]
#[error("queue: {0}")]
pub struct QueueError(pub String);
