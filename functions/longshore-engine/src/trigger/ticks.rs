//! The event of a tick has come: the schedule is heard, and what was given up for lost is not.

use longshore::{
    run::{Refused, Run, Step},
    trigger::{Envelope, Event, Plan, Trigger},
};

use crate::{
    Trouble,
    advance::{Advanced, advance},
    ports::{Ecs, Ledger, Ports, World},
};

/// How soon a tick is tried again whose earlier end is still to be told, in seconds.
const TOLD_SECS: u32 = 60;

/// Remembers that the schedule has sent a tick, and which.
pub(super) async fn heard<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    envelope: &Envelope,
) -> Result<(), Trouble> {
    let Event::Tick(tick) = &envelope.event else { return Ok(()) };
    let name = &envelope.trigger.name;
    let known = on.triggers.get(on.ledger, on.world, name).await?;
    let is_news = known.and_then(|known| known.ticked_at) < Some(tick.scheduled_at);
    if is_news && !tick.asked {
        on.ledger.ticked(name, tick.scheduled_at).await?;
    }
    Ok(())
}

/// The run, once more on its way if it is a tick that started nothing and is wanted after all: its
/// event has come, or somebody asks for it. One that waits is neither skipped nor missed
/// once it is asked for.
pub(super) async fn wanted<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    run: Run,
    trigger: &Trigger,
    plan: &Plan,
) -> Result<Run, Trouble> {
    let asked = plan.input.tick().is_some_and(|tick| tick.asked);
    let run = if asked && run.is_unbegun_tick() {
        match advance(on.ledger, on.world, run, &Step::Ask).await? {
            Advanced::Done(change) => change.run,
            // It may have been skipped or missed just now.
            Advanced::Refused(_, run) | Advanced::Barred(_, run) => *run,
        }
    } else {
        run
    };
    let start_within = trigger.schedule.as_ref().and_then(|it| it.start_within);
    if !run.is_wanted_again(asked, start_within, on.world.now()) {
        return Ok(run);
    }
    let attempt = run.attempt;
    let step = if asked { Step::Redrive { attempt } } else { Step::Hear { attempt } };
    match advance(on.ledger, on.world, run, &step).await? {
        Advanced::Done(change) => Ok(change.run),
        Advanced::Refused(Refused::TooEarly(_), run) => Err(Trouble::waits(&run, TOLD_SECS)),
        Advanced::Refused(_, run) | Advanced::Barred(_, run) => Ok(*run),
    }
}
