//! Container: the object of a run becomes items of a table, or [any command](exec) does the work.
//!
//! ```text
//! variables ─▶ fence ─▶ object ─▶ records ─▶ items ─▶ table ─▶ report ─▶ exit code
//! ```

mod arguments;
mod exec;
mod fence;
mod settings;

use std::process::ExitCode;

use longshore::{
    config::Variables,
    run::{WorkResult, WorkStatus},
};
use longshore_aws::{BatchWriter, Clients, LedgerTable, Machine, S3Objects, TaskError};
use longshore_engine::{
    Fence, claim_fence,
    ingest::{IngestError, Ingested, ingest},
    newer,
    ports::ObjectTrouble,
    report,
};
use serde_json::{Value, json};
use tokio::signal::unix::SignalKind;
use tracing::{error, info, warn};

pub use arguments::{Arguments, Unknown};
pub use exec::exec;

use fence::FenceLease;
use settings::Settings;

/// The work is done.
const EXIT_DONE: u8 = 0;
/// No retry can help.
const EXIT_REJECT: u8 = 3;
/// There is nothing to do any more.
const EXIT_NOTHING_TO_DO: u8 = 4;
/// `EX_USAGE` of sysexits: the variables are wrong.
const EXIT_USAGE: u8 = 64;
/// `EX_SOFTWARE` of sysexits: records are unaccounted for.
const EXIT_DEFECT: u8 = 70;
/// `EX_TEMPFAIL` of sysexits: another try may work.
const EXIT_TRY_AGAIN: u8 = 75;

/// Works off the run that the variables name.
pub async fn run(variables: &Variables) -> ExitCode {
    longshore_aws::telemetry::start(variables);
    let settings = match Settings::read(variables) {
        Ok(settings) => settings,
        Err(error) => return unusable(&error),
    };
    let clients = match Clients::connect(variables).await {
        Ok(clients) => clients,
        Err(error) => return unusable(&error),
    };
    let task = match longshore_aws::task_arn(variables).await {
        Ok(task) => task,
        Err(error @ TaskError::NotATask) => return unusable(&error),
        Err(error @ TaskError::Endpoint(_)) => {
            error!(%error, "It is not known which task this is");
            return ExitCode::from(EXIT_TRY_AGAIN);
        }
    };
    let ledger = LedgerTable::new(&clients, &settings.ledger);
    match claim_fence(&ledger, &Machine, &settings.launch, &task).await {
        Ok(Fence::Held) => {}
        Ok(Fence::Lost(reason)) => {
            info!(reason, "The work is not this task's");
            // Never "done": a run that is being stopped refuses the fence to its own task.
            return ExitCode::from(EXIT_TRY_AGAIN);
        }
        Err(trouble) => {
            error!(%trouble, "The fence could not be claimed");
            return ExitCode::from(EXIT_TRY_AGAIN);
        }
    }
    let ended = until_terminated(work(&clients, &ledger, &settings, &task)).await;
    tell(&ledger, &settings, &task, ended).await
}

async fn work(
    clients: &Clients,
    ledger: &LedgerTable,
    settings: &Settings,
    task: &str,
) -> Result<Ingested, IngestError> {
    let newer = newer(ledger, &settings.launch.run).await;
    if let Some(newer) = newer.map_err(|trouble| IngestError::Retryable(trouble.to_string()))? {
        let why = format!("run {newer} is about a newer version of the object");
        return Err(IngestError::Superseded(ObjectTrouble::Superseded(why)));
    }
    let objects = S3Objects::new(clients);
    let table = BatchWriter::new(clients, &settings.table, settings.plan.key.clone()).await;
    let table = table.map_err(|error| IngestError::Rejected(error.to_string()))?;
    let lease = FenceLease::of(ledger, &settings.launch, task);
    // The lanes are large, and one allocation per task is nothing.
    Box::pin(ingest(&objects, &table, &Machine, &lease, &settings.plan)).await
}

/// SIGTERM ends the work where it stands: what is written stays, and another attempt writes the
/// same items again.
async fn until_terminated(
    work: impl Future<Output = Result<Ingested, IngestError>>,
) -> Result<Ingested, IngestError> {
    let mut terminate = match tokio::signal::unix::signal(SignalKind::terminate()) {
        Ok(terminate) => terminate,
        Err(error) => return Err(IngestError::Retryable(error.to_string())),
    };
    tokio::select! {
        ended = work => ended,
        _ = terminate.recv() => Err(IngestError::Retryable("stopped by SIGTERM".into())),
    }
}

/// Reports how the work ended; the exit code says the same to whoever cannot read the ledger.
async fn tell(
    ledger: &LedgerTable,
    settings: &Settings,
    task: &str,
    ended: Result<Ingested, IngestError>,
) -> ExitCode {
    let Some((status, reason, summary, code)) = verdict(&ended) else {
        // Never "done": if the run is this task's after all, its work is not finished.
        warn!("The run is, or may be, no longer this task's");
        return ExitCode::from(EXIT_TRY_AGAIN);
    };
    let result = WorkResult { status, reason, summary };
    info!(status = ?result.status, reason = result.reason, summary = %result.summary, "The work has ended");
    match report(ledger, &Machine, &settings.launch.run, task, result).await {
        Ok(true) => {}
        Ok(false) => warn!("The run is no longer this task's, and what it did was not reported"),
        // The exit code still tells the observer.
        Err(trouble) => error!(%trouble, "The result could not be reported"),
    }
    ExitCode::from(code)
}

/// What to report, and the exit code; nothing to report when the run is another's.
fn verdict(ended: &Result<Ingested, IngestError>) -> Option<(WorkStatus, String, Value, u8)> {
    let failed = |reason: &dyn std::fmt::Display, code| {
        (WorkStatus::Failed, reason.to_string(), Value::Null, code)
    };
    Some(match ended {
        Ok(done) => {
            let counts = done.summary.counts();
            let summary = json!({
                "equation": done.summary.to_string(),
                "read": counts.read,
                "written": counts.written,
                "replaced": counts.replaced,
                "deadLettered": counts.dead_lettered,
                "deadLetters": done.dead_letters,
            });
            (WorkStatus::Done, String::new(), summary, EXIT_DONE)
        }
        Err(IngestError::Superseded(why)) => {
            (WorkStatus::Superseded, why.to_string(), Value::Null, EXIT_NOTHING_TO_DO)
        }
        Err(error @ IngestError::Retryable(_)) => failed(error, EXIT_TRY_AGAIN),
        Err(error @ IngestError::Rejected(_)) => failed(error, EXIT_REJECT),
        Err(error @ IngestError::Defect(_)) => failed(error, EXIT_DEFECT),
        Err(IngestError::FenceLost) => return None,
    })
}

fn unusable(error: &dyn std::error::Error) -> ExitCode {
    longshore_aws::telemetry::complain("worker", error);
    ExitCode::from(EXIT_USAGE)
}
