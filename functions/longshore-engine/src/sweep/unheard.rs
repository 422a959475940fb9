//! schedule ─▶ ticks that were due ─▶ those without a run ─▶ the newest run, the others are recorded

use jiff::Timestamp;
use longshore::{
    run::{Written, admit, unheard},
    trigger::{Event, Found, Plan, Registered, Unheard, plan},
};
use tracing::warn;

use super::Swept;
use crate::{
    Trouble,
    drive::{Driven, drive},
    observe::settled,
    ports::{Ecs, Ledger, Outlet, Ports, World},
};

/// Looks, trigger by trigger, for ticks of which the schedule sent no event.
pub(super) async fn of_triggers<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    outlet: &impl Outlet,
    until: Timestamp,
    swept: &mut Swept,
) -> Result<(), Trouble> {
    for name in on.ledger.triggers().await? {
        if on.world.now() >= until {
            break;
        }
        if let Err(trouble) = of_trigger(on, outlet, &name, until, swept).await {
            warn!(trigger.name = name, %trouble, "The ticks of a schedule could not be looked for");
            swept.troubled += 1;
        }
    }
    Ok(())
}

async fn of_trigger<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    outlet: &impl Outlet,
    name: &str,
    until: Timestamp,
    swept: &mut Swept,
) -> Result<(), Trouble> {
    let trigger = on.triggers.get(on.ledger, on.world, name).await?;
    let Some(mut trigger) = trigger else { return Ok(()) };
    while on.world.now() < until
        && let Some(ticks) = trigger.unheard(on.world.now())
    {
        // Somebody else was at one of them first: what was read is no longer so.
        let Some(caught_up) = look(on, outlet, &trigger, &ticks, swept).await? else { continue };
        trigger.caught_up = caught_up;
        trigger.looked_to = Some(ticks.looked_to);
    }
    Ok(())
}

/// Looks for some ticks of a trigger; how many of the last row are run, unless somebody else looks
/// too.
async fn look<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    outlet: &impl Outlet,
    trigger: &Registered,
    ticks: &Unheard,
    swept: &mut Swept,
) -> Result<Option<u32>, Trouble> {
    let name = &trigger.settings.name;
    let (mut plans, mut found) = (Vec::new(), Vec::new());
    for tick in &ticks.ticks {
        let plan = plan(&trigger.settings, &Event::Tick(tick.clone()));
        found.push(Found::of(on.ledger.run(&plan.run).await?.as_ref()));
        plans.push(plan);
    }
    let (runs, caught_up) = ticks.runs(&found);
    // The oldest first: whoever dies in between leaves no older one to be taken for a newer.
    let nothing = |(_, found): &(_, Found)| *found == Found::Nothing;
    for ((plan, runs), _) in plans.iter().zip(runs).zip(found).filter(nothing) {
        warn!(trigger.name = name, run.id = %plan.run, runs, "No event came of a tick");
        match missing(on, outlet, trigger, plan, runs).await? {
            Some(launched) => swept.launched += u32::from(launched),
            None => return Ok(None),
        }
    }
    on.ledger.looked(name, ticks.looked_to, caught_up).await?;
    Ok(Some(caught_up))
}

/// Begins the run of a tick of which no event came, or only records it; whether a task was launched, unless there is a run already.
async fn missing<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    outlet: &impl Outlet,
    trigger: &Registered,
    plan: &Plan,
    runs: bool,
) -> Result<Option<bool>, Trouble> {
    let now = on.world.now();
    let admission = admit(&trigger.settings, plan, now, on.world.write_id());
    let change = if runs { admission } else { unheard(admission, now) };
    // Its event may have come meanwhile.
    if on.ledger.write(&change).await? != Written::Done {
        return Ok(None);
    }
    if runs {
        return Ok(Some(matches!(drive(on, change.run).await?, Driven::Launched(_))));
    }
    settled(on, outlet, &change).await?;
    Ok(Some(false))
}
