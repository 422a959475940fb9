//! Remembers how the ticks of a schedule were worked off.

use std::future::Future;

use jiff::Timestamp;
use longshore::batch::TickSummary;

use super::LedgerError;

/// The summaries of ticks, one per shard. Reads see every write that was answered.
pub trait Ticks: Sync {
    /// Keeps `summary` in the place of an earlier attempt's; `false` if a later attempt was before.
    fn keep(&self, summary: &TickSummary)
    -> impl Future<Output = Result<bool, LedgerError>> + Send;

    /// Summaries of the ticks of `trigger` before `before`, the newest first: all shards of each
    /// tick together, and of at most `count_max` shards, of the last tick perhaps not all.
    fn earlier(
        &self,
        trigger: &str,
        before: Timestamp,
        count_max: usize,
    ) -> impl Future<Output = Result<Vec<TickSummary>, LedgerError>> + Send;
}
