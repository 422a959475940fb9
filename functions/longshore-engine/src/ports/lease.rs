//! Whether the work is still ours, and how far it is.

use std::future::Future;

use longshore::ingest::Refused;

/// Guards writes against an execution that was given up and took another breath.
pub trait Lease: Sync {
    /// Asked before every call that writes. `false` also when it cannot be known: an execution that
    /// may have lost its run must not write.
    fn still_ours(&self) -> impl Future<Output = bool> + Send;

    /// Told now and then that so many records of the object, the first ones, have come to their end,
    /// and which of all were refused: a later execution may [begin
    /// behind](crate::ingest::IngestPlan::behind) them.
    fn reached(&self, _records: u64, _refused: &[Refused]) {}
}
