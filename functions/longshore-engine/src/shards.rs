//! a shard ends ─▶ all of its tick have ended ─▶ the tick ends

use futures_util::future::try_join_all;
use jiff::SignedDuration;
use longshore::run::{Also, Change, Refused, Run, State, Step, Stopping, all_ended};

use crate::{
    Trouble,
    advance::{Advanced, advance, advance_or_fail},
    launch::{Launched, taken},
    observe::settled,
    overlap,
    ports::{Ecs, Ledger, LedgerError, Outlet, Ports, World},
};

/// How long after its shards a tick is redriven, at most: whoever does it may be cut off between.
const REDRIVEN: SignedDuration = SignedDuration::from_mins(15);

/// The shards of a run, as they stand.
async fn shards(ledger: &impl Ledger, run: &Run) -> Result<Vec<Option<Run>>, LedgerError> {
    let ids: Vec<_> = run.shard_ids().collect();
    try_join_all(ids.iter().map(|id| ledger.run(id))).await
}

/// The end of the tick of which `run` was the last shard.
pub(crate) async fn gathered<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    run: &Run,
) -> Result<Option<Change>, Trouble> {
    let tick = match &run.parent {
        Some(tick) if run.is_shard() && run.state.is_terminal() => on.ledger.run(tick).await?,
        // The shards of a tick that is redriven may have ended before it goes on.
        None if run.shards.is_some() && run.attempt > 1 => Some(run.clone()),
        _ => None,
    };
    let Some(tick) = tick.filter(|tick| tick.state == State::Running) else { return Ok(None) };
    let Some(outcome) = all_ended(&shards(on.ledger, &tick).await?) else { return Ok(None) };
    match advance(on.ledger, on.world, tick, &Step::Gather { outcome }).await? {
        Advanced::Done(change) => Ok(Some(*change)),
        Advanced::Refused(..) | Advanced::Barred(..) => Ok(None),
    }
}

/// Looks at a tick that is due: stops its shards if they are to be stopped, and ends it if they all
/// have ended.
pub(crate) async fn look<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    outlet: &impl Outlet,
    run: Run,
) -> Result<(), Trouble> {
    stop(on, &run).await?;
    let Some(outcome) = all_ended(&shards(on.ledger, &run).await?) else {
        return advance(on.ledger, on.world, run, &Step::LookAgain).await.map(drop);
    };
    match advance(on.ledger, on.world, run, &Step::Gather { outcome }).await? {
        Advanced::Done(change) => settled(on, outlet, &change).await,
        Advanced::Refused(..) | Advanced::Barred(..) => Ok(()),
    }
}

/// The shards that begin again with a redriven tick, which has got its turn.
pub(crate) async fn again<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    run: &Run,
) -> Result<Vec<Also>, Trouble> {
    if run.shards.is_none() || run.state != State::Running || run.attempt == 1 {
        return Ok(Vec::new());
    }
    let shards = shards(on.ledger, run).await?.into_iter().flatten();
    let waiting = shards.filter(|shard| shard.state == State::Admitted);
    Ok(waiting.map(|shard| Also::Part(Box::new(shard))).collect())
}

/// The shard, unless it waits for its tick, which is redriven and has not got its turn: only that
/// needs room.
pub(crate) async fn begun<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    run: Run,
) -> Result<Result<Run, Launched>, Trouble> {
    let is_redriven = run.is_shard() && run.state == State::Admitted && run.attempt > 1;
    let tick = match run.parent.as_ref().filter(|_| is_redriven) {
        Some(tick) => on.ledger.run(tick).await?,
        None => return Ok(Ok(run)),
    };
    let waited = run.since.map(|since| on.world.now().duration_since(since));
    match tick {
        Some(tick) if tick.state == State::Running => Ok(Ok(run)),
        Some(tick) if !tick.state.is_terminal() || waited < Some(REDRIVEN) => {
            match advance(on.ledger, on.world, run, &Step::LookAgain).await? {
                Advanced::Done(change) => Ok(Err(Launched::Idle(Box::new(change.run)))),
                Advanced::Refused(_, run) | Advanced::Barred(_, run) => {
                    Ok(Err(Launched::Idle(run)))
                }
            }
        }
        _ => {
            let why = Stopping::Cancel { by: "the end of its tick".into() };
            taken(on, run, &Step::Stop { why }).await.map(Err)
        }
    }
}

/// Has the shards of a tick stopped that is being stopped itself.
pub(crate) async fn stop<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    run: &Run,
) -> Result<(), Trouble> {
    let Some(why) = run.stopping.clone() else { return Ok(()) };
    for shard in shards(on.ledger, run).await?.into_iter().flatten() {
        let step = Step::Stop { why: why.clone() };
        if let Advanced::Done(change) = advance_or_fail(on, shard, &step).await? {
            overlap::stop(on, &change.run).await;
        }
    }
    Ok(())
}

/// Another attempt of a run that is not done; of a tick of several shards only of those that are
/// not done.
pub async fn redrive(
    ledger: &impl Ledger,
    world: &impl World,
    run: Run,
    attempt: u32,
) -> Result<Advanced, Trouble> {
    if run.attempt == attempt {
        for shard in shards(ledger, &run).await?.into_iter().flatten() {
            let step = Step::Redrive { attempt: shard.attempt };
            let redriven = advance(ledger, world, shard, &step).await?;
            // It still owes the message of its end.
            if let Advanced::Refused(refused @ Refused::TooEarly(_), _) = redriven {
                return Ok(Advanced::Refused(refused, Box::new(run)));
            }
        }
    }
    advance(ledger, world, run, &Step::Redrive { attempt }).await
}

#[cfg(test)]
mod tests;
