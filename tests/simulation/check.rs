//! What must hold when everything is over.

use std::collections::{BTreeMap, BTreeSet};

use longshore::run::{Addressee, Counted, Run, State};

use super::{
    done::{done_is_done, own_failures},
    drive::Parts,
    gathered::{gathered, gathers},
    ledger::short,
    scenario::{Scenario, Version},
    tables::{Row, Tables},
    ticks::{is_timed, ticks},
};

pub(super) type Broken = (&'static str, String);

/// Checks the invariants that can be checked at the end, with `left` messages unacknowledged.
pub(super) fn converged(parts: &Parts<'_>, left: usize) {
    let tables = parts.ledger.tables();
    let scenario = parts.scenario;
    let pooled = tables.runs.values().filter(|row| row.run.pool().is_some()).count();
    parts.world.count(|stats| {
        stats.runs += tables.runs.len() as u64;
        stats.pooled += pooled as u64;
    });
    let owned = owned(&tables, scenario);
    let checked = one_run_per_version(&tables, scenario, &owned)
        .and_then(|()| newest_counts(&tables, scenario, &owned))
        .and_then(|()| all_ended(&tables, left))
        .and_then(|()| gathered(parts, &tables, &owned))
        .and_then(|()| ticks(parts, &tables))
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
    let is_alone = |trigger: &str| !gathers(scenario, trigger) && !is_timed(scenario, trigger);
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
    let is_of_object = |run: &Run| run.input.object().is_some() && !gathers(scenario, &run.trigger);
    let is_meant = |run: &Run| run.state == State::Superseded && is_of_object(run);
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
            "skipped" | "missed" | "unheard" => State::Superseded.word(),
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
        // The failure of a shard is its tick's.
        let is_shard = tables.runs.get(&end.run).is_some_and(|row| row.run.is_shard());
        if end.state == State::Failed.word() && !is_shard {
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
