//! The command line.

use std::{ffi::OsString, path::PathBuf};

use clap::{Parser, Subcommand};

/// S3 objects, schedules and queue depth become containers on Amazon ECS.
#[derive(Debug, Parser)]
#[command(name = "longshore", version, about)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs a template on this machine: an AWS on one loopback port, no account, no Docker
    Dev(Box<DevArgs>),
    /// Runs a command as the work of a run, at most once: an entrypoint for any image
    Exec {
        /// Program and arguments; no shell reads them
        #[arg(last = true, required = true)]
        command: Vec<OsString>,
    },
    /// The function of the inbox, on the Lambda Runtime API
    #[command(hide = true)]
    Trigger,
    /// The function of the outcomes, on the Lambda Runtime API
    #[command(hide = true)]
    Observer,
    /// The container that makes an object items of a table; its variables say which
    #[command(hide = true)]
    Worker,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DevArgs {
    /// CloudFormation or SAM template to run
    #[arg(default_value = "infra/template.yaml")]
    pub(crate) template: PathBuf,
    /// Port on 127.0.0.1; 0 takes any that is free
    #[arg(long, default_value_t = 4566)]
    pub(crate) port: u16,
    /// Directory that keeps the state, so that it outlives the command
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Name of the stack, with which the names of its resources begin
    #[arg(long, default_value = "longshore")]
    pub(crate) stack_name: String,
    /// Value of a template parameter
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) parameters: Vec<(String, String)>,
    /// Command that is a function on this machine, by the function's logical id
    #[arg(long = "function", value_name = "ID=COMMAND", value_parser = pair)]
    pub(crate) functions: Vec<(String, String)>,
    /// Command that stands for the images of a task definition, by its logical id or family
    #[arg(long = "task", value_name = "ID=COMMAND", value_parser = pair)]
    pub(crate) tasks: Vec<(String, String)>,
    /// Most tasks alive at once; ECS has no capacity for more
    #[arg(long, value_name = "COUNT")]
    pub(crate) max_tasks: Option<usize>,
    /// End after the sample: 0 if every row of it arrived, 1 if not
    #[arg(long)]
    pub(crate) once: bool,
    /// Do not upload the sample
    #[arg(long, conflicts_with = "once")]
    pub(crate) no_sample: bool,
    /// Show what functions and tasks print
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

/// `NAME=VALUE`, split at the first `=`.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` has no `=`; write it like NAME=VALUE")),
    }
}
