//! T2 to T4: claim ─▶ RunTask ─▶ record, for one run that nothing keeps waiting.

use jiff::{SignedDuration, Timestamp};
use longshore::{
    run::{Also, Change, Refused, Run, RunId, State, Step, Wait, transition},
    trigger::{Launch, ObjectVersion, Registered},
};
use tracing::{info, warn};

use crate::{
    Trouble,
    advance::{Advanced, Barred, advance_or_fail, advance_while},
    form,
    ports::{Claimed, Ecs, LaunchTrouble, Ledger, LedgerError, Ports, World},
};

/// How long the message of a new run asks for a permit by itself. In that time some 180 tasks are
/// launched, and the messages of a backlog of thousands are received three or four times.
const BURST: SignedDuration = SignedDuration::from_secs(10);

/// How far a launch went.
#[derive(Clone, Debug)]
pub(crate) enum Launched {
    /// ECS started the run's task.
    Started(RunId),
    /// The run ended with this change.
    Ended(Box<Change>),
    /// It goes on in the shards that this change begins.
    Shards(Box<Change>),
    /// It waits; for so many seconds if nobody else will go on with it sooner.
    Waits(Box<Run>, Option<u32>),
    /// Somebody else has launched it, or is about to.
    Idle(Box<Run>),
    /// The slot has become another's.
    NoSlot(Box<Run>),
}

impl Launched {
    /// The run that it is about.
    pub(crate) fn run(&self) -> Option<&RunId> {
        match self {
            Self::Started(id) => Some(id),
            Self::Ended(change) | Self::Shards(change) => Some(&change.run.id),
            Self::Waits(run, _) | Self::Idle(run) => Some(&run.id),
            Self::NoSlot(_) => None,
        }
    }
}

/// Launches the run unless somebody has or is about to.
pub(crate) async fn launch<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    run: Run,
    trigger: &Registered,
    slot: Option<u32>,
) -> Result<Launched, Trouble> {
    let start_within = trigger.settings.schedule.as_ref().and_then(|it| it.start_within);
    if let Some(within) = start_within.filter(|within| run.is_missed(*within, on.world.now())) {
        return taken(on, run, &Step::Miss { within }).await;
    }
    let claim = Step::Claim { trigger: Box::new(trigger.settings.clone()), slot };
    // A permit is only taken for what would be launched, and where it would be.
    let would = match transition(&run, claim.clone(), on.world.now(), String::new()) {
        Ok(would) => would,
        Err(refused) => return Ok(refusal(on.world.now(), refused, run)),
    };
    let known = if would.run.state.is_terminal() || would.run.shards.is_some() {
        None
    } else {
        let launch = frozen(on.ledger, &would, None).await?;
        // SQS takes more messages than there could be runs.
        if launch.pool.is_none() && !on.permits.take(on.ledger, on.world, &launch.task).await? {
            // A launch under way keeps its token, and its lease has lapsed: it stays due.
            if run.state == State::Launching {
                return Ok(Launched::Waits(Box::new(run), None));
            }
            return waits(on, run, Wait::Permit).await.map(|waits| soon(waits, on.world.now()));
        }
        Some(launch)
    };
    // Pause and permit were judged for this launch, and not for what the run may have become.
    let (id, is_under_way) = (run.launch_id(), run.state == State::Launching);
    let is_meant =
        |run: &Run| run.launch_id() == id && (run.state == State::Launching) == is_under_way;
    let mut advanced = advance_while(on.ledger, on.world, run, &claim, is_meant).await?;
    if let Advanced::Barred(Barred::Held(_), run) = &advanced
        && is_free(on.ledger, run).await?
    {
        let run = (**run).clone();
        advanced = advance_while(on.ledger, on.world, run, &claim, is_meant).await?;
    }
    let claimed = match advanced {
        Advanced::Done(change) => *change,
        Advanced::Refused(refused, run) => return Ok(refusal(on.world.now(), refused, *run)),
        Advanced::Barred(Barred::SlotTaken, run) => return Ok(Launched::NoSlot(run)),
        Advanced::Barred(Barred::Held(by), run) => return waits(on, *run, Wait::Older(by)).await,
        Advanced::Barred(Barred::Newer(by), run) => {
            return taken(on, *run, &Step::Overtaken { by }).await;
        }
    };
    if claimed.run.state.is_terminal() {
        return Ok(Launched::Ended(Box::new(claimed)));
    }
    if claimed.run.shards.is_some() {
        return Ok(Launched::Shards(Box::new(claimed)));
    }
    let launch = frozen(on.ledger, &claimed, known).await?;
    match call(on, &claimed.run, launch).await? {
        Some(step) => taken(on, claimed.run, &step).await,
        // Nothing is written: the lease lapses, and the same token finds the task if there is one.
        None => Ok(Launched::Idle(Box::new(claimed.run))),
    }
}

