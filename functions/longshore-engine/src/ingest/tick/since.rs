//! ticks before this one ─▶ since when it has to look

use jiff::Timestamp;
use longshore::batch::previous;

use crate::{Trouble, ports::Ticks};

/// Rows that are looked through: a day of failures of a schedule that ticks every minute, or every
/// hour with 64 shards. Beyond it everything is looked at.
const ROWS_MAX: usize = 1_536;

/// Since when objects have to be looked at, as `--modified-since previous` asks; nothing if no
/// earlier tick of this `scope` is known to be complete.
pub async fn since(
    ticks: &impl Ticks,
    trigger: &str,
    tick: Timestamp,
    scope: &str,
) -> Result<Option<Timestamp>, Trouble> {
    let earlier = ticks.earlier(trigger, tick, ROWS_MAX).await?;
    Ok(previous(&earlier, scope))
}
