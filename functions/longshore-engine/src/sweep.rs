//! every minute: due runs ─▶ launch, ask ECS, stop what is overdue, send what is owed; triggers ─▶
//! start who waits for room
//!
//! Events make things quick; the sweep makes them certain, even if every event is lost.

mod starts;
mod unheard;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use longshore::run::{Class, Outcome, Run, RunId, State, Step, Wait, outcome_of};
use tracing::warn;

use crate::{
    Trouble,
    advance::{Advanced, advance, advance_or_fail},
    drive::{Driven, drive},
    observe::{Applied, apply, settled},
    outbox, pool,
    ports::{Ecs, Ledger, Outlet, Pause, Ports, World},
    shards,
};

/// Runs of one shard looked at per round; the oldest come first.
const RUNS_PER_SHARD_MAX: usize = 8;
/// From one round to the next: launch permits are for a second.
const ROUND: Duration = Duration::from_secs(1);
/// How long a run is due before one that cannot be looked at makes way for younger ones: a sweep
/// that came in time has failed before.
const MAKES_WAY: SignedDuration = SignedDuration::from_secs(60);

/// What one sweep looks at.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// Shards of due runs, of 256. Whoever sweeps shard 0 looks at the triggers too.
    pub shards: std::ops::RangeInclusive<u8>,
    /// When it leaves the rest to the next one.
    pub until: Timestamp,
}

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Due runs looked at.
    pub seen: u32,
    /// Runs that could not be looked at; they stay due.
    pub troubled: u32,
    /// Tasks that were launched.
    pub launched: u32,
}

impl Swept {
    /// Adds what another sweep did.
    pub fn add(&mut self, other: Self) {
        self.seen += other.seen;
        self.troubled += other.troubled;
        self.launched += other.launched;
    }
}

/// Looks at every due run; one that cannot be looked at does not keep the others waiting. As long
/// as there is more to do, it goes on, round after round.
pub async fn sweep<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    outlet: &impl Outlet,
    pause: &impl Pause,
    sweep: &Sweep,
) -> Result<Swept, Trouble> {
    let mut swept = Swept::default();
    let mut shards: Vec<u8> = sweep.shards.clone().collect();
    let mut triggers_wait = shards.contains(&0);
    if triggers_wait {
        unheard::of_triggers(on, outlet, sweep.until, &mut swept).await?;
    }
    // Whatever ends a sweep early ends it elsewhere each time.
    let offset = usize::try_from(on.world.draw() % 256).unwrap_or_default();
    let length = shards.len().max(1);
    shards.rotate_left(offset % length);
    for round in offset.. {
        if triggers_wait {
            triggers_wait = starts::of_triggers(on, round, sweep.until, &mut swept).await?;
        }
        let mut waiting = Vec::new();
        for &shard in &shards {
            if on.world.now() >= sweep.until {
                return Ok(swept);
            }
            if due_of(on, outlet, shard, &mut swept).await? {
                waiting.push(shard);
            }
        }
        if triggers_wait {
            // Their runs may wait for permits in any shard.
        } else if waiting.is_empty() {
            return Ok(swept);
        } else {
            shards = waiting;
        }
        pause.sleep(ROUND).await;
    }
    Ok(swept)
}

/// Looks at the due runs of a shard; whether there may be more to do within this sweep.
async fn due_of<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    outlet: &impl Outlet,
    shard: u8,
    swept: &mut Swept,
) -> Result<bool, Trouble> {
    let due = on.ledger.due(shard, on.world.now(), RUNS_PER_SHARD_MAX).await?;
    let mut waits = due.len() == RUNS_PER_SHARD_MAX;
    for id in due {
        swept.seen += 1;
        match look(on, outlet, &id).await {
            Ok(Some(Driven::Launched(_))) => swept.launched += 1,
            Ok(Some(Driven::Waits(run, _))) => {
                waits |= run.waits == Some(Wait::Permit) || run.state == State::Launching;
            }
            Ok(_) => {}
            Err(trouble) => {
                warn!(run.id = %id, %trouble, "A due run could not be looked at");
                swept.troubled += 1;
                match make_way(on, &id).await {
                    // The ledger may be away altogether: then everything stays as it is.
                    Err(Trouble::Ledger(_)) if matches!(trouble, Trouble::Ledger(_)) => {}
                    made => made?,
                }
            }
        }
    }
    Ok(waits)
}

