//! Looking at runs and steering them, against AWS and the embedded AWS alike: the table and the
//! queues of a stack are found by the names that its template gives them.

mod backfill;
mod follow;
mod known;
mod next;
mod recommend;
mod redrive;
mod runs;
mod scale;
mod scale_story;
mod schedules;
mod send;
mod spans;
mod start;
mod steer;
mod triggers;
mod why;

use std::process::ExitCode;

use jiff::Timestamp;
use longshore::{
    config::Variables,
    run::{Run, RunId},
};
use longshore_aws::{Clients, LedgerTable, Machine, SqsQueue};
use longshore_engine::ports::{Clock, Ledger};

use crate::{
    args::{OpsCommand, StackArgs},
    page::say,
};

/// Where the state of a stack is.
#[derive(Clone, Debug)]
pub(crate) struct Stack {
    name: String,
    clients: Clients,
    ledger: LedgerTable,
}

/// Why a command came to nothing, and what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpsError {
    #[error("{0}")]
    Clients(#[from] longshore_aws::ClientsError),
    #[error("{0}; is `{1}` the name of the stack? --stack-name says another")]
    Ledger(longshore_engine::ports::LedgerError, String),
    #[error("{0}; is `{1}` the name of the stack? --stack-name says another")]
    Queue(longshore_engine::ports::QueueError, String),
    #[error("{0}")]
    Trouble(#[from] longshore_engine::Trouble),
    #[error("{0}")]
    Said(String),
}

/// Does what the command line says.
pub(crate) async fn run(variables: &Variables, at: &StackArgs, command: OpsCommand) -> ExitCode {
    match act(variables, at, command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            crate::page::complain("longshore", &error.to_string());
            ExitCode::FAILURE
        }
    }
}

async fn act(variables: &Variables, at: &StackArgs, command: OpsCommand) -> Result<(), OpsError> {
    if let OpsCommand::Next(asked) = &command
        && let Some(expression) = &asked.expression
    {
        return next::of_expression(expression, asked, at.json);
    }
    let stack = Stack::connect(variables, &at.stack_name).await?;
    let is_json = at.json;
    match command {
        OpsCommand::Runs(which) => runs::runs(&stack, &which, is_json).await,
        OpsCommand::Why { run, since } => why::why(&stack, &run, since, is_json).await,
        OpsCommand::Cancel { runs, reason } => steer::cancel(&stack, &runs, &reason, is_json).await,
        OpsCommand::Redrive(which) => redrive::redrive(&stack, &which, is_json).await,
        OpsCommand::Pause { trigger } => steer::pause(&stack, &trigger, true, is_json).await,
        OpsCommand::Resume { trigger } => steer::pause(&stack, &trigger, false, is_json).await,
        OpsCommand::Forget { trigger } => steer::forget(&stack, &trigger, is_json).await,
        OpsCommand::Scale => scale::scale(&stack, is_json).await,
        OpsCommand::Recommend(asked) => recommend::recommend(&stack, &asked, is_json).await,
        OpsCommand::Schedules => schedules::schedules(&stack, is_json).await,
        OpsCommand::Next(asked) => next::of_trigger(&stack, &asked, is_json).await,
        OpsCommand::Run(asked) => start::start(&stack, &asked, is_json).await,
        OpsCommand::Backfill(asked) => backfill::backfill(&stack, &asked, is_json).await,
    }
}

impl Stack {
    async fn connect(variables: &Variables, name: &str) -> Result<Self, OpsError> {
        let clients = Clients::connect(variables).await?;
        let ledger = LedgerTable::new(&clients, &format!("{name}-ledger"));
        Ok(Self { name: name.to_owned(), clients, ledger })
    }

    async fn queue(&self, name: &str) -> Result<SqsQueue, OpsError> {
        let queue = SqsQueue::named(&self.clients, &format!("{}-{name}", self.name)).await;
        queue.map_err(|error| OpsError::Queue(error, self.name.clone()))
    }

    /// A backfill command of this stack.
    fn again(&self, trigger: &str, rest: &str) -> String {
        let stack = match self.name.as_str() {
            "longshore" => String::new(),
            name => format!(" --stack-name {name}"),
        };
        format!("longshore backfill {trigger} {rest}{stack}")
    }

    fn ledger_error(&self, error: longshore_engine::ports::LedgerError) -> OpsError {
        OpsError::Ledger(error, self.name.clone())
    }

    /// The run with this id, or an error that says how to find one.
    async fn find(&self, id: &str) -> Result<Run, OpsError> {
        let parsed: RunId = id.parse().map_err(|_| {
            OpsError::Said(format!(
                "`{}` is not the id of a run: 26 of a-z and 2-7, as `longshore runs` shows them",
                id.escape_debug()
            ))
        })?;
        let run = self.ledger.run(&parsed).await.map_err(|error| self.ledger_error(error))?;
        run.ok_or_else(|| {
            OpsError::Said(format!(
                "there is no run {id} in stack `{}`: it is older than 30 days, or of another stack",
                self.name
            ))
        })
    }
}

/// The time of the stack: an embedded AWS may have its own.
fn now() -> Timestamp {
    Machine.now()
}

fn print_json(value: &serde_json::Value) {
    say(&format!("{value:#}"));
}
