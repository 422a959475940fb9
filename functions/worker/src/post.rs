//! variables ─▶ clients ─▶ which task this is ─▶ the fence

use std::process::ExitCode;

use longshore::config::Variables;
use longshore_aws::{BatchWriter, Clients, LedgerTable, Machine, S3Objects, TaskError};
use longshore_engine::{Fence, PATIENCE, claim_fence, ingest::IngestError, patiently};
use tracing::{error, info};

use crate::{
    Desk, EXIT_TRY_AGAIN, STOPPED, fence::FenceLease, settings::Settings, terminated, until,
    unusable,
};

/// What a task has that may begin to work.
pub(crate) struct Post {
    pub(crate) clients: Clients,
    pub(crate) ledger: LedgerTable,
    /// ARN of this task, which holds the fence.
    pub(crate) task: String,
}

impl Post {
    /// Claims the fence of the run, or says with what to exit.
    pub(crate) async fn take(variables: &Variables, settings: &Settings) -> Result<Self, ExitCode> {
        let clients = Clients::connect(variables).await.map_err(|error| unusable(&error))?;
        let task = longshore_aws::task_arn(variables).await.map_err(|error| match error {
            TaskError::NotATask => unusable(&error),
            TaskError::Endpoint(_) => {
                error!(%error, "It is not known which task this is");
                ExitCode::from(EXIT_TRY_AGAIN)
            }
        })?;
        let ledger = LedgerTable::new(&clients, &settings.ledger);
        if !holds_fence(&ledger, settings, &task).await {
            // Never "done": a run that is being stopped refuses the fence to its own task.
            return Err(ExitCode::from(EXIT_TRY_AGAIN));
        }
        Ok(Self { clients, ledger, task })
    }

    /// What reads objects, and what writes to the table.
    pub(crate) async fn tools(
        &self,
        settings: &Settings,
    ) -> Result<(S3Objects, BatchWriter), IngestError> {
        let table = BatchWriter::new(&self.clients, &settings.table, settings.key()).await;
        let table = table.map_err(|error| IngestError::Rejected(error.to_string()))?;
        Ok((S3Objects::new(&self.clients), table))
    }

    /// Everything that the work on an object needs.
    pub(crate) fn desk<'a>(
        &'a self,
        (objects, table): &'a (S3Objects, BatchWriter),
        settings: &'a Settings,
    ) -> Desk<'a> {
        let lease = FenceLease::of(&self.ledger, &settings.launch, &self.task);
        Desk { objects, table, lease, settings }
    }
}

/// Whether the work is this task's.
async fn holds_fence(ledger: &LedgerTable, settings: &Settings, task: &str) -> bool {
    let claim = || claim_fence(ledger, &Machine, &settings.launch, task);
    match until(patiently(&Machine, PATIENCE, claim), terminated()).await {
        Some(Ok(Fence::Held)) => return true,
        Some(Ok(Fence::Lost(reason))) => info!(reason, "The work is not this task's"),
        Some(Err(trouble)) => error!(%trouble, "The fence could not be claimed"),
        None => info!(reason = STOPPED, "The work is not begun"),
    }
    false
}
