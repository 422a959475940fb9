//! Starts the runs that wait for room, or that waited for their trigger to be resumed; ends the
//! ticks among them that wait in vain.

use jiff::Timestamp;
use longshore::run::{Run, Step, Wait};
use tracing::warn;

use super::Swept;
use crate::{
    Trouble,
    drive::{conclude, start_next},
    launch::{Launched, taken},
    overlap::SLOT,
    ports::{Ecs, Ledger, Ports, World},
};

/// Runs of one trigger that are started before the next trigger has its turn: few, so that all
/// triggers have a share of each second's permits.
const STARTS_PER_TURN_MAX: usize = 4;
/// Turns of a trigger per round.
const TURNS_MAX: usize = 8;
/// Waiting ticks of one trigger that are looked at per round; the oldest come first.
const WAITING_SEEN_MAX: usize = 32;

/// What became of a trigger's turn.
enum Turn {
    /// Nothing waits that could be started.
    Over,
    /// More runs wait.
    More,
    /// More runs wait, and the permits of this second are used up.
    Permit,
}

/// Starts the runs that wait for room, each trigger in its turn; whether there may be more to start.
///
/// Whoever is first when a second begins has the best of its permits: another one in each `round`.
pub(super) async fn of_triggers<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    round: usize,
    until: Timestamp,
    swept: &mut Swept,
) -> Result<bool, Trouble> {
    let mut names = on.ledger.triggers().await?;
    let first = round % names.len().max(1);
    names.rotate_left(first);
    let mut are_more = false;
    for nth in 0..TURNS_MAX {
        let mut left = Vec::new();
        for name in names {
            if on.world.now() >= until {
                return Ok(false);
            }
            let turned = match if nth == 0 { in_vain(on, &name).await } else { Ok(()) } {
                Ok(()) => turn(on, &name, swept).await,
                Err(trouble) => Err(trouble),
            };
            match turned {
                Ok(Turn::Over) => {}
                Ok(Turn::More) => left.push(name),
                Ok(Turn::Permit) => are_more = true,
                Err(trouble) => {
                    warn!(trigger.name = name, %trouble, "The waiting runs of a trigger could not be started");
                    swept.troubled += 1;
                }
            }
        }
        names = left;
    }
    Ok(are_more || !names.is_empty())
}

/// Starts some of the waiting runs of a trigger.
async fn turn<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    trigger: &str,
    swept: &mut Swept,
) -> Result<Turn, Trouble> {
    for _ in 0..STARTS_PER_TURN_MAX {
        match start_next(on, trigger, None).await? {
            Some(Launched::Started(_)) => swept.launched += 1,
            Some(Launched::Ended(_)) => {}
            Some(Launched::Shards(change)) => drop(conclude(on, &change).await?),
            Some(Launched::Waits(run, _)) if run.waits == Some(Wait::Permit) => {
                return Ok(Turn::Permit);
            }
            // It waits for something of its own, and lets others go first.
            Some(Launched::Waits(run, _)) if !run.is_queued() => {}
            _ => return Ok(Turn::Over),
        }
    }
    Ok(Turn::More)
}

/// Ends the ticks of a trigger that wait for nothing: those that can no longer start in time, and
/// those that are skipped for another while the trigger is paused.
async fn in_vain<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    trigger: &str,
) -> Result<(), Trouble> {
    let Some(trigger) = on.triggers.get(on.ledger, on.world, trigger).await? else { return Ok(()) };
    let name = &trigger.settings.name;
    let within = trigger.settings.schedule.as_ref().and_then(|schedule| schedule.start_within);
    let skips = trigger.skips() && trigger.paused_at.is_some();
    if within.is_none() && !skips {
        return Ok(());
    }
    let mut other = if skips { on.ledger.slot_holder(name, SLOT).await? } else { None };
    for id in on.ledger.queued(name, WAITING_SEEN_MAX).await? {
        let Some(run) = on.ledger.run(&id).await?.filter(Run::is_queued) else { continue };
        if let Some(within) = within.filter(|within| run.is_missed(*within, on.world.now())) {
            taken(on, run, &Step::Miss { within }).await?;
            continue;
        }
        match &other {
            Some(by) if skips && *by != run.id && run.is_unbegun_tick() => {
                taken(on, run, &Step::Skip { by: by.clone() }).await?;
            }
            Some(_) => {}
            None => other = Some(run.id),
        }
    }
    Ok(())
}
