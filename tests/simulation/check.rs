//! What must hold when everything is over.

use std::collections::{BTreeMap, BTreeSet};

use longshore::run::{Addressee, Class, Counted, Outcome, Run, State, WorkStatus};

use super::{
    drive::Parts,
    gathered::{done_by, gathered, gathers},
    ledger::short,
    scenario::{Scenario, Version},
    tables::{Row, Tables},
    tasks::EXIT_FAILED,
};

pub(super) type Broken = (&'static str, String);

/// Checks the invariants that can be checked at the end, with `left` messages unacknowledged.
pub(super) fn converged(parts: &Parts<'_>, left: usize) {
    let tables = parts.ledger.tables();
    let scenario = parts.scenario;
    parts.world.count(|stats| stats.runs += tables.runs.len() as u64);
    let owned = owned(&tables, scenario);
    let checked = one_run_per_version(&tables, scenario, &owned)
        .and_then(|()| newest_counts(&tables, scenario, &owned))
        .and_then(|()| all_ended(&tables, left))
        .and_then(|()| gathered(parts, &tables, &owned))
        .and_then(|()| nothing_held(&tables))
        .and_then(|()| counted_once(&tables))
        .and_then(|()| ends_told(parts, &tables))
        .and_then(|()| done_is_done(parts, &tables))
        .and_then(|()| own_failures(parts, &tables))
        .and_then(|()| deployments_lose_none(&tables))
        .and_then(|()| dead_letters(&parts.dead_letters.sent(), &tables, scenario));
    if let Err((invariant, seen)) = checked {
        parts.world.violate(invariant, seen);
    }
}

/// Versions whose events came from the owner of their trigger's name.
fn owned(tables: &Tables, scenario: &Scenario) -> BTreeSet<Version> {
    let is_owned = |(version, rule): &&(Version, &str)| {
        let known = tables.triggers.get(&version.trigger);
        known.is_some_and(|known| known.registered.source == *rule)
    };
    scenario.versions.iter().filter(is_owned).map(|(version, _)| version.clone()).collect()
}

/// I1: one run per object version and trigger, and no other runs, where runs have one object.
fn one_run_per_version(
    tables: &Tables,
    scenario: &Scenario,
    owned: &BTreeSet<Version>,
) -> Result<(), Broken> {
    let is_alone = |trigger: &str| !gathers(scenario, trigger);
    let runs = tables.runs.values().filter(|row| is_alone(&row.run.trigger));
    let versions: Vec<_> = runs.map(|row| version(&row.run)).collect();
    let distinct: BTreeSet<_> = versions.iter().cloned().collect();
    let owned = owned.iter().filter(|version| is_alone(&version.trigger));
    let owned: BTreeSet<_> = owned.cloned().collect();
    if distinct == owned && distinct.len() == versions.len() {
        return Ok(());
    }
    let seen = format!("versions {owned:?} have runs {versions:?}");
    Err(("I1 one run per object version", seen))
}

/// Only a run about an older version of an object is superseded.
fn newest_counts(
    tables: &Tables,
    scenario: &Scenario,
    owned: &BTreeSet<Version>,
) -> Result<(), Broken> {
    let is_meant = |run: &Run| run.state == State::Superseded && !gathers(scenario, &run.trigger);
    for row in tables.runs.values().filter(|row| is_meant(&row.run)) {
        let old = version(&row.run);
        let is_older = owned.iter().any(|new| {
            (&new.trigger, &new.key) == (&old.trigger, &old.key) && new.sequencer > old.sequencer
        });
        let is_latest = scenario.spec(&old.trigger).is_some_and(|spec| spec.is_latest);
        if !is_older || !is_latest {
            let seen = format!("run {} is superseded by nothing", short(&row.run.id));
            return Err(("newest version counts", seen));
        }
    }
    Ok(())
}

fn version(run: &Run) -> Version {
    let object = run.input.object();
    Version {
        trigger: run.trigger.clone(),
        key: object.map(|object| object.key.clone()).unwrap_or_default(),
        sequencer: object.and_then(|object| object.sequencer.clone()).unwrap_or_default(),
    }
}

/// I8: every run has ended, nothing is owed, and every message is acknowledged.
fn all_ended(tables: &Tables, left: usize) -> Result<(), Broken> {
    const INVARIANT: &str = "I8 an end for every event";
    for row in tables.runs.values() {
        let run = &row.run;
        if !run.state.is_terminal() || run.due.is_some() {
            let seen = format!("run {} stays {}", short(&run.id), run.state.word());
            let (due, waits) = (&run.due, &run.waits);
            let holders = tables.slots.iter().map(|(slot, run)| (slot, short(run)));
            let slots: Vec<_> = holders.collect();
            return Err((INVARIANT, format!("{seen}, due {due:?}, {waits:?}, slots {slots:?}")));
        }
    }
    if left > 0 {
        return Err((INVARIANT, format!("{left} messages are never acknowledged")));
    }
    Ok(())
}

/// Who has ended holds no slot. An object may be left to it: the next run takes it over.
fn nothing_held(tables: &Tables) -> Result<(), Broken> {
    let held = tables.slots.first_key_value();
    held.map_or(Ok(()), |(slot, run)| {
        Err(("I8 nothing stays held", format!("slot {slot:?} is held by {}", short(run))))
    })
}

/// I5: the counts are the ends there were, each as what it was, and the redrives that were done.
fn counted_once(tables: &Tables) -> Result<(), Broken> {
    let mut balance: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for ((trigger, word), count) in &tables.counts {
        let state = match *word {
            "succeeded" | "superseded" | "cancelled" | "redriven" => word,
            _ => State::Failed.word(),
        };
        let count = i64::try_from(*count).unwrap_or(i64::MAX);
        *balance.entry((trigger, state)).or_default() += count;
    }
    let trigger = |run| tables.runs.get(run).map_or("", |row| row.run.trigger.as_str());
    for end in &tables.ends {
        *balance.entry((trigger(&end.run), end.state)).or_default() -= 1;
    }
    for ((run, _), _) in tables.redrives.iter().filter(|(_, is_done)| **is_done) {
        *balance.entry((trigger(run), Counted::Redriven.word())).or_default() -= 1;
    }
    if balance.values().all(|balance| *balance == 0) {
        return Ok(());
    }
    let seen = format!("{:?} counted, beyond the ends: {balance:?}", tables.counts);
    Err(("I5 every end counted once", seen))
}

/// I6: every end is told on the bus, every failure to the `failed` queue too, and nothing else.
fn ends_told(parts: &Parts<'_>, tables: &Tables) -> Result<(), Broken> {
    let told: BTreeSet<_> = parts.outlet.told().into_iter().collect();
    let mut owed = BTreeSet::new();
    for end in &tables.ends {
        let message = |to| (end.run.clone(), end.attempt, to, end.state.to_owned());
        owed.insert(message(Addressee::Bus));
        if end.state == State::Failed.word() {
            owed.insert(message(Addressee::Failed));
        }
    }
    if let Some((run, attempt, to, state)) = owed.symmetric_difference(&told).next() {
        let (run, to) = (short(run), to.word());
        let seen =
            format!("{state} attempt {attempt} of run {run}: owed or told to {to}, not both");
        return Err(("I6 an end is told", seen));
    }
    let unmarked = |row: &&Row| row.outbox.values().any(|message| message.sent_at.is_none());
    let unmarked = tables.runs.values().find(unmarked);
    unmarked.map_or(Ok(()), |row| {
        Err(("I6 an end is told", format!("run {} owes a message", short(&row.run.id))))
    })
}

/// I7: who succeeded has a task that did all of the work; and work that was reported done has
/// not failed.
fn done_is_done(parts: &Parts<'_>, tables: &Tables) -> Result<(), Broken> {
    let tasks = &parts.ecs.state().tasks;
    for Row { run, .. } in tables.runs.values() {
        let mut of_run = tasks.iter().filter(|task| task.launch.id.run == run.id);
        let is_done = || {
            let done = of_run.clone().flat_map(|task| done_by(parts.scenario, task));
            let done: BTreeSet<_> = done.collect();
            tables.versions(run).iter().all(|version| done.contains(version))
        };
        if run.state == State::Succeeded && !is_done() {
            let seen = format!("run {} succeeded, and no task did its work", short(&run.id));
            return Err(("I7 success is work done", seen));
        }
        let is_reported = run.result.as_ref().is_some_and(|it| it.status == WorkStatus::Done);
        let is_reported = is_reported || of_run.any(|task| task.is_believed);
        if run.state != State::Succeeded && is_reported {
            let seen = format!("run {} is reported done and {}", short(&run.id), run.state.word());
            return Err(("I7 work done is success", seen));
        }
    }
    Ok(())
}

/// P3: the attempts that a trigger allows are spent by its work, not by what AWS takes away.
fn own_failures(parts: &Parts<'_>, tables: &Tables) -> Result<(), Broken> {
    let tasks = &parts.ecs.state().tasks;
    for Row { run, .. } in tables.runs.values() {
        let Some(spec) = parts.scenario.spec(&run.trigger) else { continue };
        // A split run has failed too, of which its code tells.
        let is_meant = |outcome: &&Outcome| match outcome.class {
            Class::Work => true,
            Class::Superseded => outcome.exit_code == Some(EXIT_FAILED),
            _ => false,
        };
        let outcome = run.outcome.as_ref().filter(is_meant);
        let Some(outcome) = outcome.filter(|outcome| !outcome.reason.contains("by a rule")) else {
            continue;
        };
        let of_run = tasks.iter().filter(|task| task.launch.id.run == run.id);
        let is_overdue = |id| parts.world.is_overdue(id);
        let failed = of_run.filter(|it| it.has_failed() || is_overdue(&it.launch.id)).count();
        // A part has the last attempt left.
        let least = if run.parent.is_some() { 1 } else { spec.attempts_min() };
        if (failed as u64) < least {
            let (run, reason) = (short(&run.id), &outcome.reason);
            let seen = format!("run {run} failed after {failed} failures of its work: {reason}");
            return Err(("P3 only the work spends the attempts", seen));
        }
    }
    Ok(())
}

/// A run that waits while a revision is replaced is launched by the next.
fn deployments_lose_none(tables: &Tables) -> Result<(), Broken> {
    for Row { run, .. } in tables.runs.values() {
        let reason = run.outcome.as_ref().map_or("", |outcome| outcome.reason.as_str());
        if reason.contains("inactive") {
            let seen = format!("run {} failed: {reason}", short(&run.id));
            return Err(("a deployment loses no run", seen));
        }
    }
    Ok(())
}

/// What can never become a run, and nothing else, is dead-lettered.
fn dead_letters(sent: &[String], tables: &Tables, scenario: &Scenario) -> Result<(), Broken> {
    let distinct: BTreeSet<_> = sent.iter().cloned().collect();
    let expected = scenario.unwelcome(|trigger, rule| {
        let known = tables.triggers.get(trigger);
        known.is_some_and(|known| known.registered.source == rule)
    });
    if distinct == expected {
        return Ok(());
    }
    Err(("poison is dead-lettered", format!("{distinct:?} were dead-lettered")))
}
