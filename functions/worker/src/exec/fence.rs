//! The fence, claimed before the command starts and watched while it runs.

use std::{error::Error, time::Duration};

use longshore::{
    run::{LaunchId, RunId},
    trigger::Inputs,
};
use longshore_aws::{Clients, LedgerTable, Machine};
use longshore_engine::{
    Fence, PATIENCE, Trouble, claim_fence, inputs, newer, patiently, still_ours,
};
use tracing::{error, warn};

use super::settings::Settings;

/// How often the ledger is asked whether the run is still this task's: a run that was cancelled or
/// given up works on for no longer, and a fleet of thousands costs the ledger a few reads a second.
const ASK_EVERY: Duration = Duration::from_secs(30);

/// This task, which holds the fence.
#[derive(Debug)]
pub(super) struct Holder {
    pub(super) ledger: LedgerTable,
    /// ARN of the task.
    pub(super) task: String,
    /// The run of a newer version of the object, where only the newest counts.
    pub(super) newer: Option<RunId>,
    /// What the run works on.
    pub(super) inputs: Inputs,
}

/// Why the command is not started.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unstarted {
    /// The variables are wrong.
    #[error("{0}")]
    Unusable(#[source] Box<dyn Error + Send + Sync>),
    /// The work is another task's, or over.
    #[error("{0}")]
    Lost(String),
    /// It is not known whose the work is, or somebody wants this task to end.
    #[error("{0}")]
    Trouble(String),
}

impl Holder {
    /// Claims the fence for `task`, and looks whether the work is still wanted and what it is
    /// about, unless the variables have `named` it.
    pub(super) async fn claim(
        clients: &Clients,
        settings: &Settings,
        task: String,
        named: Inputs,
    ) -> Result<Self, Unstarted> {
        let trouble = |trouble: Trouble| Unstarted::Trouble(trouble.to_string());
        let ledger = LedgerTable::new(clients, &settings.ledger);
        let claim = || claim_fence(&ledger, &Machine, &settings.launch, &task);
        let claimed = patiently(&Machine, PATIENCE, claim).await;
        if let Fence::Lost(reason) = claimed.map_err(trouble)? {
            return Err(Unstarted::Lost(reason));
        }
        Self::of(ledger, settings, task, named).await.map_err(trouble)
    }

    /// The holder of the fence, which looks whether the work is still wanted and what it is about.
    pub(super) async fn of(
        ledger: LedgerTable,
        settings: &Settings,
        task: String,
        named: Inputs,
    ) -> Result<Self, Trouble> {
        let newer = if settings.newest_only {
            let newer = || newer(&ledger, &settings.launch.run);
            patiently(&Machine, PATIENCE, newer).await?
        } else {
            None
        };
        let inputs = if named.objects.is_empty() {
            let inputs = || inputs(&ledger, &settings.launch.run);
            patiently(&Machine, PATIENCE, inputs).await?.unwrap_or_default()
        } else {
            named
        };
        Ok(Self { ledger, task, newer, inputs })
    }

    /// Ends when the run is no longer this task's.
    ///
    /// Only when that is certain: what a command does cannot be stopped between two of its batches,
    /// and to kill it because the ledger does not answer would waste its work without need.
    pub(super) async fn lost(&self, launch: &LaunchId) {
        loop {
            tokio::time::sleep(ASK_EVERY).await;
            match still_ours(&self.ledger, launch, &self.task).await {
                Ok(true) => {}
                Ok(false) => {
                    error!("The run is no longer this task's: the command is killed");
                    return;
                }
                Err(trouble) => {
                    warn!(%trouble, "It is not known whether the run is still this task's");
                }
            }
        }
    }
}
