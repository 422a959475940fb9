//! tick ─▶ another is at work ─▶ skipped, or in its place, or after it

use longshore::{
    run::{Refused, Run, RunId, Step, Stopping, Wait},
    trigger::{Overlap, Registered},
};
use tracing::warn;

use crate::{
    Trouble,
    advance::{Advanced, advance_or_fail},
    drive::oldest,
    launch::{Launched, taken, waits},
    ports::{Ecs, Ledger, Ports, World},
    shards,
};

/// The only slot of a trigger whose ticks must not overlap.
pub(crate) const SLOT: u32 = 0;
/// Waiting ticks that one tick replaces; there are as many only if the trigger was paused.
const REPLACED_MAX: usize = 32;

/// What becomes of a run for which there is no room.
pub(crate) enum NoRoom {
    /// It ends, or waits.
    Said(Launched),
    /// There may be room for it now.
    TryAgain(Box<Run>),
}

/// Has a run that found no room wait, unless it is a tick whose trigger says otherwise.
pub(crate) async fn no_room<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    run: Run,
    trigger: &Registered,
) -> Result<NoRoom, Trouble> {
    let overlap = trigger.settings.schedule.as_ref().map(|schedule| schedule.overlap);
    let overlap = overlap.filter(|_| run.is_unbegun_tick());
    let holder = match overlap {
        Some(Overlap::Skip | Overlap::Replace) => on.ledger.slot_holder(&run.trigger, SLOT).await?,
        _ => None,
    };
    Ok(match (overlap, holder.filter(|holder| *holder != run.id)) {
        (Some(Overlap::Skip), Some(by)) => NoRoom::Said(taken(on, run, &Step::Skip { by }).await?),
        (Some(Overlap::Replace), Some(holder)) => replace(on, run, &holder).await?,
        _ => NoRoom::Said(waits(on, run, Wait::Slot).await?),
    })
}

/// Has a run wait for its trigger to be resumed, unless it is a tick that is skipped for another:
/// when the pause ends, only one starts.
pub(crate) async fn paused<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    run: Run,
    trigger: &Registered,
) -> Result<Launched, Trouble> {
    if trigger.skips() && run.is_unbegun_tick() {
        let holder = on.ledger.slot_holder(&run.trigger, SLOT).await?;
        let other = match holder {
            None => oldest(on, &run.trigger, Some(&run)).await?.map(|oldest| oldest.id),
            holder => holder,
        };
        if let Some(by) = other.filter(|other| *other != run.id) {
            return taken(on, run, &Step::Skip { by }).await;
        }
    }
    waits(on, run, Wait::Paused).await
}

/// Has the task of the `holder` stopped, if that is about an earlier tick.
async fn replace<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    run: Run,
    holder: &RunId,
) -> Result<NoRoom, Trouble> {
    replace_waiting(on, &run).await?;
    let Some(holder) = on.ledger.run(holder).await? else {
        return Ok(NoRoom::TryAgain(Box::new(run)));
    };
    if is_earlier(&run, &holder) {
        let why = Stopping::Replace { by: holder.id };
        return taken(on, run, &Step::Stop { why }).await.map(NoRoom::Said);
    }
    let by = run.id.clone();
    let step = Step::Stop { why: Stopping::Replace { by } };
    match advance_or_fail(on, holder, &step).await? {
        Advanced::Done(change) if change.run.state.is_terminal() => {
            return Ok(NoRoom::TryAgain(Box::new(run)));
        }
        Advanced::Refused(Refused::Ended, _) => return Ok(NoRoom::TryAgain(Box::new(run))),
        Advanced::Done(change) if change.run.shards.is_some() => {
            shards::stop(on, &change.run).await?;
        }
        Advanced::Done(change) => stop(on, &change.run).await,
        Advanced::Refused(..) | Advanced::Barred(..) => {}
    }
    waits(on, run, Wait::Slot).await.map(NoRoom::Said)
}

/// Ends the earlier ticks that wait as well.
async fn replace_waiting<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    run: &Run,
) -> Result<(), Trouble> {
    for id in on.ledger.queued(&run.trigger, REPLACED_MAX).await? {
        let Some(other) = on.ledger.run(&id).await? else { continue };
        if other.is_unbegun_tick() && is_earlier(&other, run) {
            let why = Stopping::Replace { by: run.id.clone() };
            advance_or_fail(on, other, &Step::Stop { why }).await?;
        }
    }
    Ok(())
}

/// Now, if that works: the sweep sees to it anyway. The worker of a pool has other work too, and stops
/// that of the run itself.
pub(crate) async fn stop<L: Ledger, E: Ecs, W: World>(on: &Ports<'_, L, E, W>, run: &Run) {
    if run.pool().is_some() {
        return;
    }
    let (Some(task), Some(target), Some(why)) = (run.task(), &run.target, &run.stopping) else {
        return;
    };
    if let Err(error) = on.ecs.stop(&target.cluster, task, &format!("longshore: {why}")).await {
        warn!(run.id = %run.id, %error, "The task could not be stopped yet");
    }
}

/// Whether `run` is about an earlier tick than `other`.
fn is_earlier(run: &Run, other: &Run) -> bool {
    let ticks = run.input.tick().zip(other.input.tick());
    ticks.is_some_and(|(one, other)| one.scheduled_at < other.scheduled_at)
}

#[cfg(test)]
mod tests;