async fn make_way<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    id: &RunId,
) -> Result<(), Trouble> {
    let is_old = |due: Timestamp| on.world.now().duration_since(due) >= MAKES_WAY;
    match on.ledger.run(id).await? {
        Some(run) if run.due.is_some_and(is_old) => {
            advance(on.ledger, on.world, run, &Step::LookAgain).await.map(drop)
        }
        _ => Ok(()),
    }
}

async fn look<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    outlet: &impl Outlet,
    id: &RunId,
) -> Result<Option<Driven>, Trouble> {
    let Some(run) = on.ledger.run(id).await? else { return Ok(None) };
    match run.state {
        _ if run.state.is_terminal() => {
            outbox::deliver_left(on.ledger, outlet, on.world, run).await?;
            Ok(None)
        }
        State::Running if run.shards.is_some() => {
            shards::look(on, outlet, run).await?;
            Ok(None)
        }
        State::Launched | State::Running => {
            ask(on, outlet, run).await?;
            Ok(None)
        }
        _ => drive(on, run).await.map(Some),
    }
}

/// Asks ECS about the task of a run, and stops it when its time is over. Of a pool's worker only the
/// work is stopped, by the worker itself.
pub(crate) async fn ask<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    outlet: &impl Outlet,
    run: Run,
) -> Result<(), Trouble> {
    if run.lies_in_pool() {
        return pool::look(on, outlet, run).await;
    }
    let (Some(task), Some(target)) = (run.task().map(str::to_owned), run.target.clone()) else {
        return Ok(());
    };
    let asked_at = on.world.now();
    let run = match on.ecs.describe(&target.cluster, &task).await? {
        Some(change) if target.queue.is_some() => match pool::gone(&change) {
            Some(why) => give_up(on, outlet, run, why).await?,
            None => run,
        },
        Some(change) => match apply(on, &change).await? {
            Applied::Done(change) => {
                settled(on, outlet, &change).await?;
                change.run
            }
            Applied::Refused(_, run) => *run,
            Applied::Foreign => run,
        },
        // Another attempt would meet the task that ECS does not tell of yet.
        None if run.may_be_unseen(asked_at) => run,
        // ECS forgets a task an hour after it stopped.
        None => give_up(on, outlet, run, format!("ECS no longer knows {task}")).await?,
    };
    if !matches!(run.state, State::Launched | State::Running) {
        return Ok(());
    }
    let run = match run.overdue(on.world.now()) {
        None => run,
        Some(why) => match advance(on.ledger, on.world, run, &Step::Stop { why }).await? {
            Advanced::Done(change) => change.run,
            Advanced::Refused(_, run) | Advanced::Barred(_, run) => *run,
        },
    };
    if let Some(why) = run.stopping.as_ref().filter(|_| target.queue.is_none()) {
        on.ecs.stop(&target.cluster, &task, &format!("longshore: {why}")).await?;
    }
    // Refused if the run has just ended.
    advance(on.ledger, on.world, run, &Step::LookAgain).await.map(drop)
}

/// Settles a run whose task is gone: what its work reported is all that is known.
async fn give_up<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    outlet: &impl Outlet,
    run: Run,
    why: String,
) -> Result<Run, Trouble> {
    let outcome = match &run.result {
        Some(result) => outcome_of(result),
        None => Outcome::new(Class::Infrastructure, format!("{why}, and it reported no result")),
    };
    let task = run.task().unwrap_or_default().to_owned();
    let version = run.task_version.unwrap_or_default();
    let (id, jitter) = (run.launch_id(), on.world.draw());
    let step = Step::Settle { id, task, version, outcome, memory: None, jitter };
    Ok(match advance_or_fail(on, run, &step).await? {
        Advanced::Done(change) => {
            settled(on, outlet, &change).await?;
            change.run
        }
        Advanced::Refused(_, run) | Advanced::Barred(_, run) => *run,
    })
}

#[cfg(test)]
mod tests;
