//! Takes one step of a run, whoever else writes at the same time.

use longshore::run::{Change, Refused, Run, RunId, Step, Written, transition};

use crate::{
    Trouble,
    evidence::{Complete, NothingToAdd},
    ports::{Ecs, Ledger, LedgerError, Ports, World},
};

/// Writers that may come in between before we give up and the message comes again.
const CONFLICTS_MAX: usize = 16;

/// What became of a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Advanced {
    /// It is written: the run after it, and what was written with it.
    Done(Box<Change>),
    /// It does nothing: why, and the run as it stands.
    Refused(Refused, Box<Run>),
    /// Nothing is written, because what the run needs is another's.
    Barred(Barred, Box<Run>),
}

/// Whose is what a run needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Barred {
    /// A newer version of the object has this run.
    Newer(RunId),
    /// This run may write about the object.
    Held(RunId),
    /// Another run took the slot.
    SlotTaken,
}

/// Takes `step`, by which no run fails, from `run` as last read, judging it anew when somebody else
/// wrote first.
pub async fn advance(
    ledger: &impl Ledger,
    world: &impl World,
    run: Run,
    step: &Step,
) -> Result<Advanced, Trouble> {
    advance_while(ledger, world, run, step, |_| true).await
}

/// Takes `step`, by which the run may fail, and has its messages tell what is found out about it.
pub(crate) async fn advance_or_fail<L: Ledger, E: Ecs, W: World>(
    on: &Ports<'_, L, E, W>,
    run: Run,
    step: &Step,
) -> Result<Advanced, Trouble> {
    take(on.ledger, on.world, run, step, |_| true, on).await
}

/// Takes `step` from `run` as last read, judging it anew when somebody else wrote first, if what
/// stands there then is still what the step was decided for.
pub(crate) async fn advance_while(
    ledger: &impl Ledger,
    world: &impl World,
    run: Run,
    step: &Step,
    is_meant: impl Fn(&Run) -> bool,
) -> Result<Advanced, Trouble> {
    take(ledger, world, run, step, is_meant, &NothingToAdd).await
}

async fn take(
    ledger: &impl Ledger,
    world: &impl World,
    run: Run,
    step: &Step,
    is_meant: impl Fn(&Run) -> bool,
    evidence: &impl Complete,
) -> Result<Advanced, Trouble> {
    let mut run = run;
    for _ in 0..CONFLICTS_MAX {
        let change = match transition(&run, step.clone(), world.now(), world.write_id()) {
            Ok(change) => change,
            Err(refused) => return Ok(Advanced::Refused(refused, Box::new(run))),
        };
        let change = evidence.complete(change).await;
        let barred = match ledger.write(&change).await? {
            Written::Done => return Ok(Advanced::Done(Box::new(change))),
            Written::Conflict(current) => {
                if !is_meant(&current) {
                    return Ok(Advanced::Refused(Refused::Stale, current));
                }
                run = *current;
                continue;
            }
            Written::Newer(newer) => Barred::Newer(newer),
            Written::Held(holder) => Barred::Held(holder),
            Written::SlotTaken => Barred::SlotTaken,
        };
        return Ok(Advanced::Barred(barred, Box::new(run)));
    }
    Err(LedgerError(format!("run {} changed {CONFLICTS_MAX} times while it was written", run.id))
        .into())
}

#[cfg(test)]
mod tests;
