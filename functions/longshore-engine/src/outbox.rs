//! Sends what an ended run owes, until it is known to be sent.

use longshore::run::{Run, Step};

use crate::{
    Trouble,
    advance::advance,
    ports::{Clock, Ledger, Queue, Rng},
};

/// Sends the messages of a failed run to `failed`; safe to repeat: a reader may see a message
/// twice, under the same run and attempt.
pub(crate) async fn deliver(
    ledger: &impl Ledger,
    failed: &impl Queue,
    world: &(impl Clock + Rng),
    run: Run,
) -> Result<(), Trouble> {
    // An ended run is due as long as it owes a message.
    if !run.state.is_terminal() || run.due.is_none() {
        return Ok(());
    }
    let reason = run.outcome.as_ref().map(|outcome| outcome.reason.clone()).unwrap_or_default();
    let owed = ledger.outbox(&run.id).await?;
    for message in owed.into_iter().filter(|message| message.sent_at.is_none()) {
        failed.send(&message.body.to_string(), &reason).await?;
        advance(ledger, world, run.clone(), &Step::Sent { message }).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
