//! Starts the runs that wait for room, or that waited for their trigger to be resumed.

use jiff::Timestamp;
use longshore::run::Wait;
use tracing::warn;

use super::Swept;
use crate::{
    Trouble,
    drive::start_next,
    launch::Launched,
    ports::{Ecs, Ledger, Ports, World},
};

/// Runs of one trigger that are started per round.
const STARTS_PER_TRIGGER_MAX: usize = 32;

/// Starts the runs that wait for room, trigger by trigger; whether there may be more to start.
pub(super) async fn of_triggers<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    until: Timestamp,
    swept: &mut Swept,
) -> Result<bool, Trouble> {
    let mut are_more = false;
    for name in on.ledger.triggers().await? {
        if on.world.now() >= until {
            return Ok(false);
        }
        match start(on, &name, swept).await {
            Ok(more) => are_more |= more,
            Err(trouble) => {
                warn!(trigger.name = name, %trouble, "The waiting runs of a trigger could not be started");
                swept.troubled += 1;
            }
        }
    }
    Ok(are_more)
}

/// Starts the waiting runs of a trigger; whether there may be more to start.
async fn start<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    trigger: &str,
    swept: &mut Swept,
) -> Result<bool, Trouble> {
    for _ in 0..STARTS_PER_TRIGGER_MAX {
        match start_next(on, trigger, None).await? {
            Some(Launched::Started(_)) => swept.launched += 1,
            Some(Launched::Ended(_)) => {}
            Some(Launched::Waits(run, _)) if run.waits == Some(Wait::Permit) => return Ok(true),
            // It waits for something of its own, and lets others go first.
            Some(Launched::Waits(run, _)) if !run.is_queued() => {}
            _ => return Ok(false),
        }
    }
    Ok(true)
}
