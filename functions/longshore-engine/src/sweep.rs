//! every minute: due runs ─▶ what ECS says of their tasks ─▶ settle, or look again later
//!
//! Events make things quick; the sweep makes them certain, even if every event is lost.

use longshore::run::{Class, Outcome, Run, State, Step};
use tracing::warn;

use crate::{
    Trouble,
    advance::advance,
    observe::apply,
    outbox,
    ports::{Clock, Ecs, Ledger, Queue, Rng},
};

/// Shards over which due runs are spread.
const SHARDS: u16 = 256;
/// Runs of one shard looked at per sweep; the oldest come first, the rest a minute later.
const RUNS_PER_SHARD_MAX: usize = 8;

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Due runs looked at.
    pub seen: u32,
    /// Runs that could not be looked at; they stay due.
    pub troubled: u32,
}

/// Looks at every due run; one that cannot be looked at does not keep the others waiting.
pub async fn sweep(
    ledger: &impl Ledger,
    ecs: &impl Ecs,
    failed: &impl Queue,
    world: &(impl Clock + Rng),
) -> Result<Swept, Trouble> {
    let mut swept = Swept::default();
    for shard in 0..SHARDS {
        let shard = u8::try_from(shard).unwrap_or_default();
        for id in ledger.due(shard, world.now(), RUNS_PER_SHARD_MAX).await? {
            let Some(run) = ledger.run(&id).await? else { continue };
            swept.seen += 1;
            if let Err(trouble) = look(ledger, ecs, failed, world, run).await {
                warn!(run.id = %id, %trouble, "A due run could not be looked at");
                swept.troubled += 1;
            }
        }
    }
    Ok(swept)
}

async fn look(
    ledger: &impl Ledger,
    ecs: &impl Ecs,
    failed: &impl Queue,
    world: &(impl Clock + Rng),
    run: Run,
) -> Result<(), Trouble> {
    if run.state.is_terminal() {
        return outbox::deliver(ledger, failed, world, run).await;
    }
    let (State::Launched | State::Running, Some(task), Some(target)) =
        (run.state, run.task().map(str::to_owned), run.target.clone())
    else {
        return Ok(());
    };
    match ecs.describe(&target.cluster, &task).await? {
        Some(change) => {
            apply(ledger, failed, world, &change).await?;
        }
        None => forget(ledger, failed, world, &run, task).await?,
    }
    // Refused if the run has just ended.
    if let Some(run) = ledger.run(&run.id).await? {
        advance(ledger, world, run, &Step::LookAgain).await?;
    }
    Ok(())
}

/// ECS forgets a task an hour after it stopped: what its worker reported is all that is known.
async fn forget(
    ledger: &impl Ledger,
    failed: &impl Queue,
    world: &(impl Clock + Rng),
    run: &Run,
    task: String,
) -> Result<(), Trouble> {
    let outcome = match &run.result {
        Some(result) => longshore::run::outcome_of(result),
        None => Outcome {
            class: Class::Infrastructure,
            reason: format!("ECS no longer knows {task}, and it reported no result"),
            exit_code: None,
            stop_code: None,
        },
    };
    let version = run.task_version.unwrap_or_default();
    let step = Step::Settle { id: run.launch_id(), task, version, outcome };
    if let crate::Advanced::Done(change) = advance(ledger, world, run.clone(), &step).await? {
        outbox::deliver(ledger, failed, world, change.run).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