/// The message of a run that has just been admitted comes back: in a small burst its turn is in the
/// next seconds. A large one is the sweep's, which goes by who has waited longest.
fn soon(launched: Launched, now: Timestamp) -> Launched {
    match launched {
        Launched::Waits(run, None) if now.duration_since(run.admitted_at) < BURST => {
            Launched::Waits(run, Some(1))
        }
        launched => launched,
    }
}

/// Whether nobody is at work on the object of `run` after all: a run of several objects frees them
/// by its end alone.
async fn is_free(ledger: &impl Ledger, run: &Run) -> Result<bool, Trouble> {
    let order = run.input.object().and_then(ObjectVersion::order);
    let Some(order) = order else { return Ok(false) };
    Ok(form::claim(ledger, run, &order).await? == Claimed::Ours)
}

/// Has the run wait, if it does not yet.
pub(crate) async fn waits<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    run: Run,
    wait: Wait,
) -> Result<Launched, Trouble> {
    taken(on, run, &Step::Wait { wait }).await
}

/// Takes a step, and says how far the run went by it.
pub(crate) async fn taken<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    run: Run,
    step: &Step,
) -> Result<Launched, Trouble> {
    let change = match advance_or_fail(on, run, step).await? {
        Advanced::Done(change) => *change,
        Advanced::Refused(_, run) | Advanced::Barred(_, run) => {
            return Ok(if run.waits.is_some() {
                Launched::Waits(run, None)
            } else {
                Launched::Idle(run)
            });
        }
    };
    let run = &change.run;
    Ok(match run.state {
        _ if run.state.is_terminal() => Launched::Ended(Box::new(change)),
        State::Launched => {
            info!(run.id = %run.id, task.arn = ?run.task_arn, queue = run.pool(), "Launched");
            Launched::Started(run.id.clone())
        }
        State::Backoff => {
            let wait = run.due.map(|due| secs_until(due, on.world.now()));
            Launched::Waits(Box::new(change.run), wait)
        }
        State::Admitted | State::Forming => Launched::Waits(Box::new(change.run), None),
        _ => Launched::Idle(Box::new(change.run)),
    })
}

fn refusal(now: Timestamp, refused: Refused, run: Run) -> Launched {
    match refused {
        Refused::NeedsSlot => Launched::NoSlot(Box::new(run)),
        Refused::TooEarly(instant) if run.state == State::Backoff => {
            Launched::Waits(Box::new(run), Some(secs_until(instant, now)))
        }
        _ => Launched::Idle(Box::new(run)),
    }
}

fn newly_frozen(change: &Change) -> Option<&Launch> {
    change.also.iter().find_map(|also| match also {
        Also::Launch(launch) => Some(&**launch),
        _ => None,
    })
}

/// The launch as it was frozen at the first claim, now or earlier, and maybe read since.
async fn frozen(
    ledger: &impl Ledger,
    claimed: &Change,
    known: Option<Launch>,
) -> Result<Launch, Trouble> {
    if let Some(launch) = newly_frozen(claimed) {
        return Ok(launch.clone());
    }
    let id = claimed.run.launch_id();
    let launch = match known.filter(|known| known.id == id) {
        Some(known) => Some(known),
        None => ledger.launch(&id).await?,
    };
    launch.ok_or_else(|| LedgerError(format!("launch `{id}` was claimed and is not there")).into())
}

/// T3: calls RunTask, or sends to the pool's queue, and says which step its answer is; none if nothing is certain.
async fn call<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    run: &Run,
    launch: Launch,
) -> Result<Option<Step>, Trouble> {
    if run.lease_until.is_none_or(|until| on.world.now() >= until) {
        warn!(run.id = %run.id, "The lease lapsed before RunTask was called");
        return Ok(None);
    }
    let called = match &launch.pool {
        Some(pool) => on.ecs.enqueue(&launch, pool).await.map(|()| None),
        None => on.ecs.run_task(&launch).await.map(Some),
    };
    Ok(match called {
        Ok(Some(task)) => Some(Step::Launched { id: launch.id, task }),
        Ok(None) => Some(Step::Enqueued { id: launch.id }),
        Err(LaunchTrouble::AlreadyLaunched(task)) => {
            warn!(run.id = %run.id, task.arn = %task, "The client token was used with other parameters");
            Some(Step::Launched { id: launch.id, task })
        }
        Err(LaunchTrouble::Refused(refusal)) => {
            let (claimed_ver, jitter) = (run.ver, on.world.draw());
            Some(Step::Refuse { id: launch.id, claimed_ver, refusal, jitter })
        }
        Err(LaunchTrouble::Unknown(reason)) => {
            warn!(run.id = %run.id, reason, "It is not known whether the launch was taken");
            None
        }
    })
}

/// How long from `now` until `instant`, in seconds, at least one.
pub(crate) fn secs_until(instant: Timestamp, now: Timestamp) -> u32 {
    let left = instant.duration_since(now).as_secs();
    u32::try_from(left).unwrap_or(0).max(1)
}
