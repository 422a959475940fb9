//! inbox message ─▶ envelope ─▶ plan ─▶ admit ─▶ claim ─▶ launch ─▶ record

use jiff::Timestamp;
use longshore::{
    backoff::wait_secs,
    run::{Also, Change, LaunchId, Refused, Run, RunId, State, Step, Written, admit, supersede},
    trigger::{Allowed, Envelope, Launch, Plan, Rejected, Trigger, plan},
};
use tracing::{info, warn};

use crate::{
    Trouble,
    advance::{Advanced, advance},
    outbox,
    ports::{Clock, Ecs, LaunchTrouble, Ledger, LedgerError, Queue, Rng},
};

/// Wait before a message whose run is being launched is looked at again: by then it is launched,
/// or its driver has crashed and the lease (120 s) is met some twenty times.
const BUSY_WAIT_SECS: u32 = 5;
/// How much of a message is kept in a dead letter's log line.
const LOGGED_CHARS_MAX: usize = 200;

/// What the flow touches.
#[derive(Debug)]
pub struct TriggerPorts<'a, L, E, Q, W> {
    /// The ledger.
    pub ledger: &'a L,
    /// ECS.
    pub ecs: &'a E,
    /// Gets what can never become a run.
    pub dead_letters: &'a Q,
    /// Gets runs that failed.
    pub failed: &'a Q,
    /// Time and chance.
    pub world: &'a W,
}

/// What became of a message; all of these acknowledge it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handled {
    /// This delivery launched the run's task.
    Launched(RunId),
    /// An earlier delivery had.
    Duplicate(RunId),
    /// A newer version of the object had come first.
    Superseded(RunId),
    /// ECS refused for good, and the run failed.
    Failed(RunId),
    /// It can never become a run, and is in the dead-letter queue with this reason.
    DeadLettered(Rejected),
}

/// Turns one message of the inbox into one launched run; safe to repeat.
pub async fn on_message<L: Ledger, E: Ecs, Q: Queue, W: Clock + Rng>(
    ports: &TriggerPorts<'_, L, E, Q, W>,
    allowed: &Allowed,
    body: &str,
) -> Result<Handled, Trouble> {
    let (trigger, plan) = match admissible(allowed, body) {
        Ok(admissible) => admissible,
        Err(rejected) => {
            let start: String = body.chars().take(LOGGED_CHARS_MAX).collect();
            warn!(reason = %rejected, body = ?start, "Dead-lettered a message");
            ports.dead_letters.send(body, &rejected.to_string()).await?;
            return Ok(Handled::DeadLettered(rejected));
        }
    };
    let run = admitted(ports, &trigger, &plan).await?;
    if run.input_digest != plan.input_digest {
        warn!(run.id = %run.id, "Another event claims the identity of this run; the first one counts");
    }
    launch(ports, &trigger, run).await
}

/// Everything that can be wrong with a message is found before the ledger is touched.
fn admissible(allowed: &Allowed, body: &str) -> Result<(Trigger, Plan), Rejected> {
    let envelope = Envelope::parse(body)?;
    allowed.check(&envelope)?;
    let plan = plan(&envelope.trigger, &envelope.event);
    let first = LaunchId { run: plan.run.clone(), attempt: 1, launch: 1 };
    Launch::freeze(&envelope.trigger, &plan.input, &first).check()?;
    Ok((envelope.trigger, plan))
}

/// T1, T1b: the run of the plan, begun now or earlier.
async fn admitted<L: Ledger, E: Ecs, Q: Queue, W: Clock + Rng>(
    ports: &TriggerPorts<'_, L, E, Q, W>,
    trigger: &Trigger,
    plan: &Plan,
) -> Result<Run, Trouble> {
    let now = ports.world.now();
    let admission = admit(trigger, plan, now, ports.world.write_id());
    let superseded = match ports.ledger.write(&admission).await? {
        Written::Done => {
            info!(run.id = %plan.run, trigger.name = %trigger.name, key = ?plan.input.key, "Admitted run");
            return Ok(admission.run);
        }
        Written::Conflict(run) => return Ok(*run),
        Written::Newer(newer) => supersede(admission, &newer, now),
    };
    match ports.ledger.write(&superseded).await? {
        Written::Conflict(run) => Ok(*run),
        Written::Done | Written::Newer(_) => {
            info!(run.id = %plan.run, trigger.name = %trigger.name, key = ?plan.input.key, "Superseded run");
            Ok(superseded.run)
        }
    }
}

