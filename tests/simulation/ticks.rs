//! What must hold when everything is over of the ticks of a schedule.

use std::collections::{BTreeMap, BTreeSet};

use longshore::run::{Class, Run, State};

use super::{
    check::Broken,
    drive::Parts,
    ledger::short,
    scenario::Scenario,
    spec::Spec,
    tables::Tables,
    timed::{Timed, ms_of},
};

/// Checks the runs of triggers with a schedule.
pub(super) fn ticks(parts: &Parts<'_>, tables: &Tables) -> Result<(), Broken> {
    for spec in &parts.scenario.specs {
        let Some(timed) = &spec.timed else { continue };
        let of_trigger = tables.runs.values().map(|row| &row.run);
        let of_trigger: Vec<_> = of_trigger.filter(|run| run.trigger == spec.name).collect();
        let runs = one_run_per_tick(&of_trigger)?;
        all_are_runs(spec, timed, tables, &runs)?;
        catches_up(spec, timed, tables)?;
        wanted_are_run(timed, &runs)?;
        of_trigger.iter().try_for_each(|run| shards(timed, tables, run, &of_trigger))?;
    }
    Ok(())
}

/// Whether the trigger's events are ticks.
pub(super) fn is_timed(scenario: &Scenario, trigger: &str) -> bool {
    scenario.spec(trigger).is_some_and(|spec| spec.timed.is_some())
}

/// I1: the run of each tick, by when it was due.
fn one_run_per_tick<'a>(of_trigger: &[&'a Run]) -> Result<BTreeMap<u64, &'a Run>, Broken> {
    let mut runs = BTreeMap::new();
    for run in of_trigger.iter().filter(|run| !run.is_shard()) {
        let Some(tick) = run.input.tick() else { continue };
        if runs.insert(ms_of(tick.scheduled_at), *run).is_some() {
            return Err(("I1 one run per tick", format!("{tick} has two")));
        }
    }
    Ok(runs)
}

/// Every tick is a run whose event came, that somebody asked for, or that was due after the first
/// that was heard and not in a long silence; and no other.
fn all_are_runs(
    spec: &Spec,
    timed: &Timed,
    tables: &Tables,
    runs: &BTreeMap<u64, &Run>,
) -> Result<(), Broken> {
    let (heard, asked) = (timed.come_ms(false), timed.come_ms(true));
    let mut expected: BTreeSet<u64> = heard.keys().chain(asked.keys()).copied().collect();
    let first = tables.ticks.first_heard.get(&spec.name);
    if let (Some(first_ms), Some(last_ms)) = (first, heard.keys().last()) {
        let mut silent = 0;
        let mut next_ms = timed.next_ms(*first_ms);
        while let Some(tick_ms) = next_ms.filter(|_| silent < timed.silence_max()) {
            silent += u64::from(tick_ms > *last_ms);
            expected.insert(tick_ms);
            next_ms = timed.next_ms(tick_ms);
        }
    }
    let found: BTreeSet<u64> = runs.keys().copied().collect();
    if let Some(stray) = found.iter().find(|tick_ms| !timed.has(**tick_ms)) {
        return Err(("I1 one run per tick", format!("there is no tick at {stray} ms")));
    }
    expected.symmetric_difference(&found).next().map_or(Ok(()), |tick_ms| {
        let is_run = if found.contains(tick_ms) { "is" } else { "is not" };
        Err(("I1 every tick is a run", format!("the tick of {tick_ms} ms {is_run} one")))
    })
}

/// Of ticks in a row without an event no more run than the trigger says.
fn catches_up(spec: &Spec, timed: &Timed, tables: &Tables) -> Result<(), Broken> {
    let Some(silent) = tables.ticks.silent.get(&spec.name) else { return Ok(()) };
    let (mut in_a_row, mut follows_ms) = (0, None);
    for (tick_ms, runs) in silent {
        if follows_ms != Some(*tick_ms) {
            in_a_row = 0;
        }
        in_a_row += u64::from(*runs);
        follows_ms = timed.next_ms(*tick_ms);
        if in_a_row > timed.catch_up {
            let seen = format!("{in_a_row} up to the tick of {tick_ms} ms, of {}", timed.catch_up);
            return Err(("no more ticks in a row are caught up with", seen));
        }
    }
    Ok(())
}

/// A tick that somebody asks for is no idle one in the end, nor one whose event came after all.
fn wanted_are_run(timed: &Timed, runs: &BTreeMap<u64, &Run>) -> Result<(), Broken> {
    let (heard, asked) = (timed.come_ms(false), timed.come_ms(true));
    for (tick_ms, run) in runs {
        let class = run.outcome.as_ref().map(|outcome| outcome.class);
        let is_idle = class.is_some_and(Class::is_of_an_idle_tick);
        let may_be_late = timed.late_ms(*tick_ms).is_some();
        let is_lost = class == Some(Class::Unheard) && heard.contains_key(tick_ms) && !may_be_late;
        if (is_idle && asked.contains_key(tick_ms)) || is_lost {
            let seen = format!("run {} is {}", short(&run.id), run.state.word());
            return Err(("a tick that is wanted after all is run", format!("{seen}: {class:?}")));
        }
    }
    Ok(())
}

/// A tick of several shards has exactly these, and succeeds if they all have.
fn shards(timed: &Timed, tables: &Tables, tick: &Run, of_trigger: &[&Run]) -> Result<(), Broken> {
    let broken = |what: String| Err(("a tick is all its shards", what));
    let parts = of_trigger.iter().filter(|run| run.parent.as_ref() == Some(&tick.id)).count();
    let expected = tick.shards.unwrap_or_default();
    let run = short(&tick.id);
    if u32::try_from(parts).unwrap_or(u32::MAX) != expected {
        return broken(format!("run {run} has {parts} shards, not {expected}"));
    }
    if tick.shards.is_none() {
        return Ok(());
    }
    if tick.shards != timed.shards {
        return broken(format!("run {run} has {expected} shards, not {:?}", timed.shards));
    }
    let is_done = |id| {
        let shard = tables.runs.get(&id);
        shard.is_some_and(|row| row.run.state == State::Succeeded)
    };
    let are_done = tick.shard_ids().all(is_done);
    if are_done != (tick.state == State::Succeeded) {
        let done = tick.shard_ids().filter(|id| is_done(id.clone())).count();
        return broken(format!("run {run} is {}, {done} of {expected} done", tick.state.word()));
    }
    Ok(())
}
