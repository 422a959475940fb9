//! Launch permits: all processes together call RunTask no faster than the account allows, so that
//! a storm of events becomes no storm of throttled calls.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use longshore::{
    config::{ConfigError, Variables},
    trigger::{LaunchType, TaskSettings},
};

use crate::ports::{Clock, Ledger, LedgerError};

/// Tasks launched per second and kind of capacity. Fargate takes 20, on demand and on Spot alike
/// (AWS Fargate throttling quotas); the rest is for whoever else launches in the account.
const LAUNCHES_PER_SECOND: u32 = 18;
/// Most permits that one process takes at once: others need some in the same second.
const BLOCK_MAX: u32 = 6;

/// The permits of this process.
#[derive(Debug)]
pub struct Permits {
    per_second: u32,
    blocks: Mutex<HashMap<String, Block>>,
}

/// Permits of one second.
#[derive(Clone, Copy, Debug, Default)]
struct Block {
    second: i64,
    size: u32,
    left: u32,
}

impl Default for Permits {
    fn default() -> Self {
        Self::of(LAUNCHES_PER_SECOND)
    }
}

impl Permits {
    /// Permits where all processes together may launch `per_second` tasks of each kind.
    #[must_use]
    pub fn of(per_second: u32) -> Self {
        Self { per_second: per_second.max(1), blocks: Mutex::default() }
    }

    /// As many per second as `LONGSHORE_LAUNCHES_PER_SECOND` says.
    pub fn read(variables: &Variables) -> Result<Self, ConfigError> {
        variables.number("LONGSHORE_LAUNCHES_PER_SECOND", LAUNCHES_PER_SECOND).map(Self::of)
    }

    fn blocks(&self) -> MutexGuard<'_, HashMap<String, Block>> {
        self.blocks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes one permit, if there is one left in this second.
    pub(crate) async fn take(
        &self,
        ledger: &impl Ledger,
        world: &impl Clock,
        task: &TaskSettings,
    ) -> Result<bool, LedgerError> {
        let kind = kind(task);
        let now = world.now();
        let last = self.blocks().get(kind).copied().unwrap_or_default();
        if last.second == now.as_second() && last.left > 0 {
            self.keep(kind, Block { left: last.left - 1, ..last });
            return Ok(true);
        }
        let wanted = next_size(last, now).min(self.per_second);
        let granted = ledger.permits(kind, now, wanted, self.per_second).await?;
        let left = granted.saturating_sub(1);
        self.keep(kind, Block { second: now.as_second(), size: wanted, left });
        Ok(granted > 0)
    }

    fn keep(&self, kind: &str, block: Block) {
        self.blocks().insert(kind.to_owned(), block);
    }
}

/// Whoever has used up a block within a second takes a larger one; others leave the rest to others.
fn next_size(last: Block, now: Timestamp) -> u32 {
    let is_busy = last.left == 0 && now.as_second() - last.second <= 1;
    if is_busy { (last.size * 2).clamp(1, BLOCK_MAX) } else { 1 }
}

/// Which launches share a limit.
fn kind(task: &TaskSettings) -> &str {
    match (task.capacity.first(), task.launch_type) {
        (Some(first), _) => &first.provider,
        (None, Some(LaunchType::Fargate)) => "FARGATE",
        (None, _) => "EC2",
    }
}

#[cfg(test)]
mod tests;
