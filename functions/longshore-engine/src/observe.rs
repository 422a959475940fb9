//! task state change ─▶ classify ─▶ settle, once; and the failed tell so

use longshore::run::{
    LaunchId, Refused, Run, RunId, State, Step, TaskChange, TaskStatus, UnreadableChange, classify,
};
use tracing::{info, warn};

use crate::{
    Trouble,
    advance::{Advanced, advance},
    outbox,
    ports::{Clock, Ledger, Queue, Rng},
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

/// Brings one message of the outcomes queue to its run; safe to repeat.
pub async fn on_change(
    ledger: &impl Ledger,
    dead_letters: &impl Queue,
    failed: &impl Queue,
    world: &(impl Clock + Rng),
    body: &str,
) -> Result<Observed, Trouble> {
    match TaskChange::parse(body) {
        Ok(change) => apply(ledger, failed, world, &change).await,
        Err(unreadable) => {
            warn!(reason = %unreadable, "Dead-lettered an event");
            dead_letters.send(body, &UnreadableChange::to_string(&unreadable)).await?;
            Ok(Observed::DeadLettered)
        }
    }
}

/// Brings what is known of a task to its run.
pub(crate) async fn apply(
    ledger: &impl Ledger,
    failed: &impl Queue,
    world: &(impl Clock + Rng),
    change: &TaskChange,
) -> Result<Observed, Trouble> {
    let Ok(launch) = change.started_by.parse::<LaunchId>() else { return Ok(Observed::Foreign) };
    let Some(run) = ledger.run(&launch.run).await? else { return Ok(Observed::Foreign) };
    let Some(step) = step(&run, launch, change) else {
        warn!(run.id = %run.id, task.arn = %change.task, "Ignored a task that claims a run it was not started for");
        return Ok(Observed::Foreign);
    };
    let Some(step) = step else { return Ok(Observed::Ignored(run.id, Refused::Duplicate)) };
    match advance(ledger, world, run, &step).await? {
        Advanced::Done(written) => {
            let run = written.run;
            let reason = run.outcome.as_ref().map(|outcome| outcome.reason.as_str());
            info!(run.id = %run.id, run.state = run.state.word(), reason, "Run changed");
            outbox::deliver(ledger, failed, world, run.clone()).await?;
            Ok(Observed::Changed(run.id, run.state))
        }
        Advanced::Refused(refused, run) => {
            let id = run.id.clone();
            outbox::deliver(ledger, failed, world, *run).await?;
            Ok(Observed::Ignored(id, refused))
        }
    }
}

/// The step that the change is: none at all for a task that the run never launched, and no step
/// for a status that does not matter.
#[expect(
    clippy::option_option,
    reason = "not ours, and ours without a step, are different answers"
)]
fn step(run: &Run, id: LaunchId, change: &TaskChange) -> Option<Option<Step>> {
    let target = run.target.as_ref()?;
    if target.cluster != change.cluster || target.definition != change.definition {
        return None;
    }
    let (task, version) = (change.task.clone(), change.version);
    Some(match change.status {
        TaskStatus::Running => Some(Step::Progress { id, task, version }),
        TaskStatus::Stopped => {
            let outcome = classify(change, &target.container, run.result.as_ref());
            Some(Step::Settle { id, task, version, outcome })
        }
        TaskStatus::Other => None,
    })
}

#[cfg(test)]
mod tests;
