//! Container: objects become items of a table, or any command does the work.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let variables = longshore_aws::variables();
    worker::start(&variables, std::env::args_os().skip(1)).await
}
