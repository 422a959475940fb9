//! Sends what an ended run owes, until it is known to be sent.

use longshore::run::{Run, Step};

use crate::{
    Trouble,
    advance::advance,
    ports::{Ledger, Outlet, World},
};

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
