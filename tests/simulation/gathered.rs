//! What must hold when everything is over of runs with several objects.

use std::collections::{BTreeMap, BTreeSet};

use longshore::run::{Class, ObjectOrder, Run, State};

use super::{
    check::Broken,
    drive::Parts,
    ledger::short,
    life::Task,
    scenario::{Scenario, Version},
    tables::{Row, Tables},
    tasks::EXIT_FAILED,
};

/// Checks the runs of triggers with `batch`, whose versions from their owners are `owned`.
pub(super) fn gathered(
    parts: &Parts<'_>,
    tables: &Tables,
    owned: &BTreeSet<Version>,
) -> Result<(), Broken> {
    let gathers = |trigger: &str| gathers(parts.scenario, trigger);
    let runs: Vec<&Run> =
        tables.runs.values().map(|row| &row.run).filter(|run| gathers(&run.trigger)).collect();
    if runs.is_empty() && !owned.iter().any(|version| gathers(&version.trigger)) {
        return Ok(());
    }
    let orders = tables.orders();
    let own = owned.iter().filter(|version| gathers(&version.trigger));
    none_forgotten(parts, tables, own, &runs, &orders)?;
    for run in runs {
        let versions = tables.versions(run);
        if let Some(version) = versions.iter().find(|version| !owned.contains(version)) {
            let seen = format!("run {} is about {version:?}", short(&run.id));
            return Err(("I1 no run without its event", seen));
        }
        match run.state {
            State::Superseded => overtaken(parts.scenario, tables, run, &versions, &orders)?,
            State::Failed => failed_alone(parts, run, &versions)?,
            _ => {}
        }
    }
    Ok(())
}

/// Whether the runs of the trigger may have several objects.
pub(super) fn gathers(scenario: &Scenario, trigger: &str) -> bool {
    scenario.spec(trigger).is_some_and(|spec| spec.batch.is_some())
}

/// What the task did, by its own word or by a rule of the trigger.
pub(super) fn done_by<'a>(scenario: &Scenario, task: &'a Task) -> &'a [Version] {
    if task.is_forgiven(scenario) { &task.inputs } else { &task.done }
}

/// I1: every version is done, or what a run is about that failed or was cancelled, or a newer one
/// counts.
fn none_forgotten<'a>(
    parts: &Parts<'_>,
    tables: &Tables,
    versions: impl Iterator<Item = &'a Version>,
    runs: &[&Run],
    orders: &BTreeMap<Version, ObjectOrder>,
) -> Result<(), Broken> {
    let tasks = &parts.ecs.state().tasks;
    let done = tasks.iter().flat_map(|task| done_by(parts.scenario, task));
    let mut seen_to: BTreeSet<Version> = done.cloned().collect();
    let is_left = |run: &&&Run| matches!(run.state, State::Failed | State::Cancelled);
    seen_to.extend(runs.iter().filter(is_left).flat_map(|run| tables.versions(run)));
    for version in versions {
        let is_old = orders.get(version).is_some_and(|order| is_old(tables, version, order));
        if !seen_to.contains(version) && !is_old {
            return Err(("I1 no version is forgotten", format!("{version:?} is no run's")));
        }
    }
    Ok(())
}

/// Whether a newer version of the object was claimed.
fn is_old(tables: &Tables, version: &Version, order: &ObjectOrder) -> bool {
    let object = tables.object(&version.trigger, &order.object);
    object.is_some_and(|object| object.sequence > order.sequence)
}

/// Only a run that was split, or whose objects are all other runs', is superseded.
fn overtaken(
    scenario: &Scenario,
    tables: &Tables,
    run: &Run,
    versions: &[Version],
    orders: &BTreeMap<Version, ObjectOrder>,
) -> Result<(), Broken> {
    let is_part = |row: &Row| row.run.parent.as_ref() == Some(&run.id);
    if tables.runs.values().any(is_part) {
        return Ok(());
    }
    let is_latest = scenario.spec(&run.trigger).is_some_and(|spec| spec.is_latest);
    let is_own = |version: &&Version| {
        let Some(order) = orders.get(version) else { return true };
        let Some(object) = tables.object(&version.trigger, &order.object) else { return true };
        let is_old = is_latest && object.sequence > order.sequence;
        !is_old && (object.newest == run.id || Some(&object.newest) == run.parent.as_ref())
    };
    versions.iter().find(is_own).map_or(Ok(()), |version| {
        let seen = format!("run {} is superseded, and {version:?} is its own", short(&run.id));
        Err(("newest version counts", seen))
    })
}

/// Who fails with several objects has named them all, and nobody fails for the bad object of
/// another.
fn failed_alone(parts: &Parts<'_>, run: &Run, versions: &[Version]) -> Result<(), Broken> {
    const INVARIANT: &str = "a bad object fails alone";
    let Some(outcome) = &run.outcome else { return Ok(()) };
    let is_of_work = matches!(outcome.class, Class::Work | Class::Rejected | Class::OutOfMemory);
    let named = |task: &Task| {
        let failed = task.inputs.iter().filter(|version| !task.done.contains(version));
        task.launch.id.run == run.id && task.names_failed && failed.eq(versions)
    };
    let are_named = || parts.ecs.state().tasks.iter().any(named);
    if versions.len() > 1 && is_of_work && !are_named() {
        let seen = format!("run {} failed with all of {versions:?}", short(&run.id));
        return Err((INVARIANT, seen));
    }
    let spec = parts.scenario.spec(&run.trigger);
    let bad = spec.and_then(|spec| spec.batch.as_ref()?.bad_key);
    let is_blamed = outcome.class == Class::Work && outcome.exit_code == Some(EXIT_FAILED);
    let good = versions.iter().find(|version| Some(version.key.as_str()) != bad);
    match good.filter(|_| bad.is_some() && is_blamed) {
        Some(good) => Err((INVARIANT, format!("run {} failed with {good:?}", short(&run.id)))),
        None => Ok(()),
    }
}
