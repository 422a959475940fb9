//! Takes one step of a run, whoever else writes at the same time.

use longshore::run::{Change, Refused, Run, Step, Written, transition};

use crate::{
    Trouble,
    ports::{Clock, Ledger, LedgerError, Rng},
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
}

/// Takes `step` from `run` as last read, judging it anew when somebody else wrote first.
pub async fn advance(
    ledger: &impl Ledger,
    world: &(impl Clock + Rng),
    run: Run,
    step: &Step,
) -> Result<Advanced, Trouble> {
    let mut run = run;
    for _ in 0..CONFLICTS_MAX {
        let change = match transition(&run, step.clone(), world.now(), world.write_id()) {
            Ok(change) => change,
            Err(refused) => return Ok(Advanced::Refused(refused, Box::new(run))),
        };
        match ledger.write(&change).await? {
            Written::Conflict(current) => run = *current,
            Written::Done | Written::Newer(_) => return Ok(Advanced::Done(Box::new(change))),
        }
    }
    Err(LedgerError(format!("run {} changed {CONFLICTS_MAX} times while it was written", run.id))
        .into())
}
