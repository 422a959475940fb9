//! The messages of a queue are worked off: their objects become items of a table, or
//! [a command](command) does the work of each.
//!
//! ```text
//! variables, words ─▶ queue's terms ─▶ receive ─▶ work ─▶ delete · hand back · set aside
//!                                         └─ beat ─▶ its row ─▶ stay or drain
//! ```

mod command;
mod runs;
mod settings;

use std::{cell::Cell, ffi::OsString, process::ExitCode};

use longshore::{
    config::Variables,
    fleet::queue_name,
    poll::{Ended, Message, Post},
    trigger::Launch,
};
use longshore_aws::{
    BatchWriter, Clients, EcsAgent, LedgerTable, Machine, S3Objects, S3Shelf, SqsInbox, TaskError,
};
use longshore_engine::{
    Did,
    poll::{Hold, Rows, Tools, Work, poll, terms, work_off_objects},
    ports::{InboxTrouble, Rng as _, Terms},
};
use tracing::{error, info, warn};

use crate::{
    Desk, EXIT_DONE, EXIT_TRY_AGAIN,
    exec::Signals,
    fence::FenceLease,
    settings::{Destination, Settings},
    unusable,
};
use command::Commands;
use runs::{RunWork, WithRuns, asked_to_end};
use settings::PollSettings;

/// Messages worked on at once, of which each has eight batches in flight.
const SLOTS_OF_ROWS: usize = 10;
/// Commands at once: most use the whole of a small task.
const SLOTS_OF_COMMANDS: usize = 1;

/// Makes items of the objects of a queue's messages.
pub(super) async fn rows(variables: &Variables, words: Vec<String>) -> ExitCode {
    longshore_aws::telemetry::start(variables);
    let settings = match PollSettings::read(variables, words, SLOTS_OF_ROWS) {
        Ok(settings) => settings,
        Err(error) => return unusable(&error),
    };
    let destination = match Destination::read(variables) {
        Ok(destination) => destination,
        Err(error) => return unusable(&error),
    };
    let clients = match Clients::connect(variables).await {
        Ok(clients) => clients,
        Err(error) => return unusable(&error),
    };
    let table = BatchWriter::new(&clients, &destination.table, destination.key.clone()).await;
    let table = match table {
        Ok(table) => table,
        Err(error) => return unusable(&error),
    };
    let work = RowsWork {
        objects: S3Objects::new(&clients),
        table,
        destination,
        variables,
        ledger: settings.ledger(&clients),
        queue: queue_name(&settings.options.queue).to_owned(),
    };
    work_off(variables, &clients, settings, &work).await
}

/// Has `command`, which has a program, do the work of each message of a queue.
pub async fn exec_poll(
    variables: &Variables,
    words: Vec<String>,
    command: &[OsString],
) -> ExitCode {
    longshore_aws::telemetry::start(variables);
    let settings = match PollSettings::read(variables, words, SLOTS_OF_COMMANDS) {
        Ok(settings) => settings,
        Err(error) => return unusable(&error),
    };
    let work = match Commands::new(variables, command) {
        Ok(work) => work,
        Err(error) => return unusable(&error),
    };
    let clients = match Clients::connect(variables).await {
        Ok(clients) => clients,
        Err(error) => return unusable(&error),
    };
    Box::pin(work_off(variables, &clients, settings, &work)).await
}

/// Objects that become items.
struct RowsWork<'a> {
    objects: S3Objects,
    table: BatchWriter,
    destination: Destination,
    variables: &'a Variables,
    ledger: Option<LedgerTable>,
    queue: String,
}

impl Work for RowsWork<'_> {
    async fn work(&self, message: &Message, hold: &Hold) -> Ended {
        let Self { objects, table, destination, ledger, queue, .. } = self;
        let plan = |object| destination.plan(object);
        let checkpoints = ledger.as_ref();
        let rows = Rows { objects, table, world: &Machine, plan, checkpoints, queue };
        Box::pin(work_off_objects(&rows, message, hold)).await
    }
}

impl RunWork for RowsWork<'_> {
    async fn run(&self, launch: &Launch, ledger: &LedgerTable, task: &str, hold: &Hold) -> Did {
        let settings = match Settings::read(&self.variables.with(&launch.environment)) {
            Ok(settings) => settings,
            Err(error) => return Did::LetGo(None, error.to_string()),
        };
        let lease = FenceLease::of(ledger, &settings.launch, task);
        let (objects, table) = (&self.objects, &self.table);
        let desk = Desk { objects, table, lease, settings: &settings };
        let is_asked = Cell::new(false);
        let asked = async {
            asked_to_end(hold, false).await;
            is_asked.set(true);
        };
        match crate::work(&desk, ledger, asked).await {
            None => Did::Lost,
            Some((result, _)) if is_asked.get() => {
                Did::LetGo(Some(result), "the worker was told to leave".into())
            }
            Some((result, code)) => Did::Ended(Some(result), code.into()),
        }
    }
}

