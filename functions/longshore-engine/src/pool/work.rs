//! message ─▶ launch ─▶ fence ─▶ work ─▶ report ─▶ notice ─▶ delete: a worker of a pool does the work
//! of a run as a task of its own would
//!
//! Whoever has taken the fence works or tells until it dies, for only its death is seen from outside:
//! ECS says when the task of a worker has stopped, and not when the worker has forgotten something.

use jiff::SignedDuration;
use longshore::{
    poll::Ended,
    pool::{Notice, PoolMessage, WorkEnd},
    run::{LaunchId, Run, Step, WorkResult, WorkStatus, Worker},
    trigger::Launch,
};
use tracing::{info, warn};

use super::hands::Hands;
use crate::{
    PATIENCE, TELL, Trouble,
    advance::{Advanced, advance},
    patiently,
    ports::{Ledger, Pause, Queue, World},
    report,
    work::is_held_by,
};

/// As long as the process lives.
const FOR_EVER: SignedDuration = SignedDuration::MAX;

/// A worker of a pool, and what it tells of runs.
#[derive(Debug)]
pub struct Crew<'a, L, N, Q> {
    /// The ledger.
    pub ledger: &'a L,
    /// Time, chance and waiting.
    pub world: &'a N,
    /// The queue of outcomes.
    pub outcomes: &'a Q,
    /// ARN of the worker's task.
    pub task: &'a str,
    /// What it is a task of.
    pub worker: &'a Worker,
    /// What it has in hand.
    pub hands: &'a Hands,
}

/// How far the work on a run came.
#[derive(Clone, Debug, PartialEq)]
pub enum Did {
    /// It ended: what to report, if anything, and its exit code.
    Ended(Option<WorkResult>, i32),
    /// The worker leaves, or met trouble of its own, for this reason; what it reports all the same.
    LetGo(Option<WorkResult>, String),
    /// The fence is lost, or may be.
    Lost,
}

/// Whose the work is.
enum Taken {
    Ours(Box<Run>),
    Theirs(String),
    /// Nobody's any more.
    Over,
}

/// Works off the run that a message names, by `work`, and says what becomes of the message.
pub async fn work_off_run<L, N, Q>(
    on: &Crew<'_, L, N, Q>,
    message: &PoolMessage,
    work: impl AsyncFnOnce(&Launch) -> Did,
) -> Ended
where
    L: Ledger,
    N: World + Pause,
    Q: Queue,
{
    let id = &message.launch;
    // Whoever has it in hand works or tells until it dies, whatever becomes of a second message.
    let Some(held) = on.hands.take(id) else { return Ended::Done };
    let launch = || async { Ok::<_, Trouble>(on.ledger.launch(id).await?) };
    let launch = match patiently(on.world, PATIENCE, launch).await {
        Ok(Some(launch)) => launch,
        // It was forgotten, thirty days after its end.
        Ok(None) => return Ended::Done,
        Err(trouble) => return Ended::TryLater(trouble.to_string()),
    };
    let run = match patiently(on.world, FOR_EVER, || take(on, id)).await {
        Ok(Taken::Ours(run)) => run,
        Ok(Taken::Over) => return Ended::Done,
        Ok(Taken::Theirs(task)) => {
            let doubted = Notice::Doubted { launch: id.to_string(), task };
            return match patiently(on.world, TELL, || tell(on, &doubted)).await {
                Ok(()) => Ended::Done,
                Err(trouble) => Ended::TryLater(trouble.to_string()),
            };
        }
        Err(trouble) => return Ended::TryLater(trouble.to_string()),
    };
    let did = match run.result {
        // It was told before, and its notice may have been lost.
        Some(result) => Did::Ended(None, exit_code(&result)),
        None => work(&launch).await,
    };
    if let Some(end) = reported(on, id, did).await {
        let task = on.task.to_owned();
        let ended = Notice::Ended { launch: id.to_string(), task, end };
        if let Err(trouble) = patiently(on.world, FOR_EVER, || tell(on, &ended)).await {
            return Ended::TryLater(trouble.to_string());
        }
    }
    held.told();
    Ended::Done
}

/// T6, as a worker of a pool takes it: safe to repeat by the same one.
async fn take<L: Ledger, N: World, Q>(
    on: &Crew<'_, L, N, Q>,
    id: &LaunchId,
) -> Result<Taken, Trouble> {
    let Some(run) = on.ledger.run(&id.run).await? else { return Ok(Taken::Over) };
    let worker = Some(on.worker.clone());
    let step = Step::Fence { id: id.clone(), task: on.task.to_owned(), worker };
    let run = match advance(on.ledger, on.world, run, &step).await? {
        Advanced::Done(change) => return Ok(Taken::Ours(Box::new(change.run))),
        Advanced::Refused(_, run) | Advanced::Barred(_, run) => run,
    };
    Ok(match &run.executor {
        Some(task) if is_held_by(&run, id, task) => {
            if task == on.task {
                Taken::Ours(run)
            } else {
                Taken::Theirs(task.clone())
            }
        }
        _ => {
            info!(run.id = %run.id, run.state = run.state.word(), "The work is nobody's any more");
            Taken::Over
        }
    })
}

/// Reports what there is to report, and says how the work ended, if it is still ours.
async fn reported<L: Ledger, N: World + Pause, Q>(
    on: &Crew<'_, L, N, Q>,
    id: &LaunchId,
    did: Did,
) -> Option<WorkEnd> {
    let (result, end) = match did {
        Did::Ended(result, code) => (result, WorkEnd::Exited(code)),
        Did::LetGo(result, reason) => (result, WorkEnd::LetGo(reason)),
        Did::Lost => (None, lost(on, id).await?),
    };
    if let Some(result) = result {
        let report = || report(on.ledger, on.world, &id.run, on.task, result.clone());
        match patiently(on.world, TELL, report).await {
            Ok(true) => {}
            Ok(false) => warn!("The run is no longer this worker's, and nothing was reported"),
            // The exit code tells most of it.
            Err(trouble) => warn!(%trouble, "The result could not be reported"),
        }
    }
    Some(end)
}

/// What it means that the fence was lost.
async fn lost<L: Ledger, N: World + Pause, Q>(
    on: &Crew<'_, L, N, Q>,
    id: &LaunchId,
) -> Option<WorkEnd> {
    let read = || async { Ok::<_, Trouble>(on.ledger.run(&id.run).await?) };
    let run = patiently(on.world, FOR_EVER, read).await.ok()??;
    if !is_held_by(&run, id, on.task) {
        return None;
    }
    Some(match run.stopping {
        Some(_) => WorkEnd::Stopped,
        None => WorkEnd::LetGo("it was not known whether the run was still this worker's".into()),
    })
}

async fn tell<L, N, Q: Queue>(on: &Crew<'_, L, N, Q>, notice: &Notice) -> Result<(), Trouble> {
    Ok(on.outcomes.send(&notice.body(), "work of a pool").await?)
}

/// The exit code that says what was reported.
fn exit_code(result: &WorkResult) -> i32 {
    match result.status {
        WorkStatus::Done => 0,
        WorkStatus::Superseded => 4,
        WorkStatus::Failed => 1,
    }
}
