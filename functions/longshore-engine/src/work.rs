//! task ─▶ fence ─▶ work ─▶ report: at most one task does the work of a run

use longshore::{
    run::{LaunchId, Refused, Run, RunId, Step, WorkResult},
    trigger::Inputs,
};

use crate::{
    Trouble,
    advance::{Advanced, advance},
    ports::{Ledger, LedgerError, World},
};

/// Answer to a claim of the fence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fence {
    /// This task, and no other, does the work.
    Held,
    /// The work is another's or over: leave without touching anything.
    Lost(String),
}

/// T6: claims the fence of the launch for `task`; safe to repeat by the same task.
pub async fn claim_fence(
    ledger: &impl Ledger,
    world: &impl World,
    id: &LaunchId,
    task: &str,
) -> Result<Fence, Trouble> {
    let Some(run) = ledger.run(&id.run).await? else {
        return Ok(Fence::Lost(format!("run {} is not in the ledger", id.run)));
    };
    let step = Step::Fence { id: id.clone(), task: task.to_owned(), worker: None };
    match advance(ledger, world, run, &step).await? {
        Advanced::Done(_) | Advanced::Refused(Refused::Duplicate, _) => Ok(Fence::Held),
        Advanced::Refused(_, run) | Advanced::Barred(_, run) => Ok(Fence::Lost(format!(
            "run {} is {}, at launch {} of attempt {}, and its work belongs to {}",
            run.id,
            run.state.word(),
            run.launch,
            run.attempt,
            run.executor.as_deref().unwrap_or("nobody"),
        ))),
    }
}

/// The objects of the run `id`, when it holds more than one.
pub async fn inputs(ledger: &impl Ledger, id: &RunId) -> Result<Option<Inputs>, Trouble> {
    match ledger.run(id).await? {
        Some(run) => inputs_of(ledger, &run).await,
        None => Ok(None),
    }
}

/// The objects of `run`, when it holds more than one.
pub(crate) async fn inputs_of(ledger: &impl Ledger, run: &Run) -> Result<Option<Inputs>, Trouble> {
    let Some(objects) = run.input.objects() else { return Ok(None) };
    let list = ledger.list(&objects.list).await?;
    let own: Vec<_> = objects.left.of(&list).map(|listed| listed.input.clone()).collect();
    if own.len() < objects.left.len() {
        return Err(LedgerError(format!("objects of run {} are not in the ledger", run.id)).into());
    }
    Ok(Some(Inputs { places: objects.left.clone(), objects: own }))
}

/// The run of a newer version of the object, which makes the work of `id` pointless, if there is
/// one and only the newest version counts.
pub async fn newer(ledger: &impl Ledger, id: &RunId) -> Result<Option<RunId>, Trouble> {
    let Some(run) = ledger.run(id).await? else { return Ok(None) };
    // Several objects are the run's alone as long as it goes on.
    let Some(object) = run.input.object() else { return Ok(None) };
    let newest = ledger.newest(&run.trigger, &object.object()).await?;
    Ok(newest.filter(|newest| newest != id))
}

/// Whether `task` still holds the fence. A worker of a pool no longer holds it when the work is to be
/// stopped, for nobody stops its task.
pub async fn still_ours(ledger: &impl Ledger, id: &LaunchId, task: &str) -> Result<bool, Trouble> {
    let run = ledger.run(&id.run).await?;
    Ok(run.is_some_and(|run| {
        let is_to_stop = run.pool().is_some() && run.stopping.is_some();
        is_held_by(&run, id, task) && !is_to_stop
    }))
}

/// Whether `task` is the one that does the work of the launch.
pub(crate) fn is_held_by(run: &Run, id: &LaunchId, task: &str) -> bool {
    !run.state.is_terminal() && run.launch_id() == *id && run.executor.as_deref() == Some(task)
}

/// T9: the holder of the fence reports; `false` if it no longer holds it.
pub async fn report(
    ledger: &impl Ledger,
    world: &impl World,
    run: &RunId,
    task: &str,
    result: WorkResult,
) -> Result<bool, Trouble> {
    let Some(current) = ledger.run(run).await? else {
        return Err(LedgerError(format!("run {run} is not in the ledger")).into());
    };
    let step = Step::Report { task: task.to_owned(), result };
    let advanced = advance(ledger, world, current, &step).await?;
    Ok(matches!(advanced, Advanced::Done(_) | Advanced::Refused(Refused::Duplicate, _)))
}

#[cfg(test)]
mod tests;
