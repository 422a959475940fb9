//! What a verdict says, told to the ledger: also through a short outage of it.

use std::process::ExitCode;

use longshore::run::{RunId, WorkResult};
use longshore_aws::Machine;
use longshore_engine::{TELL, patiently, report};
use tracing::{error, info, warn};

use super::{fence::Holder, verdict::Verdict};

/// Reports, and answers the exit code.
pub(super) async fn tell(holder: &Holder, run: &RunId, verdict: Verdict) -> ExitCode {
    let Verdict { status, reason, summary, failed, code } = verdict;
    info!(?status, reason, %summary, %failed, code, "The work has ended");
    if let Some(status) = status {
        let result = WorkResult { status, reason, summary, failed };
        let tell = || report(&holder.ledger, &Machine, run, &holder.task, result.clone());
        match patiently(&Machine, TELL, tell).await {
            Ok(true) => {}
            Ok(false) => {
                warn!("The run is no longer this task's, and what it did was not reported");
            }
            Err(trouble) => error!(%trouble, "The result could not be reported"),
        }
    }
    ExitCode::from(code)
}
