//! inbox message ─▶ envelope ─▶ plan ─▶ remember the trigger ─▶ admit ─▶ drive

use jiff::Timestamp;
use longshore::{
    run::{Change, LaunchId, Outcome, Run, RunId, State, Written, admit, supersede},
    trigger::{Allowed, Circumstances, Clash, Envelope, Launch, Plan, Rejected, Trigger, plan},
};
use tracing::{info, warn};

use crate::{
    Trouble,
    drive::{Driven, conclude, drive},
    ports::{Ecs, Ledger, Ports, Queue, World},
};

/// How much of a message is kept in a dead letter's log line.
const LOGGED_CHARS_MAX: usize = 200;

/// A message of the inbox.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// Its body: an envelope.
    pub body: &'a str,
    /// When it was sent.
    pub sent_at: Timestamp,
}

/// What became of a message; all of these acknowledge it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handled {
    /// This delivery launched the run's task.
    Launched(RunId),
    /// The run is in the ledger, and whoever looks there goes on with it.
    Admitted(RunId),
    /// An earlier delivery had admitted it, and it has gone on.
    Duplicate(RunId),
    /// A newer version of the object had come first.
    Superseded(RunId),
    /// ECS refused for good, and the run failed.
    Failed(RunId),
    /// It can never become a run, and is in the dead-letter queue with this reason.
    DeadLettered(Rejected),
}

/// Turns one message of the inbox into one run, launched if there is room; safe to repeat.
pub async fn on_message<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    dead_letters: &impl Queue,
    allowed: &Allowed,
    message: Message<'_>,
) -> Result<Handled, Trouble> {
    let rejected = match admissible(allowed, message.body) {
        Ok((envelope, plan)) => match remember(on, &envelope, message.sent_at).await? {
            Ok(()) => return one_run(on, &envelope.trigger, &plan).await,
            Err(clash) => clashing(&envelope.trigger, &clash),
        },
        Err(rejected) => rejected,
    };
    let start: String = message.body.chars().take(LOGGED_CHARS_MAX).collect();
    warn!(reason = %rejected, body = ?start, "Dead-lettered a message");
    dead_letters.send(message.body, &rejected.to_string()).await?;
    Ok(Handled::DeadLettered(rejected))
}

/// Everything that can be wrong with a message is found before the ledger is touched.
fn admissible(allowed: &Allowed, body: &str) -> Result<(Envelope, Plan), Rejected> {
    let envelope = Envelope::parse(body)?;
    allowed.check(&envelope)?;
    let plan = plan(&envelope.trigger, &envelope.event);
    let first = LaunchId { run: plan.run.clone(), attempt: 1, launch: 1 };
    let circumstances = Circumstances::default();
    Launch::freeze(&envelope.trigger, &plan.input, &first, &circumstances).check()?;
    Ok((envelope, plan))
}

async fn remember<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    envelope: &Envelope,
    sent_at: Timestamp,
) -> Result<Result<(), Clash>, Trouble> {
    let Envelope { trigger, source, .. } = envelope;
    Ok(on.triggers.see(on.ledger, on.world, trigger, source, sent_at).await?)
}

fn clashing(trigger: &Trigger, clash: &Clash) -> Rejected {
    Rejected::new(
        "trigger.name",
        format!("`{}` is the name of another trigger: {clash}", trigger.name),
        "give one of them another name, or say `longshore forget NAME` if the other is no more",
    )
}

async fn one_run<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    trigger: &Trigger,
    plan: &Plan,
) -> Result<Handled, Trouble> {
    let run = admitted(on, trigger, plan).await?;
    if run.input_digest != plan.input_digest {
        warn!(run.id = %run.id, "Another event claims the identity of this run; the first one counts");
    }
    let id = run.id.clone();
    Ok(match drive(on, run).await? {
        Driven::Launched(started) if started == id => Handled::Launched(id),
        Driven::Waits(run, Some(secs)) if secs <= Trouble::TIMER_SECS_MAX => {
            return Err(Trouble::waits(&run, secs));
        }
        Driven::Launched(_) | Driven::Waits(..) => Handled::Admitted(id),
        Driven::Ended(run) | Driven::Idle(run) => match run.state {
            State::Superseded => Handled::Superseded(id),
            State::Failed => Handled::Failed(id),
            _ => Handled::Duplicate(id),
        },
    })
}

/// T1, T1b: the run of the plan, begun now or earlier.
async fn admitted<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    trigger: &Trigger,
    plan: &Plan,
) -> Result<Run, Trouble> {
    let now = on.world.now();
    let admission = admit(trigger, plan, now, on.world.write_id());
    let superseded = match on.ledger.write(&admission).await? {
        Written::Newer(newer) | Written::Held(newer) => supersede(admission, &newer, now),
        written => return Ok(begun(trigger, admission, written)),
    };
    let written = on.ledger.write(&superseded).await?;
    if written == Written::Done {
        conclude(on, &superseded).await?;
    }
    Ok(begun(trigger, superseded, written))
}

fn begun(trigger: &Trigger, admission: Change, written: Written) -> Run {
    if let Written::Conflict(run) = written {
        return *run;
    }
    let run = admission.run;
    let outcome = run.outcome.as_ref().map(|Outcome { reason, .. }| reason.as_str());
    info!(run.id = %run.id, trigger.name = %trigger.name, key = ?run.input.key, outcome, "Admitted run");
    run
}

#[cfg(test)]
mod tests;
