//! Lambda: a task state change settles its run; a sweep every minute finds what events missed.
//!
//! ```text
//! outcomes (SQS) ─▶ observer ─▶ ledger      (failed runs ─▶ failed, poison ─▶ inbox-dead)
//! schedule ─▶ sweep ─▶ due runs ─▶ DescribeTasks ─▶ ledger
//! ```

use aws_lambda_events::event::sqs::SqsEvent;
use lambda_runtime::{LambdaEvent, service_fn};
use longshore::config::{ConfigError, Variables};
use longshore_aws::{Clients, ClientsError, EcsTasks, LedgerTable, Machine, SqsQueue};
use longshore_engine::{Trouble, on_change, sweep};
use serde::Deserialize;
use serde_json::{Value, json};
use tracing::info;

/// The function cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum ObserverError {
    /// A variable is missing or wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The clients cannot be made.
    #[error(transparent)]
    Clients(#[from] ClientsError),
    /// The Runtime API went away.
    #[error("Lambda Runtime API: {0}")]
    Runtime(#[from] lambda_runtime::Error),
}

/// What the function is invoked with.
#[derive(Deserialize)]
#[serde(untagged)]
enum Payload {
    /// By the schedule.
    Sweep {
        #[serde(rename = "sweep")]
        _sweep: bool,
    },
    /// By the outcomes queue.
    Outcomes(SqsEvent),
}

/// Everything the function touches.
struct Observer {
    ledger: LedgerTable,
    ecs: EcsTasks,
    outcomes: SqsQueue,
    dead_letters: SqsQueue,
    failed: SqsQueue,
}

/// Serves the function until Lambda ends the process.
pub async fn run(variables: &Variables) -> Result<(), ObserverError> {
    longshore_aws::telemetry::start(variables);
    let observer = Observer::connect(variables).await?;
    let observer = &observer;
    let serve = service_fn(move |event: LambdaEvent<Payload>| async move {
        match event.payload {
            Payload::Outcomes(batch) => observer.take(batch).await,
            Payload::Sweep { .. } => Ok(observer.sweep().await?),
        }
    });
    Ok(lambda_runtime::run(serve).await?)
}

impl Observer {
    async fn connect(variables: &Variables) -> Result<Self, ObserverError> {
        let ledger = variables.required("LONGSHORE_LEDGER")?;
        let outcomes = variables.required("LONGSHORE_OUTCOMES")?;
        let dead_letters = variables.required("LONGSHORE_INBOX_DEAD")?;
        let failed = variables.required("LONGSHORE_FAILED")?;
        let clients = Clients::connect(variables).await?;
        Ok(Self {
            ledger: LedgerTable::new(&clients, ledger),
            ecs: EcsTasks::new(&clients),
            outcomes: SqsQueue::new(&clients, outcomes),
            dead_letters: SqsQueue::new(&clients, dead_letters),
            failed: SqsQueue::new(&clients, failed),
        })
    }

    async fn take(&self, batch: SqsEvent) -> Result<Value, lambda_runtime::Error> {
        let response = longshore_aws::each(&self.outcomes, batch, |body| async move {
            let (dead_letters, failed) = (&self.dead_letters, &self.failed);
            on_change(&self.ledger, dead_letters, failed, &Machine, &body).await.map(drop)
        });
        Ok(serde_json::to_value(response.await)?)
    }

    async fn sweep(&self) -> Result<Value, Trouble> {
        let swept = sweep(&self.ledger, &self.ecs, &self.failed, &Machine).await?;
        if swept.seen > 0 {
            info!(swept.seen, swept.troubled, "Swept due runs");
        }
        Ok(json!({"seen": swept.seen, "troubled": swept.troubled}))
    }
}
