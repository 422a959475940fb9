//! messages of one trigger with `batch` ─▶ lists of objects ─▶ a run for each, which claims them

use jiff::{SignedDuration, Timestamp};
use longshore::{
    run::{Run, Written, form},
    trigger::{Envelope, Event, Gathering, ObjectEvent, Trigger, gather},
};
use tracing::{info, warn};

use crate::{
    Trouble,
    drive::drive,
    ports::{Ecs, Ledger, Ports, Queue, World},
    trigger::{Handled, Message, dead_lettered, remember},
};

/// How long a function that may take a minute goes on with the runs that it has gathered, before it
/// leaves the rest to the sweep.
const DRIVE_SECS: i64 = 20;

/// A message, and what it says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member<'a> {
    /// Its place among all messages.
    pub(crate) place: usize,
    pub(crate) message: Message<'a>,
    pub(crate) envelope: &'a Envelope,
}

/// What became of the message at a place.
pub(crate) type Outcome = (usize, Result<Handled, Trouble>);

/// Turns the messages of one trigger, by its newest settings, into as few runs as these allow.
pub(crate) async fn together<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    dead_letters: &impl Queue,
    members: Vec<Member<'_>>,
) -> Vec<Outcome> {
    let (mut admissible, mut outcomes) = (Vec::new(), Vec::new());
    for member in members {
        let Member { place, message, envelope } = member;
        outcomes.push(match remember(on, envelope, message.sent_at).await {
            Ok(Ok(())) => {
                admissible.push(member);
                continue;
            }
            Ok(Err(rejected)) => (place, dead_lettered(dead_letters, message, rejected).await),
            Err(trouble) => (place, Err(trouble)),
        });
    }
    let newest = admissible.iter().max_by_key(|member| member.message.sent_at);
    let Some(trigger) = newest.map(|member| &member.envelope.trigger) else { return outcomes };
    let events: Vec<&ObjectEvent> = admissible
        .iter()
        .filter_map(|member| match &member.envelope.event {
            Event::Object(object) => Some(object),
            // No trigger gathers ticks.
            Event::Tick(_) => None,
        })
        .collect();
    // All lists are written before the first is claimed, which takes long.
    let mut lists = Vec::new();
    for gathering in gather(trigger, &events) {
        let written = one_list(on, trigger, &gathering).await;
        lists.push((gathering, written));
    }
    let until = later(on.world.now(), DRIVE_SECS);
    for (gathering, written) in lists {
        let outcome = match written {
            Ok(run) if on.world.now() < until => Ok(driven(on, run).await),
            Ok(run) => Ok(Handled::Admitted(run.id)),
            Err(trouble) => Err(trouble),
        };
        let members = gathering.events.iter().filter_map(|nth| admissible.get(*nth));
        outcomes.extend(members.map(|member| (member.place, outcome.clone())));
    }
    outcomes
}

/// T1 of several objects: the run, forming now or earlier.
async fn one_list<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    trigger: &Trigger,
    gathering: &Gathering,
) -> Result<Run, Trouble> {
    let forming = form(trigger, gathering, on.world.now(), on.world.write_id());
    let run = match on.ledger.write(&forming).await? {
        Written::Conflict(run) => *run,
        _ => forming.run,
    };
    let (id, objects) = (run.id.clone(), gathering.list.len());
    info!(run.id = %id, trigger.name = %trigger.name, objects, "Gathered objects");
    Ok(run)
}

/// Once the list is written nothing is lost, and whatever does not work now the sweep does later:
/// the messages are not needed again.
async fn driven<L: Ledger, E: Ecs, W: World>(on: &Ports<'_, L, E, W>, run: Run) -> Handled {
    let id = run.id.clone();
    match drive(on, run).await {
        Ok(driven) => Handled::of(id, driven),
        Err(trouble) => {
            warn!(run.id = %id, %trouble, "The sweep will go on with the run");
            Handled::Admitted(id)
        }
    }
}

fn later(instant: Timestamp, secs: i64) -> Timestamp {
    instant.checked_add(SignedDuration::from_secs(secs)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
