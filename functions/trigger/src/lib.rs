//! Lambda: an event in the inbox starts an ECS task, once.
//!
//! ```text
//! inbox (SQS) ─▶ trigger ─▶ ledger, RunTask      (poison ─▶ inbox-dead)
//! ```

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{LambdaEvent, service_fn};
use longshore::{
    config::{ConfigError, Variables},
    trigger::Allowed,
};
use longshore_aws::{Clients, ClientsError, Delivery, EcsTasks, LedgerTable, Machine, SqsQueue};
use longshore_engine::{Message, Permits, Triggers, on_messages, ports::Ports};

/// The function cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum TriggerError {
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

/// Everything the function touches.
struct Trigger {
    allowed: Allowed,
    ledger: LedgerTable,
    ecs: EcsTasks,
    inboxes: Vec<SqsQueue>,
    dead_letters: SqsQueue,
    permits: Permits,
    triggers: Triggers,
}

/// Serves the function until Lambda ends the process.
pub async fn run(variables: &Variables) -> Result<(), TriggerError> {
    longshore_aws::telemetry::start(variables);
    let trigger = Trigger::connect(variables).await?;
    let trigger = &trigger;
    let serve = service_fn(move |event: LambdaEvent<SqsEvent>| async move {
        Ok::<_, lambda_runtime::Error>(trigger.take(event.payload).await)
    });
    Ok(lambda_runtime::run(serve).await?)
}

impl Trigger {
    async fn connect(variables: &Variables) -> Result<Self, TriggerError> {
        let ledger = variables.required("LONGSHORE_LEDGER")?;
        variables.required("LONGSHORE_INBOXES")?;
        let inboxes = variables.list("LONGSHORE_INBOXES");
        let dead_letters = variables.required("LONGSHORE_INBOX_DEAD")?;
        let allowed = Allowed {
            buckets: variables.list("LONGSHORE_BUCKETS"),
            clusters: variables.list("LONGSHORE_CLUSTERS"),
            subnets: variables.list("LONGSHORE_SUBNETS"),
            queues: variables.list("LONGSHORE_QUEUES"),
        };
        let clients = Clients::connect(variables).await?;
        Ok(Self {
            allowed,
            ledger: LedgerTable::new(&clients, ledger),
            ecs: EcsTasks::new(&clients),
            inboxes: inboxes.iter().map(|url| SqsQueue::new(&clients, url)).collect(),
            dead_letters: SqsQueue::new(&clients, dead_letters),
            permits: Permits::read(variables)?,
            triggers: Triggers::default(),
        })
    }

    async fn take(&self, batch: SqsEvent) -> SqsBatchResponse {
        let on = Ports {
            ledger: &self.ledger,
            ecs: &self.ecs,
            world: &Machine,
            permits: &self.permits,
            triggers: &self.triggers,
        };
        let on = &on;
        longshore_aws::all(&self.inboxes, batch, |deliveries| async move {
            let messages = deliveries.iter();
            let messages = messages
                .map(|Delivery { body, sent_at }| Message { body, sent_at: *sent_at })
                .collect::<Vec<_>>();
            // A flow is some 26 KB a message, and one allocation is nothing.
            let handled = Box::pin(on_messages(on, &self.dead_letters, &self.allowed, &messages));
            handled.await.into_iter().map(|handled| handled.map(drop)).collect()
        })
        .await
    }
}
