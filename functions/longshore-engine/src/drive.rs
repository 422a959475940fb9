//! Drives a run as far as it goes now, and then those that its end sets free.

use jiff::Timestamp;
use longshore::{
    run::{Also, Change, Run, RunId, State, Wait},
    trigger::Registered,
};
use tracing::warn;

use crate::{
    Trouble,
    form::form,
    launch::{Launched, launch, secs_until, waits},
    overlap::{NoRoom, no_room, paused},
    ports::{Ecs, Ledger, Ports, World},
    shards::{self, gathered},
};

/// Runs that one change may set free in a row, the shards of a tick among them; the sweep finds the
/// rest.
const FREED_MAX: usize = 80;
/// Waiting runs that are looked at for the oldest, since the index of them lags.
const QUEUED_SEEN_MAX: usize = 8;
/// Runs that are started before one that has just come.
const STARTS_MAX: usize = 8;
/// Times that somebody else may take the slot that was free.
const SLOT_TRIES_MAX: usize = 4;

/// How far a run went.
#[derive(Clone, Debug, PartialEq)]
pub enum Driven {
    /// Its task was launched.
    Launched(RunId),
    /// It ended.
    Ended(Box<Run>),
    /// It waits; for so many seconds if nobody else will go on with it sooner.
    Waits(Box<Run>, Option<u32>),
    /// There is nothing to do.
    Idle(Box<Run>),
}

/// Drives `run`, and whoever is set free by it.
pub(crate) async fn drive<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    run: Run,
) -> Result<Driven, Trouble> {
    let launched = go(on, run).await?;
    if let Launched::Ended(change) | Launched::Shards(change) = &launched {
        conclude(on, change).await?;
    }
    Ok(match launched {
        Launched::Shards(change) => Driven::Launched(change.run.id),
        Launched::Started(id) => Driven::Launched(id),
        Launched::Ended(change) => Driven::Ended(Box::new(change.run)),
        Launched::Waits(run, secs) => Driven::Waits(run, secs),
        Launched::Idle(run) | Launched::NoSlot(run) => Driven::Idle(run),
    })
}

/// Lets those go on whom `change` set free; the ticks that have ended by it with their last shard,
/// and still owe their messages.
pub(crate) async fn conclude<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    change: &Change,
) -> Result<Vec<Run>, Trouble> {
    let mut ticks = Vec::new();
    let mut freed = follows(on, change, &mut ticks).await?;
    for _ in 0..FREED_MAX {
        let launched = match freed.pop() {
            None => break,
            Some(Also::FreeSlot(slot)) => start_next(on, &slot.trigger, None).await?,
            Some(Also::FreeObject(hold)) => {
                let newest = on.ledger.newest(&hold.trigger, &hold.object).await?;
                match newest.filter(|newest| *newest != hold.run) {
                    Some(newest) => match on.ledger.run(&newest).await? {
                        Some(run) => Some(go(on, run).await?),
                        None => None,
                    },
                    None => None,
                }
            }
            Some(Also::Part(part)) => Some(go(on, *part).await?),
            Some(_) => None,
        };
        if let Some(Launched::Ended(change) | Launched::Shards(change)) = launched {
            freed.extend(follows(on, &change, &mut ticks).await?);
        }
    }
    Ok(ticks)
}

/// Whom `change` sets free, also by the end of a tick that follows from it.
async fn follows<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    change: &Change,
    ticks: &mut Vec<Run>,
) -> Result<Vec<Also>, Trouble> {
    let mut freed = change.also.clone();
    freed.extend(shards::again(on, &change.run).await?);
    if let Some(end) = gathered(on, &change.run).await? {
        freed.extend(end.also);
        ticks.push(end.run);
    }
    Ok(freed)
}

