//! Container: the object of a run becomes items of a table, or any command does the work.

use std::process::ExitCode;

use worker::Arguments;

/// `EX_USAGE` of sysexits: the arguments are wrong.
const EXIT_USAGE: u8 = 64;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let variables = longshore_aws::variables();
    match Arguments::read(std::env::args_os().skip(1)) {
        Ok(Arguments::Ingest) => worker::run(&variables).await,
        Ok(Arguments::Exec(command)) => worker::exec(&variables, &command).await,
        Err(error) => {
            longshore_aws::telemetry::complain("worker", &error);
            ExitCode::from(EXIT_USAGE)
        }
    }
}
