//! The `longshore` command: a person's commands, and every function and the worker, so that one
//! binary is the whole of longshore.

mod args;
mod check;
mod dev;
mod ops;
mod page;
mod simulate;

use std::{future::Future, process::ExitCode};

use args::{Args, Command};
use clap::Parser;

/// `EX_USAGE` of sysexits: the arguments or variables are wrong.
const EXIT_USAGE: u8 = 64;
/// Threads of the embedded AWS: tasks and functions are processes and need the other cores.
const DEV_THREADS: usize = 2;

/// Does what the command line says.
#[must_use]
pub fn run() -> ExitCode {
    let variables = longshore_aws::variables();
    let Args { at, command } = Args::parse();
    match command {
        Command::Dev(args) => {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(DEV_THREADS)
                .enable_all()
                .build();
            on(runtime, dev::dev(*args, &at.stack_name))
        }
        Command::Check(args) => check::check(&args, &at.stack_name, at.json),
        Command::Exec { polled, command } if polled.poll => {
            on(current_thread(), worker::exec_poll(&variables, polled.words(), &command))
        }
        Command::Exec { command, .. } => on(current_thread(), worker::exec(&variables, &command)),
        Command::Simulate(args) => simulate::simulate(&args, at.json),
        Command::Ops(command) => on(current_thread(), ops::run(&variables, &at, command)),
        Command::Trigger => function("trigger", trigger::run(&variables)),
        Command::Observer => function("observer", observer::run(&variables)),
        Command::Scaler => function("scaler", scaler::run(&variables)),
        Command::Worker { words } => on(current_thread(), worker::start(&variables, words)),
    }
}

fn current_thread() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

/// Serves a function as its own binary would.
fn function<E: std::error::Error>(
    who: &str,
    serve: impl Future<Output = Result<(), E>>,
) -> ExitCode {
    on(current_thread(), async {
        match serve.await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                longshore_aws::telemetry::complain(who, &error);
                ExitCode::from(EXIT_USAGE)
            }
        }
    })
}

fn on(
    runtime: std::io::Result<tokio::runtime::Runtime>,
    work: impl Future<Output = ExitCode>,
) -> ExitCode {
    match runtime {
        Ok(runtime) => runtime.block_on(work),
        Err(error) => {
            longshore_aws::telemetry::complain("longshore", &error);
            ExitCode::FAILURE
        }
    }
}
