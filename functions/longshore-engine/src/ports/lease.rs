//! Whether the run is still ours.

use std::future::Future;

/// Guards writes against an execution that was given up and took another breath.
pub trait Lease: Sync {
    /// Asked before every call that writes. `false` also when it cannot be known: an execution that
    /// may have lost its run must not write.
    fn still_ours(&self) -> impl Future<Output = bool> + Send;
}
