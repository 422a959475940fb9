//! Lambda: a task state change settles its run; a sweep every minute finds what events missed.
//!
//! ```text
//! outcomes (SQS) ─▶ observer ─▶ ledger, RunTask   (ended runs ─▶ event bus, failed; poison ─▶ inbox-dead)
//! schedule ─▶ sweep ─▶ due runs ─▶ DescribeTasks, RunTask, StopTask ─▶ ledger
//! ```

use aws_lambda_events::event::sqs::SqsEvent;
use futures_util::future::join_all;
use jiff::SignedDuration;
use lambda_runtime::{LambdaEvent, service_fn};
use longshore::config::{ConfigError, Variables};
use longshore_aws::{
    Clients, ClientsError, Delivery, EcsTasks, LedgerTable, Machine, Outlets, SqsQueue,
};
use longshore_engine::{
    Permits, Sweep, Swept, Triggers, Trouble, on_change,
    ports::{Clock, Ports},
    sweep,
};
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
    outlets: Outlets,
    permits: Permits,
    triggers: Triggers,
}

/// How long a sweep goes on while runs wait for launch permits: the next one begins a minute
/// after it.
const SWEEP_FOR: SignedDuration = SignedDuration::from_secs(50);
/// Parts of the due runs that are swept at the same time.
const SWEEPS: u8 = 4;

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
        let bus = variables.optional("LONGSHORE_BUS").unwrap_or("default");
        let clients = Clients::connect(variables).await?;
        Ok(Self {
            ledger: LedgerTable::new(&clients, ledger),
            ecs: EcsTasks::new(&clients),
            outcomes: SqsQueue::new(&clients, outcomes),
            dead_letters: SqsQueue::new(&clients, dead_letters),
            outlets: Outlets::new(&clients, failed, bus),
            permits: Permits::read(variables)?,
            triggers: Triggers::default(),
        })
    }

    fn ports(&self) -> Ports<'_, LedgerTable, EcsTasks, Machine> {
        Ports {
            ledger: &self.ledger,
            ecs: &self.ecs,
            world: &Machine,
            permits: &self.permits,
            triggers: &self.triggers,
        }
    }

    async fn take(&self, batch: SqsEvent) -> Result<Value, lambda_runtime::Error> {
        let on = &self.ports();
        let response = longshore_aws::each(
            std::slice::from_ref(&self.outcomes),
            batch,
            |Delivery { body, .. }| async move {
                // A flow is some 26 KB, and one allocation per message is nothing.
                let flow = Box::pin(on_change(on, &self.outlets, &self.dead_letters, &body));
                flow.await.map(drop)
            },
        );
        Ok(serde_json::to_value(response.await)?)
    }

    async fn sweep(&self) -> Result<Value, Trouble> {
        let on = &self.ports();
        let until = Machine.now() + SWEEP_FOR;
        let part = u8::MAX / SWEEPS + 1;
        let sweeps = (0..SWEEPS).map(|nth| {
            let shards = nth * part..=nth * part + (part - 1);
            let part = Sweep { shards, until };
            async move { Box::pin(sweep(on, &self.outlets, &Machine, &part)).await }
        });
        let mut all = Swept::default();
        for swept in join_all(sweeps).await {
            all.add(swept?);
        }
        if all.seen > 0 {
            info!(all.seen, all.launched, all.troubled, "Swept due runs");
        }
        Ok(json!({"seen": all.seen, "launched": all.launched, "troubled": all.troubled}))
    }
}
