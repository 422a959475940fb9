//! Trouble ─▶ another try, until there is none or patience ends.

use std::{future::Future, time::Duration};

use jiff::SignedDuration;
use longshore::backoff::wait_secs;
use tracing::warn;

use crate::{
    Trouble,
    ports::{Pause, World},
};

/// How long a task tries to reach the ledger before it leaves the run to another attempt, which is
/// cheaper than a task that is paid for waiting. With the three attempts that a trigger allows by
/// itself, a run outlives an outage of ten minutes, of which its work knows nothing.
pub const PATIENCE: SignedDuration = SignedDuration::from_mins(5);
/// How long a result is told again, beside the last call. The exit code tells most of it anyway.
pub const TELL: SignedDuration = SignedDuration::from_mins(1);
/// Bound of the first wait between two tries.
const WAIT_BASE_SECS: u32 = 1;
/// Bound of all waits.
const WAIT_SECS_MAX: u32 = 10;

/// Asks until there is no trouble; after `patience`, answers what there was the last time.
pub async fn patiently<T, A>(
    on: &(impl World + Pause),
    patience: SignedDuration,
    mut ask: impl FnMut() -> A,
) -> Result<T, Trouble>
where
    A: Future<Output = Result<T, Trouble>>,
{
    let began = on.now();
    let mut tries = 0;
    loop {
        // Calls of AWS are large futures, and one allocation per call is nothing.
        match Box::pin(ask()).await {
            Err(trouble) if on.now().duration_since(began) < patience => {
                warn!(%trouble, "It did not work yet, and is tried again");
            }
            answer => return answer,
        }
        let wait = wait_secs(WAIT_BASE_SECS, WAIT_SECS_MAX, tries, on.draw());
        on.sleep(Duration::from_secs(wait.into())).await;
        tries += 1;
    }
}

#[cfg(test)]
mod tests;