/// T2 to T4: launches the run unless somebody has or is about to.
async fn launch<L: Ledger, E: Ecs, Q: Queue, W: Clock + Rng>(
    ports: &TriggerPorts<'_, L, E, Q, W>,
    trigger: &Trigger,
    run: Run,
) -> Result<Handled, Trouble> {
    let claim = Step::Claim { trigger: Box::new(trigger.clone()) };
    let claimed = match advance(ports.ledger, ports.world, run, &claim).await? {
        Advanced::Done(change) => *change,
        Advanced::Refused(Refused::TooEarly(instant), run) => {
            let left = secs_until(instant, ports.world.now());
            let is_busy = run.state == State::Launching;
            return Err(Trouble::Wait {
                wait_secs: if is_busy { left.min(BUSY_WAIT_SECS) } else { left },
                reason: format!("it is {}", run.state.word()),
                run: run.id,
            });
        }
        Advanced::Refused(_, run) => return already(ports, *run).await,
    };
    let launch = frozen(ports.ledger, &claimed).await?;
    let step = call(ports, trigger, &claimed.run, launch).await?;
    match advance(ports.ledger, ports.world, claimed.run, &step).await? {
        Advanced::Done(change) if change.run.state == State::Launched => {
            info!(run.id = %change.run.id, task.arn = ?change.run.task_arn, "Launched task");
            Ok(Handled::Launched(change.run.id))
        }
        Advanced::Done(change) if change.run.state == State::Backoff => {
            let due = change.run.due.unwrap_or_default();
            Err(Trouble::Wait {
                wait_secs: secs_until(due, ports.world.now()),
                reason: change
                    .run
                    .history
                    .last()
                    .map(|entry| entry.note.clone())
                    .unwrap_or_default(),
                run: change.run.id,
            })
        }
        Advanced::Done(change) => already(ports, change.run).await,
        Advanced::Refused(_, run) => already(ports, *run).await,
    }
}

/// The launch as it was frozen at the first claim, now or earlier.
async fn frozen(ledger: &impl Ledger, claimed: &Change) -> Result<Launch, Trouble> {
    for also in &claimed.also {
        if let Also::Launch(launch) = also {
            return Ok((**launch).clone());
        }
    }
    let id = claimed.run.launch_id();
    let launch = ledger.launch(&id).await?;
    launch.ok_or_else(|| LedgerError(format!("launch `{id}` was claimed and is not there")).into())
}

/// T3: calls RunTask, and says which step its answer is.
async fn call<L: Ledger, E: Ecs, Q: Queue, W: Clock + Rng>(
    ports: &TriggerPorts<'_, L, E, Q, W>,
    trigger: &Trigger,
    run: &Run,
    launch: Launch,
) -> Result<Step, Trouble> {
    let wait =
        |reason: String| Trouble::Wait { run: run.id.clone(), wait_secs: BUSY_WAIT_SECS, reason };
    if run.lease_until.is_none_or(|until| ports.world.now() >= until) {
        return Err(wait("the lease lapsed before RunTask was called".into()));
    }
    match ports.ecs.run_task(&launch).await {
        Ok(task) => Ok(Step::Launched { id: launch.id, task }),
        Err(LaunchTrouble::AlreadyLaunched(task)) => {
            warn!(run.id = %run.id, task.arn = %task, "The client token was used with other parameters");
            Ok(Step::Launched { id: launch.id, task })
        }
        Err(LaunchTrouble::Refused(refusal)) => {
            let backoff = trigger.retry.backoff;
            let (base, max) = (backoff.base.get(), backoff.max.get());
            let wait_secs = wait_secs(base, max, run.launch - 1, ports.world.draw());
            Ok(Step::Refuse { id: launch.id, claimed_ver: run.ver, refusal, wait_secs })
        }
        // Nothing is written: the lease lapses, and the same token finds the task if there is one.
        Err(LaunchTrouble::Unknown(reason)) => Err(wait(reason)),
    }
}

/// What a run that needs no launch means for the message.
async fn already<L: Ledger, E: Ecs, Q: Queue, W: Clock + Rng>(
    ports: &TriggerPorts<'_, L, E, Q, W>,
    run: Run,
) -> Result<Handled, Trouble> {
    let id = run.id.clone();
    // Nobody but this message would launch it.
    if !run.state.is_terminal() && run.task().is_none() {
        return Err(Trouble::Wait {
            wait_secs: secs_until(run.due.unwrap_or_default(), ports.world.now()),
            reason: format!("it is {}, and no task of it is known", run.state.word()),
            run: id,
        });
    }
    let handled = match run.state {
        State::Superseded => Handled::Superseded(id),
        State::Failed => Handled::Failed(id),
        _ => Handled::Duplicate(id),
    };
    outbox::deliver(ports.ledger, ports.failed, ports.world, run).await?;
    Ok(handled)
}

fn secs_until(instant: Timestamp, now: Timestamp) -> u32 {
    let left = instant.duration_since(now).as_secs();
    u32::try_from(left).unwrap_or(0).max(1)
}

#[cfg(test)]
mod tests;
