//! Container: the object of a run becomes items of a table, or the objects of a tick do, or
//! [any command](exec) does the work.
//!
//! ```text
//! variables ─▶ fence ─▶ object ─▶ records ─▶ items ─▶ table ─▶ report ─▶ exit code
//! ```

mod arguments;
mod batch;
mod exec;
mod fence;
mod poll;
mod post;
mod settings;
mod several;

use std::{ffi::OsString, future::pending, process::ExitCode};

use longshore::{
    config::Variables,
    ingest::Summary,
    run::{Places, WorkResult, WorkStatus},
};
use longshore_aws::{BatchWriter, LedgerTable, Machine, S3Objects};
use longshore_engine::{
    PATIENCE, TELL,
    ingest::{IngestError, Ingested, ingest},
    inputs, newer, patiently,
    ports::{ObjectRef, ObjectTrouble},
    report,
};
use serde_json::{Value, json};
use tokio::signal::unix::SignalKind;
use tracing::{error, info, warn};

pub use arguments::{Arguments, Unknown};
pub use exec::exec;
pub use poll::exec_poll;

use fence::FenceLease;
use post::Post;
use settings::Settings;
use several::Several;

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

/// Does what the words behind the program's own name say.
pub async fn start(variables: &Variables, words: impl IntoIterator<Item = OsString>) -> ExitCode {
    match Arguments::read(words) {
        Ok(Arguments::Ingest) => run(variables).await,
        Ok(Arguments::Batch(options)) => Box::pin(batch::run(variables, &options)).await,
        Ok(Arguments::Poll(words)) => Box::pin(poll::rows(variables, words)).await,
        Ok(Arguments::Exec(command)) => exec(variables, &command).await,
        Ok(Arguments::ExecPoll(words, command)) => exec_poll(variables, words, &command).await,
        Err(error) => unusable(&error),
    }
}

/// Works off the run that the variables name.
async fn run(variables: &Variables) -> ExitCode {
    longshore_aws::telemetry::start(variables);
    let settings = match Settings::read(variables) {
        Ok(settings) => settings,
        Err(error) => return unusable(&error),
    };
    let post = match Post::take(variables, &settings).await {
        Ok(post) => post,
        Err(code) => return code,
    };
    let verdict = match post.tools(&settings).await {
        Ok(tools) => work(&post.desk(&tools, &settings), &post.ledger, terminated()).await,
        Err(error) => verdict(&Err(error)),
    };
    tell(&post.ledger, &settings, &post.task, verdict).await
}

/// What to report, and the exit code that says the same to whoever cannot read the ledger; nothing
/// to report when the run is another's.
type Verdict = Option<(WorkResult, u8)>;

/// The work on the objects of the run, until it ends or is `stopped`.
async fn work(desk: &Desk<'_>, ledger: &LedgerTable, stopped: impl Future<Output = ()>) -> Verdict {
    match desk.settings.object.clone() {
        Some(object) => one(desk, ledger, object, stopped).await,
        None => several(desk, ledger, stopped).await,
    }
}

/// The work on one object.
async fn one(
    desk: &Desk<'_>,
    ledger: &LedgerTable,
    object: ObjectRef,
    stopped: impl Future<Output = ()>,
) -> Verdict {
    let work = async {
        let newer = || newer(ledger, &desk.settings.launch.run);
        if let Some(newer) = patiently(&Machine, PATIENCE, newer).await? {
            let why = format!("run {newer} is about a newer version of the object");
            return Err(IngestError::Superseded(ObjectTrouble::Superseded(why)));
        }
        desk.ingest(object).await
    };
    let ended = until(work, stopped).await;
    verdict(&ended.unwrap_or_else(|| Err(IngestError::Retryable(STOPPED.into()))))
}

/// The work on the objects that the ledger lists for the run.
async fn several(
    desk: &Desk<'_>,
    ledger: &LedgerTable,
    stopped: impl Future<Output = ()>,
) -> Verdict {
    let inputs = || inputs(ledger, &desk.settings.launch.run);
    let inputs = match patiently(&Machine, PATIENCE, inputs).await {
        Ok(Some(inputs)) => inputs,
        Ok(None) => return verdict(&Err(IngestError::Rejected(NO_OBJECT.into()))),
        Err(trouble) => return verdict(&Err(trouble.into())),
    };
    let mut several = Several::new(inputs);
    let all = until(several.work(desk), stopped).await;
    several.verdict(if all.is_some() { "not begun" } else { STOPPED })
}

