//! Sends what an ended run owes, until it is known to be sent.

use jiff::SignedDuration;
use longshore::run::{Run, Step};

use crate::{
    Trouble,
    advance::advance,
    ports::{Ledger, Outlet, World},
};

/// How long whoever ended a run is alone to send its messages, which is the longest a call takes:
/// others who sent at the same time would send them twice.
const ALONE: SignedDuration = SignedDuration::from_secs(20);

/// Sends the messages of a run that somebody else has ended and not told of in time.
pub(crate) async fn deliver_left(
    ledger: &impl Ledger,
    outlet: &impl Outlet,
    world: &impl World,
    run: Run,
) -> Result<(), Trouble> {
    if run.since.is_some_and(|since| world.now().duration_since(since) < ALONE) {
        return Ok(());
    }
    deliver(ledger, outlet, world, run).await
}

/// Sends the messages of an ended run; safe to repeat: a reader may see a message twice, under the
/// same run and attempt.
pub(crate) async fn deliver(
    ledger: &impl Ledger,
    outlet: &impl Outlet,
    world: &impl World,
    run: Run,
) -> Result<(), Trouble> {
    // An ended run is due as long as it owes a message.
    if !run.state.is_terminal() || run.due.is_none() {
        return Ok(());
    }
    let mut owed = ledger.outbox(&run.id).await?;
    owed.retain(|message| message.sent_at.is_none());
    owed.sort_by_key(|message| (message.attempt, message.to));
    let mut run = run;
    for message in owed {
        outlet.send(&message).await?;
        if let crate::Advanced::Done(change) =
            advance(ledger, world, run.clone(), &Step::Sent { message }).await?
        {
            run = change.run;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
