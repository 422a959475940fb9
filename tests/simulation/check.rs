//! What must hold when everything is over.

use std::collections::{BTreeMap, BTreeSet};

use longshore::run::{Run, State, WorkStatus};
use serde_json::Value;

use super::{
    drive::Parts,
    ledger::{Row, Tables, short},
    scenario::Scenario,
};

type Broken = (&'static str, String);

/// Checks the invariants that can be checked at the end, with `left` messages unacknowledged.
pub(super) fn converged(parts: &Parts<'_>, scenario: &Scenario, left: usize) {
    let tables = parts.ledger.tables();
    parts.world.count(|stats| stats.runs += tables.runs.len() as u64);
    let checked = one_run_per_version(&tables, scenario)
        .and_then(|()| newest_counts(&tables, scenario))
        .and_then(|()| all_ended(&tables, left))
        .and_then(|()| counted_once(&tables))
        .and_then(|()| failures_told(&tables, &parts.failed.sent()))
        .and_then(|()| done_is_done(parts, &tables))
        .and_then(|()| dead_letters(&parts.dead_letters.sent(), scenario));
    if let Err((invariant, seen)) = checked {
        parts.world.violate(invariant, seen);
    }
}

/// I1: one run per object version, and no other runs.
fn one_run_per_version(tables: &Tables, scenario: &Scenario) -> Result<(), Broken> {
    let versions: Vec<_> = tables.runs.values().map(|row| version(&row.run)).collect();
    let distinct: BTreeSet<_> = versions.iter().cloned().collect();
    if distinct == scenario.versions && distinct.len() == versions.len() {
        return Ok(());
    }
    let seen = format!("versions {:?} have runs {versions:?}", scenario.versions);
    Err(("I1 one run per object version", seen))
}

/// Only a run about an older version of an object is superseded.
fn newest_counts(tables: &Tables, scenario: &Scenario) -> Result<(), Broken> {
    for row in tables.runs.values().filter(|row| row.run.state == State::Superseded) {
        let (key, sequencer) = version(&row.run);
        let is_older =
            scenario.versions.iter().any(|(other, newer)| *other == key && *newer > sequencer);
        if !is_older || !scenario.latest_only {
            let seen = format!("run {} is superseded by nothing", short(&row.run.id));
            return Err(("newest version counts", seen));
        }
    }
    Ok(())
}

fn version(run: &Run) -> (String, String) {
    (run.input.key.clone(), run.input.sequencer.clone().unwrap_or_default())
}

/// I8: every run has ended, nothing is owed, and every message is acknowledged.
fn all_ended(tables: &Tables, left: usize) -> Result<(), Broken> {
    const INVARIANT: &str = "I8 an end for every event";
    for row in tables.runs.values() {
        let run = &row.run;
        if !run.state.is_terminal() || run.due.is_some() {
            let seen = format!("run {} stays {}", short(&run.id), run.state.word());
            return Err((INVARIANT, format!("{seen}, due {:?}", run.due)));
        }
    }
    if left > 0 {
        return Err((INVARIANT, format!("{left} messages are never acknowledged")));
    }
    Ok(())
}

/// I5: the counts are the ended runs, class by class.
fn counted_once(tables: &Tables) -> Result<(), Broken> {
    let mut ended = BTreeMap::new();
    for outcome in tables.runs.values().filter_map(|row| row.run.outcome.as_ref()) {
        *ended.entry(outcome.class.word()).or_insert(0_u64) += 1;
    }
    if ended == tables.counts {
        return Ok(());
    }
    Err(("I5 every end counted once", format!("{ended:?} ended, {:?} counted", tables.counts)))
}

/// I6: who failed, and nobody else, owes one message; it was sent, and is marked so.
fn failures_told(tables: &Tables, sent: &[String]) -> Result<(), Broken> {
    const INVARIANT: &str = "I6 a failure is told";
    let sent: Vec<Value> = sent.iter().filter_map(|body| serde_json::from_str(body).ok()).collect();
    for Row { run, outbox, .. } in tables.runs.values() {
        let told: BTreeSet<_> = sent
            .iter()
            .filter(|message| message["run"] == run.id.as_str())
            .map(|message| message["attempt"].as_u64())
            .collect();
        let marked = outbox.values().filter(|message| message.sent_at.is_some()).count();
        let expected = usize::from(run.state == State::Failed);
        if (outbox.len(), marked, told.len()) != (expected, expected, expected) {
            let (state, owed, told) = (run.state.word(), outbox.len(), told.len());
            let seen = format!(
                "run {} {state}: {owed} owed, {marked} marked, {told} sent",
                short(&run.id)
            );
            return Err((INVARIANT, seen));
        }
    }
    Ok(())
}

/// I7: who succeeded has a task that did all of the work; and work that was reported done has
/// not failed.
fn done_is_done(parts: &Parts<'_>, tables: &Tables) -> Result<(), Broken> {
    let tasks = parts.ecs.tasks();
    for Row { run, .. } in tables.runs.values() {
        let is_done = tasks.iter().any(|task| task.launch.id.run == run.id && task.completed);
        if run.state == State::Succeeded && !is_done {
            let seen = format!("run {} succeeded, and no task did its work", short(&run.id));
            return Err(("I7 success is work done", seen));
        }
        let is_reported = run.result.as_ref().is_some_and(|it| it.status == WorkStatus::Done);
        if run.state != State::Succeeded && is_reported {
            let seen = format!("run {} is reported done and {}", short(&run.id), run.state.word());
            return Err(("I7 work done is success", seen));
        }
    }
    Ok(())
}

/// What can never become a run, and nothing else, is dead-lettered.
fn dead_letters(sent: &[String], scenario: &Scenario) -> Result<(), Broken> {
    let distinct: BTreeSet<_> = sent.iter().collect();
    if distinct.len() == scenario.poison {
        return Ok(());
    }
    Err(("poison is dead-lettered", format!("{distinct:?} were dead-lettered")))
}
