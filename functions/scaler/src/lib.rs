//! Lambda: queue depth sets the number of workers.
//!
//! ```text
//! schedule, once a minute ─▶ scaler ─▶ each queue, until the next scaler has taken it over:
//!     depth (SQS), workers (ledger), tasks (ECS) ─▶ ledger ─▶ RunTask, UpdateService, drains
//! ```

use std::time::{Duration, SystemTime};

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use longshore::{
    config::{ConfigError, Variables},
    fleet::{Change, Queue},
};
use longshore_aws::{Clients, ClientsError, EcsFleets, LedgerTable, Machine, SqsDepths, telemetry};
use longshore_engine::{Permits, ScalePorts, Scaling, ports::Clock as _, scale};
use serde_json::{Value, json};
use tracing::info;

/// How long before Lambda ends the invocation it ends itself: longer than a call and the last
/// writes take.
const MARGIN: SignedDuration = SignedDuration::from_secs(10);

/// The function cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum ScalerError {
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
struct Scaler {
    ledger: LedgerTable,
    depths: SqsDepths,
    fleets: EcsFleets,
    permits: Permits,
}

/// Serves the function until Lambda ends the process.
pub async fn run(variables: &Variables) -> Result<(), ScalerError> {
    telemetry::start(variables);
    let ledger = variables.required("LONGSHORE_LEDGER")?;
    let clients = Clients::connect(variables).await?;
    let scaler = Scaler {
        ledger: LedgerTable::new(&clients, ledger),
        depths: SqsDepths::new(&clients),
        fleets: EcsFleets::new(&clients),
        permits: Permits::read(variables)?,
    };
    let scaler = &scaler;
    let serve = service_fn(move |event: LambdaEvent<Value>| async move {
        let until = until(event.context.deadline(), SystemTime::now(), Machine.now());
        scaler.scale(event.payload, until).await
    });
    Ok(lambda_runtime::run(serve).await?)
}

/// When to end, if Lambda ends the invocation at `deadline`.
fn until(deadline: SystemTime, machine: SystemTime, now: Timestamp) -> Timestamp {
    let left = deadline.duration_since(machine).unwrap_or(Duration::ZERO);
    now + SignedDuration::try_from(left).unwrap_or_default() - MARGIN
}

impl Scaler {
    /// Scales all queues of the input at the same time. One that is refused, or meets trouble,
    /// keeps no other from it; but the invocation has failed then, which is what an alarm sees.
    async fn scale(&self, input: Value, until: Timestamp) -> Result<Value, Diagnostic> {
        let queues = Queue::parse_all(input).map_err(|rejected| failed(&[rejected.to_string()]))?;
        let ends = queues.into_iter().map(|queue| async move {
            match queue {
                Ok(queue) => self.scale_one(&queue, until).await,
                Err(rejected) => Err(rejected.to_string()),
            }
        });
        told(join_all(ends).await)
    }

    async fn scale_one(&self, queue: &Queue, until: Timestamp) -> Result<Value, String> {
        let on = ScalePorts {
            ledger: &self.ledger,
            rows: &self.ledger,
            depth: &self.depths,
            fleet: &self.fleets,
            world: &Machine,
            permits: &self.permits,
            tell: &tell,
        };
        let name = queue.name();
        match Box::pin(scale(&on, queue, until)).await {
            Ok(Scaling::Unread) => Err(format!(
                "could not look at queue `{name}` for most of a minute, so its fleet stays as it \
                 is; the warnings before say why"
            )),
            Ok(ends) => Ok(json!({"queue": name, "ends": ends.word()})),
            Err(trouble) => Err(format!("queue `{name}`: {trouble}")),
        }
    }
}

/// What the invocation answers. The runtime logs it if it has failed.
fn told(ends: Vec<Result<Value, String>>) -> Result<Value, Diagnostic> {
    let troubles: Vec<_> = ends.iter().filter_map(|end| end.clone().err()).collect();
    if !troubles.is_empty() {
        return Err(failed(&troubles));
    }
    Ok(ends.into_iter().flatten().collect())
}

fn failed(troubles: &[String]) -> Diagnostic {
    Diagnostic { error_type: "NotScaled".to_owned(), error_message: troubles.join("; ") }
}

/// One line in words, and one of metrics.
fn tell(queue: &str, change: &Change) {
    let Change { decision, shadow, .. } = change;
    info!(queue, decision.from, decision.to, shadow, "{decision}");
    telemetry::metrics(&change.metrics(queue));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invocation_fails_if_one_of_its_queues_was_not_scaled() {
        let one = || Ok(json!({"queue": "one", "ends": "over"}));
        assert_eq!(told(vec![one()]).unwrap(), json!([{"queue": "one", "ends": "over"}]));
        let error = told(vec![Err("two".to_owned()), one(), Err("three".to_owned())]).unwrap_err();
        assert_eq!(error.error_message, "two; three");
    }

    #[test]
    fn it_ends_before_lambda_ends_it() {
        let machine = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        let ends = |secs| until(machine + Duration::from_secs(secs), machine, now).to_string();
        assert_eq!(ends(90), "2026-11-23T10:01:20Z");
        let over = until(machine - Duration::from_secs(5), machine, now);
        assert!(over < now, "it looks once, and ends");
    }
}
