//! What `worker batch` did for a tick, as far as the ledger keeps it.

use jiff::SignedDuration;
use longshore::{batch::TickSummary, run::Run};
use longshore_engine::ports::Ticks as _;

use crate::ops::{OpsError, Stack};

/// Most shards of a tick, as `shards` bounds them.
const SHARDS_MAX: usize = 64;
/// Objects of dead letters that a page names.
const DEAD_LETTERS_MAX: usize = 3;

impl Stack {
    /// The summaries of the tick that `run` is about, or of its shard; none of work of another kind.
    pub(super) async fn worked(&self, run: &Run) -> Result<Vec<TickSummary>, OpsError> {
        let Some(at) = run.input.tick().map(|tick| tick.scheduled_at) else {
            return Ok(Vec::new());
        };
        let behind = at.checked_add(SignedDuration::from_secs(1)).unwrap_or(at);
        let newest = self.ledger.earlier(&run.trigger, behind, SHARDS_MAX).await;
        let mut rows = newest.map_err(|error| self.ledger_error(error))?;
        let shards: Vec<_> = run.shard_ids().collect();
        rows.retain(|row| row.run == run.id || shards.contains(&row.run));
        Ok(rows)
    }
}

/// The lines about it.
pub(super) fn lines(run: &Run, rows: &[TickSummary]) -> Vec<String> {
    if rows.is_empty() {
        return Vec::new();
    }
    let mut lines = vec!["\nIts objects:".to_owned()];
    for row in rows {
        let TickSummary { shard, of, attempt, .. } = row;
        let which = if *of == 1 { String::new() } else { format!("shard {shard} of {of}, ") };
        lines.push(format!("  {which}attempt {attempt}: {}", row.objects()));
        lines.push(format!("    records: {}", row.equation()));
        lines.extend(row.since.map(|since| format!("    modified since {since}")));
        if !row.reason.is_empty() {
            lines.push(format!("    {}", row.reason.escape_debug()));
        }
    }
    let summary = run.result.as_ref().map(|result| &result.summary);
    let letters = summary.and_then(|summary| summary["deadLetters"].as_array());
    let letters: Vec<_> = letters.into_iter().flatten().filter_map(|key| key.as_str()).collect();
    for key in letters.iter().take(DEAD_LETTERS_MAX) {
        lines.push(format!("    set aside in {}", key.escape_debug()));
    }
    if letters.len() > DEAD_LETTERS_MAX {
        lines.push("    and more: see --json".to_owned());
    }
    lines
}
