//! What is kept of a tick, per shard ─▶ since when the next tick has to look.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    ingest::{Counts, Summary},
    run::RunId,
};

/// How the work of one shard of a tick ended, the last time that it was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TickSummary {
    /// Name of the trigger.
    pub trigger: String,
    /// The tick.
    pub scheduled_at: Timestamp,
    /// Which shard, from 0.
    pub shard: u32,
    /// Of how many.
    pub of: u32,
    /// The run that did the work.
    pub run: RunId,
    /// Its attempt.
    pub attempt: u32,
    /// How it ended.
    pub status: TickEnd,
    /// What is not done, and why, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Objects that are done.
    pub objects: u64,
    /// Objects that cannot be read or have only bad records, and are set aside.
    pub bad: u64,
    /// Objects whose work was refused: somebody has to allow something first.
    #[serde(default)]
    pub refused: u64,
    /// Objects whose work met trouble; another attempt may mend it.
    pub troubled: u64,
    /// Objects that were gone when they were to be read.
    pub gone: u64,
    /// Objects of the shard that were not asked for.
    pub filtered: u64,
    /// Bytes of the objects that are done, as they were listed.
    pub bytes: u64,
    /// Records that were read.
    pub records: u64,
    /// Items that were written.
    pub items: u64,
    /// Rows that a later row with the same key made void before they were sent.
    pub replaced: u64,
    /// Records that were set aside, and whole objects.
    pub rejected: u64,
    /// When the attempt began.
    pub began: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// Objects modified before this were left to earlier ticks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Of the objects modified before this, none was missed.
    pub complete_until: Timestamp,
    /// What was worked off, and where to: ticks of another scope say nothing of each other.
    pub scope: String,
}

impl TickSummary {
    /// Where the objects went that were listed of the shard.
    #[must_use]
    pub fn objects(&self) -> String {
        let Self { objects, bad, refused, troubled, gone, filtered, .. } = self;
        let taken = objects + bad + refused + troubled + gone;
        format!(
            "{} listed, {filtered} not asked for; {taken} taken = {objects} done + {bad} bad + \
             {refused} refused + {troubled} troubled + {gone} gone",
            taken + filtered
        )
    }

    /// Where the records went.
    #[must_use]
    pub fn equation(&self) -> String {
        let Self { records: read, items: written, replaced, rejected: dead_lettered, .. } = *self;
        let counts = Counts { read, written, replaced, dead_lettered, ..Counts::default() };
        Summary::try_from(counts).map_or_else(|error| error.to_string(), |it| it.to_string())
    }
}

/// How a shard of a tick ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TickEnd {
    /// Everything that was asked for is done, or is bad and set aside for good.
    Done,
    /// Not everything.
    Failed,
}

/// Since when objects have to be looked at: those modified before were worked off by the newest
/// earlier tick of which every shard is done. Without such a tick in `earlier`, whose ticks are
/// the newest first, everything has to.
#[must_use]
pub fn previous(earlier: &[TickSummary], scope: &str) -> Option<Timestamp> {
    let mut ticks = earlier.chunk_by(|one, other| one.scheduled_at == other.scheduled_at);
    ticks.find_map(|shards| complete_until(shards, scope))
}

/// Until when the tick with these `shards` is complete, if all of them are done.
fn complete_until(shards: &[TickSummary], scope: &str) -> Option<Timestamp> {
    let done = |of: u32| {
        let is_done = move |it: &&TickSummary| {
            it.of == of && it.shard < of && it.status == TickEnd::Done && it.scope == scope
        };
        shards.iter().filter(is_done)
    };
    // A tick that was begun anew with another number of shards has rows of both.
    let of = shards.iter().map(|it| it.of).find(|&of| {
        let found: BTreeSet<u32> = done(of).map(|it| it.shard).collect();
        found.len() as u64 == u64::from(of)
    })?;
    // A tick may be begun before its time, by hand, or read a list that is older than itself.
    done(of).map(|it| it.complete_until.min(it.scheduled_at)).min()
}

#[cfg(test)]
mod tests;
