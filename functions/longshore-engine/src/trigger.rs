//! inbox message ─▶ envelope ─▶ plan ─▶ remember the trigger ─▶ admit ─▶ drive

mod ticks;

use std::collections::BTreeMap;

use futures_util::future::{join, join_all};
use jiff::Timestamp;
use longshore::{
    run::{Change, LaunchId, Outcome, Run, RunId, State, Written, admit, supersede},
    trigger::{Allowed, Circumstances, Envelope, Launch, Plan, Rejected, Trigger, plan, warnings},
};
use tracing::{info, warn};

use crate::{
    Trouble,
    drive::{Driven, conclude, drive},
    gather::{Member, together},
    ports::{Ecs, Ledger, Ports, Queue, World},
    triggers::Sight,
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

/// Turns messages of the inbox into runs: one each, or fewer where the trigger gathers; safe to
/// repeat. The outcomes are in the order of the messages.
pub async fn on_messages<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    dead_letters: &impl Queue,
    allowed: &Allowed,
    messages: &[Message<'_>],
) -> Vec<Result<Handled, Trouble>> {
    let read: Vec<_> = messages.iter().map(|message| admissible(allowed, message.body)).collect();
    let mut alone = Vec::new();
    let mut groups: BTreeMap<&str, Vec<Member<'_>>> = BTreeMap::new();
    for (place, (message, read)) in messages.iter().copied().zip(&read).enumerate() {
        match read {
            Ok((envelope, _)) if envelope.trigger.gathers() => {
                let members = groups.entry(&envelope.trigger.name).or_default();
                members.push(Member { place, message, envelope });
            }
            read => alone.push(async move { (place, one(on, dead_letters, message, read).await) }),
        }
    }
    let groups = groups.into_values().map(|members| together(on, dead_letters, members));
    let (alone, groups) = join(join_all(alone), join_all(groups)).await;
    let mut handled: Vec<_> = groups.into_iter().flatten().chain(alone).collect();
    handled.sort_by_key(|(place, _)| *place);
    handled.into_iter().map(|(_, handled)| handled).collect()
}

/// A message that has a run of its own, or never will.
async fn one<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    dead_letters: &impl Queue,
    message: Message<'_>,
    read: &Result<(Envelope, Plan), Rejected>,
) -> Result<Handled, Trouble> {
    let (envelope, plan) = match read {
        Ok(admissible) => admissible,
        Err(rejected) => return dead_lettered(dead_letters, message, rejected.clone()).await,
    };
    match remember(on, envelope, message.sent_at).await? {
        Ok(()) => {
            ticks::heard(on, envelope).await?;
            one_run(on, &envelope.trigger, plan).await
        }
        Err(rejected) => dead_lettered(dead_letters, message, rejected).await,
    }
}

pub(crate) async fn dead_lettered(
    dead_letters: &impl Queue,
    message: Message<'_>,
    rejected: Rejected,
) -> Result<Handled, Trouble> {
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

pub(crate) async fn remember<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    envelope: &Envelope,
    sent_at: Timestamp,
) -> Result<Result<(), Rejected>, Trouble> {
    let Envelope { trigger, source, .. } = envelope;
    let seen = on.triggers.see(on.ledger, on.world, trigger, source, sent_at).await?;
    if seen == Ok(Sight::First) {
        for warning in warnings(trigger, &envelope.event) {
            warn!(trigger.name = %trigger.name, reason = %warning, "Settings look wrong");
        }
    }
    Ok(seen.map(drop).map_err(|clash| {
        Rejected::new(
            "trigger.name",
            format!("`{}` is the name of another trigger: {clash}", trigger.name),
            "give one of them another name, or say `longshore forget NAME` if the other is no more",
        )
    }))
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
    let run = ticks::wanted(on, run, trigger, plan).await?;
    let id = run.id.clone();
    match drive(on, run).await? {
        Driven::Waits(run, Some(secs)) if secs <= Trouble::TIMER_SECS_MAX => {
            Err(Trouble::waits(&run, secs))
        }
        driven => Ok(Handled::of(id, driven)),
    }
}

impl Handled {
    /// What became of the message whose run is `id`.
    pub(crate) fn of(id: RunId, driven: Driven) -> Self {
        match driven {
            Driven::Launched(started) if started == id => Self::Launched(id),
            Driven::Launched(_) | Driven::Waits(..) => Self::Admitted(id),
            Driven::Ended(run) | Driven::Idle(run) => match run.state {
                State::Superseded => Self::Superseded(id),
                State::Failed => Self::Failed(id),
                _ => Self::Duplicate(id),
            },
        }
    }
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
    let key = run.input.object().map(|object| &object.key);
    info!(run.id = %run.id, trigger.name = %trigger.name, ?key, outcome, "Admitted run");
    run
}

#[cfg(test)]
mod tests;
