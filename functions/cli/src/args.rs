//! The command line.

mod dev;
mod runs;
mod schedules;
mod simulate;
mod time;

use std::{ffi::OsString, path::PathBuf};

use clap::{Parser, Subcommand};
pub(crate) use dev::DevArgs;
use jiff::SignedDuration;
pub(crate) use runs::RunsArgs;
pub(crate) use schedules::{BackfillArgs, NextArgs, StartArgs};
pub(crate) use simulate::{RecommendArgs, ShowArgs, SimulateArgs};

/// S3 objects, schedules and queue depth become containers on Amazon ECS.
#[derive(Debug, Parser)]
#[command(name = "longshore", version, about)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) at: StackArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Which stack the commands are about that look at runs and steer them.
#[derive(Debug, clap::Args)]
pub(crate) struct StackArgs {
    /// Name of the stack, with which the names of its table and queues begin
    #[arg(long, global = true, default_value = "longshore", value_name = "NAME")]
    pub(crate) stack_name: String,
    /// Answers in JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs a template on this machine: an AWS on one loopback port, no account, no Docker
    Dev(Box<DevArgs>),
    /// Says what would go wrong with the triggers of a template, before anything is deployed
    Check(CheckArgs),
    /// Runs a command as the work of a run, at most once: an entrypoint for any image
    Exec {
        #[command(flatten)]
        polled: PolledArgs,
        /// Program and arguments; no shell reads them
        #[arg(last = true, required = true)]
        command: Vec<OsString>,
    },
    #[command(flatten)]
    Ops(OpsCommand),
    /// Says what scaling would cost and how long messages would wait, beside what else there is
    Simulate(Box<SimulateArgs>),
    /// The function of the inbox, on the Lambda Runtime API
    #[command(hide = true)]
    Trigger,
    /// The function of the outcomes, on the Lambda Runtime API
    #[command(hide = true)]
    Observer,
    /// The function that scales queues, on the Lambda Runtime API
    #[command(hide = true)]
    Scaler,
    /// The container that makes objects items of a table; its variables say which
    #[command(hide = true, disable_help_flag = true)]
    Worker {
        /// None, or `batch` or `poll` and its options
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<OsString>,
    },
}

/// Whether a command works off a queue, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct PolledArgs {
    /// Runs it for each message of a queue instead, with the message on its standard input
    #[arg(long)]
    pub(crate) poll: bool,
    /// URL of the queue, instead of the variable LONGSHORE_QUEUE
    #[arg(long, requires = "poll", value_name = "URL")]
    queue: Option<String>,
    /// Messages worked on at once; 1 without it
    #[arg(long, requires = "poll", value_name = "N")]
    slots: Option<String>,
    /// Tries of work that fails before its message is set aside; 5 without it
    #[arg(long, requires = "poll", value_name = "N")]
    tries: Option<String>,
}

impl PolledArgs {
    /// The same in the words of the worker.
    pub(crate) fn words(self) -> Vec<String> {
        let Self { queue, slots, tries, .. } = self;
        let options = [("--queue", queue), ("--slots", slots), ("--tries", tries)];
        options.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value?))).collect()
    }
}

/// Looking at runs and steering them.
#[derive(Debug, Subcommand)]
pub(crate) enum OpsCommand {
    /// Lists runs, the newest first
    Runs(RunsArgs),
    /// Says what happened to a run and what comes next, or why a queue is scaled as it is
    Why {
        /// Id of the run, or name of the queue
        run: String,
        /// How far back to tell a queue's changes, such as 3h or 7d, up to 30d [default: 1h]
        #[arg(long, value_name = "TIME", value_parser = time::back)]
        since: Option<SignedDuration>,
    },
    /// Cancels runs: a task that runs is stopped
    Cancel {
        /// Ids of the runs
        #[arg(required = true)]
        runs: Vec<String>,
        /// Who cancels, or why
        #[arg(long, default_value = "longshore cancel", value_name = "TEXT")]
        reason: String,
    },
    /// Gives failed runs another attempt, by the newest settings of their trigger
    Redrive(RedriveArgs),
    /// Has a trigger's new runs wait
    Pause {
        /// Name of the trigger
        trigger: String,
    },
    /// Starts the runs of a paused trigger
    Resume {
        /// Name of the trigger
        trigger: String,
    },
    /// Frees the name of a trigger whose rule or schedule is no more
    Forget {
        /// Name of the trigger
        trigger: String,
    },
    /// Lists the queues that are scaled: messages, rates, tasks, and the last decisions and why
    Scale,
    /// Says what other settings, and other scalers, would have made of what a queue's scaler saw
    Recommend(RecommendArgs),
    /// Lists the schedules that start runs: when next, when last, and how that went
    Schedules,
    /// Says when a schedule fires next
    Next(NextArgs),
    /// Starts a run now: of a tick, or of an object
    Run(StartArgs),
    /// Starts the runs of past ticks, or of objects that are there already, as far as none were
    Backfill(BackfillArgs),
}

#[derive(Debug, clap::Args)]
#[group(id = "which", required = true, multiple = true, args = ["runs", "trigger", "reason", "all", "envelopes"])]
pub(crate) struct RedriveArgs {
    /// Ids of failed or cancelled runs
    pub(crate) runs: Vec<String>,
    /// Those of this trigger
    #[arg(long, value_name = "NAME", conflicts_with = "runs")]
    pub(crate) trigger: Option<String>,
    /// Those whose reason holds this text
    #[arg(long, value_name = "TEXT", conflicts_with = "runs")]
    pub(crate) reason: Option<String>,
    /// All of them
    #[arg(long, conflicts_with = "runs")]
    pub(crate) all: bool,
    /// Envelopes that never became a run, instead of runs
    #[arg(long, conflicts_with_all = ["runs", "all"])]
    pub(crate) envelopes: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// CloudFormation or SAM template
    #[arg(default_value = "infra/template.yaml")]
    pub(crate) template: PathBuf,
    /// Value of a template parameter
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) parameters: Vec<(String, String)>,
    /// Objects a second that each rule may bring, for minutes: says where a task for each is too many
    #[arg(long, value_name = "PER_SECOND", default_value_t = 0.0, value_parser = rate)]
    pub(crate) rate: f64,
}

/// A number a second.
fn rate(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
    number.ok_or_else(|| format!("`{text}` is no rate; give objects a second, like 12 or 0.5"))
}

/// A seed of chaos.
pub(crate) fn seed(text: &str) -> Result<u64, String> {
    let advice = || format!("`{text}` is no seed; give a whole number from 0 to {}", u64::MAX);
    text.parse().map_err(|_| advice())
}

/// `NAME=VALUE`, split at the first `=`.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` has no `=`; write it like NAME=VALUE")),
    }
}
