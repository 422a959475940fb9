//! Waiting, as a port: it takes no time in tests and is the same in every simulated run.

use std::future::Future;
use std::time::Duration;

/// Waits.
pub trait Pause: Sync {
    /// Returns after `length`.
    fn sleep(&self, length: Duration) -> impl Future<Output = ()> + Send;
}