/// One run, as far as it goes.
async fn go<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    run: Run,
) -> Result<Launched, Trouble> {
    let run = match run.state {
        State::Forming => match form(on, run).await? {
            Ok(run) => run,
            Err(launched) => return Ok(launched),
        },
        State::Admitted | State::Backoff | State::Launching => run,
        _ => return Ok(Launched::Idle(Box::new(run))),
    };
    let Some(trigger) = on.triggers.get(on.ledger, on.world, &run.trigger).await? else {
        warn!(run.id = %run.id, trigger.name = run.trigger, "The ledger does not know the trigger: its next event brings the settings");
        // Refused while a launch is under way.
        return waits(on, run, Wait::Paused).await;
    };
    if let Some(Wait::Until(begins)) = run.waits
        && on.world.now() < begins
    {
        let secs = secs_until(begins, on.world.now());
        return Ok(Launched::Waits(Box::new(run), Some(secs)));
    }
    // A launch under way has its slot, and a pause comes too late for it.
    if run.state == State::Launching {
        return launch(on, run, &trigger, None).await;
    }
    // Of a tick that has begun all shards go on.
    if trigger.paused_at.is_some() && !run.is_shard() {
        return paused(on, run, &trigger).await;
    }
    let run = match shards::begun(on, run).await? {
        Ok(run) => run,
        Err(launched) => return Ok(launched),
    };
    if run.slots(&trigger.settings).is_none() {
        return launch(on, run, &trigger, None).await;
    }
    let mut run = run;
    for _ in 0..SLOT_TRIES_MAX {
        if let Some(launched) = start(on, &trigger, &run).await? {
            return Ok(launched);
        }
        run = match no_room(on, run, &trigger).await? {
            NoRoom::Said(launched) => return Ok(launched),
            NoRoom::TryAgain(run) => *run,
        };
    }
    waits(on, run, Wait::Slot).await
}

/// Starts those who have waited longer, and the run itself if there is room for it then.
async fn start<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    trigger: &Registered,
    run: &Run,
) -> Result<Option<Launched>, Trouble> {
    for _ in 0..STARTS_MAX {
        match next(on, trigger, Some(run.clone())).await? {
            // Others have waited longer, and there may be room for this one still.
            Some(Launched::Started(other)) if other != run.id => {}
            Some(Launched::Ended(change) | Launched::Shards(change)) if change.run.id != run.id => {
            }
            Some(Launched::Waits(other, _) | Launched::Idle(other))
                if other.id != run.id && !other.is_queued() => {}
            Some(launched) if launched.run() == Some(&run.id) => return Ok(Some(launched)),
            _ => break,
        }
    }
    Ok(None)
}

/// Starts the run of `trigger` that has waited longest, if there is room; `me` waits too, and the
/// index may not show it yet.
pub(crate) async fn start_next<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    trigger: &str,
    me: Option<Run>,
) -> Result<Option<Launched>, Trouble> {
    match on.triggers.get(on.ledger, on.world, trigger).await? {
        Some(trigger) if trigger.paused_at.is_none() => next(on, &trigger, me).await,
        _ => Ok(None),
    }
}

async fn next<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    trigger: &Registered,
    me: Option<Run>,
) -> Result<Option<Launched>, Trouble> {
    let settings = &trigger.settings;
    for _ in 0..SLOT_TRIES_MAX {
        let Some(oldest) = oldest(on, &settings.name, me.as_ref()).await? else { return Ok(None) };
        let slot = match oldest.slots(settings) {
            None => None,
            Some(limit) => match on.ledger.free_slot(&settings.name, limit).await? {
                None => return Ok(None),
                free => free,
            },
        };
        match launch(on, oldest, trigger, slot).await? {
            Launched::NoSlot(_) => {}
            launched => return Ok(Some(launched)),
        }
    }
    Ok(None)
}

/// The run that has waited longest: of those that the index shows, and `me`.
pub(crate) async fn oldest<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    trigger: &str,
    me: Option<&Run>,
) -> Result<Option<Run>, Trouble> {
    let age = |run: &Run| -> (Timestamp, RunId) { (run.admitted_at, run.id.clone()) };
    for id in on.ledger.queued(trigger, QUEUED_SEEN_MAX).await? {
        let Some(run) = on.ledger.run(&id).await? else { continue };
        if run.is_queued() && me.is_none_or(|me| me.id == run.id || age(&run) < age(me)) {
            return Ok(Some(run));
        }
        if me.is_some_and(|me| age(me) <= age(&run)) {
            break;
        }
    }
    Ok(me.cloned())
}

#[cfg(test)]
mod tests;
