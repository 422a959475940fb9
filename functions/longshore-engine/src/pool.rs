//! Runs of a pool: what lies in its queue is looked after, and what its workers tell is believed.
//!
//! ```text
//! launch ─▶ queue ─▶ worker: fence ─▶ work ─▶ report ─▶ notice ─▶ observer: settle
//!             ▲ sweep: is it still there?   └ sweep: is it still there?
//! ```

mod hands;
mod work;

use jiff::SignedDuration;
use longshore::{
    pool::Notice,
    run::{Refused, Run, State, Step, TaskChange, TaskStatus},
};
use tracing::{info, warn};

pub use hands::Hands;
pub use work::{Crew, Did, work_off_run};

use crate::{
    Trouble,
    advance::{Advanced, advance_or_fail},
    observe::{Applied, settled, take},
    ports::{Ecs, LaunchTrouble, Ledger, LedgerError, Outlet, Ports, World},
    sweep,
};

/// How long a launch lies in a queue that has messages before it is sent once more: so it is not
/// lost with the message, and a backlog of days is at most a few times as long.
const AGAIN: SignedDuration = SignedDuration::from_hours(12);

/// Looks after a run that no worker has taken yet: sends it once more if its message is gone.
pub(crate) async fn look<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    outlet: &impl Outlet,
    run: Run,
) -> Result<(), Trouble> {
    let id = run.launch_id();
    let Some(launch) = on.ledger.launch(&id).await? else {
        return Err(LedgerError(format!("launch `{id}` lies in a pool and is not there")).into());
    };
    let Some(pool) = &launch.pool else { return Ok(()) };
    let step = if let Some(why) = run.stopping.clone() {
        Step::Stop { why }
    } else if !is_gone(on, &run, &pool.queue).await? {
        Step::LookAgain
    } else {
        match on.ecs.enqueue(&launch, pool).await {
            Ok(()) => Step::Enqueued { id },
            Err(LaunchTrouble::Refused(refusal)) => {
                Step::Refuse { id, claimed_ver: run.ver, refusal, jitter: on.world.draw() }
            }
            Err(trouble) => {
                warn!(run.id = %run.id, %trouble, "A launch could not be sent once more");
                Step::LookAgain
            }
        }
    };
    if let Advanced::Done(change) = advance_or_fail(on, run, &step).await?
        && change.run.state.is_terminal()
    {
        settled(on, outlet, &change).await?;
    }
    Ok(())
}

/// Whether the message of a run may be gone from its queue.
async fn is_gone<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    run: &Run,
    queue: &str,
) -> Result<bool, Trouble> {
    let now = on.world.now();
    if run.since.is_some_and(|since| now.duration_since(since) >= AGAIN) {
        return Ok(true);
    }
    Ok(on.ecs.is_empty(queue).await?)
}

/// Why a worker can do no work any more, by what ECS says of its task.
pub(crate) fn gone(task: &TaskChange) -> Option<String> {
    let reason = task.stopped_reason.as_deref().unwrap_or("ECS gives no reason");
    let stopped = || format!("its worker {} stopped ({reason})", task.task);
    (task.status == TaskStatus::Stopped).then(stopped)
}

/// Brings what a worker tells to its run.
pub(crate) async fn apply<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    outlet: &impl Outlet,
    notice: &Notice,
) -> Result<Applied, Trouble> {
    let Some(id) = notice.launch() else { return Ok(Applied::Foreign) };
    let run = on.ledger.run(&id.run).await?.filter(|run| run.pool().is_some());
    let Some(run) = run else { return Ok(Applied::Foreign) };
    match notice {
        Notice::Ended { task, end, .. } => {
            let outcome = end.outcome(&run, task);
            let (task, jitter) = (task.clone(), on.world.draw());
            let step = Step::Settle { id, task, version: 0, outcome, memory: None, jitter };
            take(on, run, &step).await
        }
        Notice::Doubted { task, .. } => {
            let is_held = run.launch_id() == id && run.executor.as_ref() == Some(task);
            if is_held && run.state == State::Running {
                info!(run.id = %run.id, task.arn = task, "Its message came to another worker");
                sweep::ask(on, outlet, run.clone()).await?;
            }
            Ok(Applied::Refused(Refused::Duplicate, Box::new(run)))
        }
    }
}

#[cfg(test)]
mod tests;
