//! What a verdict says, told to the ledger: also through a short outage of it.

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use longshore::{
    backoff::wait_secs,
    run::{RunId, WorkResult},
};
use longshore_aws::Machine;
use longshore_engine::{ports::Rng as _, report};
use tracing::{error, info, warn};

use super::{fence::Holder, verdict::Verdict};

/// How long the result is told again to a ledger that does not answer, besides the last call. The
/// exit code tells most of it anyway, and an idle container is paid for.
const TELL: Duration = Duration::from_mins(1);
/// Bound of the first wait between two tries.
const WAIT_BASE_SECS: u32 = 1;
/// Bound of all waits.
const WAIT_SECS_MAX: u32 = 10;

/// Reports, and answers the exit code.
pub(super) async fn tell(holder: &Holder, run: &RunId, verdict: Verdict) -> ExitCode {
    let Verdict { status, reason, summary, failed, code } = verdict;
    info!(?status, reason, %summary, %failed, code, "The work has ended");
    if let Some(status) = status {
        until_told(holder, run, &WorkResult { status, reason, summary, failed }).await;
    }
    ExitCode::from(code)
}

async fn until_told(holder: &Holder, run: &RunId, result: &WorkResult) {
    let began = Instant::now();
    for tries in 0_u32.. {
        match report(&holder.ledger, &Machine, run, &holder.task, result.clone()).await {
            Ok(true) => return,
            Ok(false) => {
                warn!("The run is no longer this task's, and what it did was not reported");
                return;
            }
            Err(trouble) if began.elapsed() < TELL => {
                warn!(%trouble, "The result could not be reported yet");
            }
            Err(trouble) => {
                error!(%trouble, "The result could not be reported");
                return;
            }
        }
        let wait = wait_secs(WAIT_BASE_SECS, WAIT_SECS_MAX, tries, Machine.draw());
        tokio::time::sleep(Duration::from_secs(wait.into())).await;
    }
}