/// Said of a run that is about a tick.
const NO_OBJECT: &str = "the run has no object to write to the table; for the ticks of a schedule \
                         give the worker the command `batch --source s3://bucket/prefix/`, or use an \
                         image of your own, with `longshore exec -- cmd` as its entrypoint";

/// Said when SIGTERM came first.
const STOPPED: &str = "stopped by SIGTERM";

/// Everything that the work on an object needs.
struct Desk<'a> {
    objects: &'a S3Objects,
    table: &'a BatchWriter,
    lease: FenceLease<'a>,
    settings: &'a Settings,
}

impl Desk<'_> {
    async fn ingest(&self, object: ObjectRef) -> Result<Ingested, IngestError> {
        let plan = self.settings.plan(object);
        // The lanes are large, and one allocation per object is nothing.
        Box::pin(ingest(self.objects, self.table, &Machine, &self.lease, &plan)).await
    }
}

/// Ends `work` where it stands when it is `stopped`: what is written stays, and another attempt
/// writes the same items again.
async fn until<T>(work: impl Future<Output = T>, stopped: impl Future<Output = ()>) -> Option<T> {
    tokio::select! {
        ended = work => Some(ended),
        () = stopped => None,
    }
}

/// Returns on SIGTERM.
async fn terminated() {
    match tokio::signal::unix::signal(SignalKind::terminate()) {
        Ok(mut terminate) => drop(terminate.recv().await),
        Err(_) => pending().await,
    }
}

/// Reports how the work ended.
async fn tell(ledger: &LedgerTable, settings: &Settings, task: &str, verdict: Verdict) -> ExitCode {
    let Some((result, code)) = verdict else {
        // Never "done": if the run is this task's after all, its work is not finished.
        warn!("The run is, or may be, no longer this task's");
        return ExitCode::from(EXIT_TRY_AGAIN);
    };
    info!(status = ?result.status, reason = result.reason, summary = %result.summary, "The work has ended");
    let report = || report(ledger, &Machine, &settings.launch.run, task, result.clone());
    match patiently(&Machine, TELL, report).await {
        Ok(true) => {}
        Ok(false) => warn!("The run is no longer this task's, and what it did was not reported"),
        // The exit code still tells the observer.
        Err(trouble) => error!(%trouble, "The result could not be reported"),
    }
    ExitCode::from(code)
}

fn verdict(ended: &Result<Ingested, IngestError>) -> Verdict {
    let (status, reason, summary, code) = match ended {
        Ok(done) => {
            let mut summary = counted(done.summary);
            summary["deadLetters"] = json!(done.dead_letters);
            (WorkStatus::Done, String::new(), summary, EXIT_DONE)
        }
        Err(IngestError::Superseded(why)) => {
            (WorkStatus::Superseded, why.to_string(), Value::Null, EXIT_NOTHING_TO_DO)
        }
        Err(IngestError::FenceLost) => return None,
        Err(error) => (WorkStatus::Failed, error.to_string(), Value::Null, exit_code(error)),
    };
    Some((WorkResult { status, reason, summary, failed: Places::default() }, code))
}

/// The exit code of a failure.
fn exit_code(error: &IngestError) -> u8 {
    match error {
        IngestError::Rejected(_) | IngestError::NoTable(_) | IngestError::Bad { .. } => EXIT_REJECT,
        IngestError::Defect(_) => EXIT_DEFECT,
        _ => EXIT_TRY_AGAIN,
    }
}

fn counted(summary: Summary) -> Value {
    let counts = summary.counts();
    json!({
        "equation": summary.to_string(),
        "read": counts.read,
        "written": counts.written,
        "replaced": counts.replaced,
        "deadLettered": counts.dead_lettered,
    })
}

fn unusable(error: &dyn std::error::Error) -> ExitCode {
    longshore_aws::telemetry::complain("worker", error);
    ExitCode::from(EXIT_USAGE)
}
