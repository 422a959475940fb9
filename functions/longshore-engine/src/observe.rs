//! task state change ─▶ classify ─▶ settle, once; then whoever the run kept waiting goes on

use longshore::{
    pool::Notice,
    run::{
        Change, LaunchId, Refused, Run, RunId, State, Step, TaskChange, TaskStatus, classify,
        raised_memory,
    },
};
use tracing::{info, warn};

use crate::{
    Trouble,
    advance::{Advanced, advance_or_fail},
    drive::{Driven, conclude, drive},
    outbox, pool,
    ports::{Ecs, Ledger, Outlet, Ports, Queue, World},
};

/// What became of an event; all of these acknowledge it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observed {
    /// The run changed to this state.
    Changed(RunId, State),
    /// The run knew already, or the event is about another task than the run's.
    Ignored(RunId, Refused),
    /// The task is not ours.
    Foreign,
    /// It is no task event, and is in the dead-letter queue.
    DeadLettered,
}

/// Brings one message of the outcomes queue, ECS's or that of a pool's worker, to its run; safe to repeat. A message whose run waits
/// a little for its next attempt comes back in time to start it.
pub async fn on_change<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    outlet: &impl Outlet,
    dead_letters: &impl Queue,
    body: &str,
) -> Result<Observed, Trouble> {
    let applied = match (TaskChange::parse(body), Notice::parse(body)) {
        (Ok(change), _) => apply(on, &change).await?,
        (_, Some(notice)) => pool::apply(on, outlet, &notice).await?,
        (Err(unreadable), None) => {
            warn!(reason = %unreadable, "Dead-lettered an event");
            dead_letters.send(body, &unreadable.to_string()).await?;
            return Ok(Observed::DeadLettered);
        }
    };
    match applied {
        Applied::Foreign => Ok(Observed::Foreign),
        Applied::Done(change) => {
            settled(on, outlet, &change).await?;
            let run = change.run;
            comes_back_for(on, &run)?;
            Ok(Observed::Changed(run.id, run.state))
        }
        Applied::Refused(refused, run) => {
            let id = run.id.clone();
            outbox::deliver_left(on.ledger, outlet, on.world, (*run).clone()).await?;
            if let Driven::Waits(run, Some(secs)) = drive(on, *run).await?
                && secs <= Trouble::TIMER_SECS_MAX
            {
                return Err(Trouble::waits(&run, secs));
            }
            Ok(Observed::Ignored(id, refused))
        }
    }
}

/// What became of what is known of a task.
#[derive(Debug)]
pub(crate) enum Applied {
    /// It changed the run.
    Done(Box<Change>),
    /// The run knew already, or has gone on.
    Refused(Refused, Box<Run>),
    /// It is about no run of ours.
    Foreign,
}

/// Brings what is known of a task to its run.
pub(crate) async fn apply<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    change: &TaskChange,
) -> Result<Applied, Trouble> {
    let Ok(launch) = change.started_by.parse::<LaunchId>() else { return Ok(Applied::Foreign) };
    let Some(run) = on.ledger.run(&launch.run).await? else { return Ok(Applied::Foreign) };
    let Some(step) = step(&run, launch, change, on.world.draw()) else {
        warn!(run.id = %run.id, task.arn = %change.task, "Ignored a task that claims a run it was not started for");
        return Ok(Applied::Foreign);
    };
    let Some(step) = step else { return Ok(Applied::Refused(Refused::Duplicate, Box::new(run))) };
    take(on, run, &step).await
}

/// Takes a step by which the run may end, and says what became of it.
pub(crate) async fn take<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    run: Run,
    step: &Step,
) -> Result<Applied, Trouble> {
    match advance_or_fail(on, run, step).await? {
        Advanced::Done(written) => {
            let run = &written.run;
            let last = run.history.last().map(|entry| entry.note.as_str());
            info!(run.id = %run.id, run.state = run.state.word(), note = last, "Run changed");
            Ok(Applied::Done(written))
        }
        Advanced::Refused(refused, run) => Ok(Applied::Refused(refused, run)),
        Advanced::Barred(_, run) => Ok(Applied::Refused(Refused::Stale, run)),
    }
}

/// What follows from a change of a run: its messages are sent, and those whom it kept waiting go
/// on.
pub(crate) async fn settled<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    outlet: &impl Outlet,
    change: &Change,
) -> Result<(), Trouble> {
    outbox::deliver(on.ledger, outlet, on.world, change.run.clone()).await?;
    for tick in conclude(on, change).await? {
        outbox::deliver(on.ledger, outlet, on.world, tick).await?;
    }
    Ok(())
}

fn comes_back_for<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    run: &Run,
) -> Result<(), Trouble> {
    let Some(due) = run.due.filter(|_| run.state == State::Backoff) else { return Ok(()) };
    let secs = due.duration_since(on.world.now()).as_secs().max(1);
    match u32::try_from(secs) {
        Ok(secs) if secs <= Trouble::TIMER_SECS_MAX => Err(Trouble::waits(run, secs)),
        _ => Ok(()),
    }
}

/// The step that the change is: none at all for a task that the run never launched, and no step
/// for a status that does not matter.
#[expect(
    clippy::option_option,
    reason = "not ours, and ours without a step, are different answers"
)]
fn step(run: &Run, id: LaunchId, change: &TaskChange, jitter: u64) -> Option<Option<Step>> {
    let target = run.target.as_ref()?;
    // No task of its own does the work of a run of a pool.
    if target.queue.is_some()
        || target.cluster != change.cluster
        || target.definition != change.definition
    {
        return None;
    }
    let (task, version) = (change.task.clone(), change.version);
    Some(match change.status {
        TaskStatus::Running => Some(Step::Progress { id, task, version }),
        TaskStatus::Stopped => {
            let rules = &target.retry.rules;
            let outcome = classify(change, &target.container, run.result.as_ref(), rules);
            let memory = raised_memory(change);
            Some(Step::Settle { id, task, version, outcome, memory, jitter })
        }
        TaskStatus::Other => None,
    })
}

#[cfg(test)]
mod tests;