impl RunWork for Commands<'_> {
    async fn run(&self, launch: &Launch, ledger: &LedgerTable, task: &str, hold: &Hold) -> Did {
        self.run_of(launch, ledger, task, hold).await
    }
}

/// From the first message to SIGTERM, or to the order to leave.
async fn work_off(
    variables: &Variables,
    clients: &Clients,
    settings: PollSettings,
    work: &impl RunWork,
) -> ExitCode {
    let mut signals = match Signals::listen() {
        Ok(signals) => signals,
        Err(error) => return try_again(&format!("no signals: {error}")),
    };
    let inbox = match SqsInbox::new(clients, &settings.options.queue) {
        Ok(inbox) => inbox,
        Err(error) => return unusable(&error),
    };
    let begun = tokio::select! {
        biased;
        signal = signals.end_asked() => return try_again(&format!("stopped by {signal}")),
        begun = begin(variables, clients, &inbox, settings) => begun,
    };
    let (settings, post, runs) = match begun {
        Ok(begun) => begun,
        Err(code) => return code,
    };
    let ledger = settings.ledger(clients);
    let PollSettings { dead_letter_bucket, dead_letter_prefix, .. } = settings;
    let tools = Tools {
        inbox: &inbox,
        work: &WithRuns { work, post: runs },
        shelf: &S3Shelf::new(S3Objects::new(clients), dead_letter_bucket, dead_letter_prefix),
        workers: ledger.as_ref(),
        protection: &EcsAgent::of(variables),
        world: &Machine,
    };
    let asked = async {
        let signal = signals.end_asked().await;
        info!(signal, "No more messages are received");
    };
    poll(&tools, post, asked).await;
    info!("The worker leaves");
    ExitCode::from(EXIT_DONE)
}

/// Asks what the queue is set to and which task this is.
async fn begin(
    variables: &Variables,
    clients: &Clients,
    inbox: &SqsInbox,
    settings: PollSettings,
) -> Result<(PollSettings, Post, Result<runs::Post, String>), ExitCode> {
    let terms = terms(inbox, &Machine).await.map_err(|trouble| match trouble {
        InboxTrouble::Refused(_) => unusable(&trouble),
        InboxTrouble::Retryable(_) => try_again(&trouble.to_string()),
    })?;
    let task = match longshore_aws::task(variables).await {
        Ok(task) => Some(task),
        Err(TaskError::NotATask) => None,
        Err(trouble @ TaskError::Endpoint(_)) => return Err(try_again(&trouble.to_string())),
    };
    warn_of(&settings, terms);
    let runs = runs::Post::of(variables, clients, task.as_ref()).await;
    let in_service = task.as_ref().is_some_and(|task| task.service.is_some());
    let definition = task.as_ref().and_then(longshore_aws::Task::definition);
    let name = task.map_or_else(|| format!("process/{}", Machine.write_id()), |task| task.arn);
    let PollSettings { options, stop_secs, .. } = &settings;
    let queue = &options.queue;
    info!(queue, slots = options.slots, task = name, in_service, "The worker begins");
    let post = Post {
        options: options.clone(),
        visibility_secs: terms.visibility_secs,
        stop_secs: *stop_secs,
        task: name,
        definition,
        beats: settings.ledger.is_some(),
        in_service,
        sets_aside: settings.dead_letter_bucket.is_some(),
    };
    Ok((settings, post, runs))
}

/// Says once what will be missed.
fn warn_of(settings: &PollSettings, terms: Terms) {
    if settings.ledger.is_none() {
        info!(
            "LONGSHORE_LEDGER is not set: the worker cannot be told to leave, knows only the tries \
             and crashes that it sees itself, and begins anew what another left half done"
        );
    }
    if settings.dead_letter_bucket.is_none() && !terms.redrives {
        warn!(
            "neither LONGSHORE_DEAD_LETTER_BUCKET nor a redrive policy of the queue is set: a \
             message that nobody can work on comes back until the queue drops it"
        );
    }
}

fn try_again(why: &str) -> ExitCode {
    error!(why, "The worker does not begin");
    ExitCode::from(EXIT_TRY_AGAIN)
}
