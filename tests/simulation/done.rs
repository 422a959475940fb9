//! What must hold when everything is over of work: what is done, and what has failed.

use std::collections::BTreeSet;

use longshore::run::{Class, Outcome, State, WorkStatus};

use super::{
    check::Broken,
    drive::Parts,
    gathered::done_by,
    ledger::short,
    tables::{Row, Tables},
    tasks::EXIT_FAILED,
};

/// I7: who succeeded has a task that did all of the work; and work that was reported done has
/// not failed.
pub(super) fn done_is_done(parts: &Parts<'_>, tables: &Tables) -> Result<(), Broken> {
    let tasks = &parts.ecs.state().tasks;
    for Row { run, .. } in tables.runs.values() {
        let mut of_run = tasks.iter().filter(|task| task.launch.id.run == run.id);
        let is_done = || {
            let done = of_run.clone().flat_map(|task| done_by(parts.scenario, task));
            let done: BTreeSet<_> = done.collect();
            tables.versions(run).iter().all(|version| done.contains(version))
        };
        if run.state == State::Succeeded && run.shards.is_none() && !is_done() {
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
pub(super) fn own_failures(parts: &Parts<'_>, tables: &Tables) -> Result<(), Broken> {
    let tasks = &parts.ecs.state().tasks;
    for Row { run, .. } in tables.runs.values() {
        let Some(spec) = parts.scenario.spec(&run.trigger) else { continue };
        // A tick fails with its shards.
        if run.shards.is_some() {
            continue;
        }
        // A split run has failed too, of which its code tells.
        let is_meant = |outcome: &&Outcome| match outcome.class {
            Class::Work => true,
            Class::Superseded if run.input.tick().is_none() => {
                outcome.exit_code == Some(EXIT_FAILED)
            }
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
        let least = if run.parent.is_some() && !run.is_shard() { 1 } else { spec.attempts_min() };
        if (failed as u64) < least {
            let (run, reason) = (short(&run.id), &outcome.reason);
            let seen = format!("run {run} failed after {failed} failures of its work: {reason}");
            return Err(("P3 only the work spends the attempts", seen));
        }
    }
    Ok(())
}
