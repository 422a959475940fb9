//! Container: the object of a run becomes items of a table.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    worker::run(&longshore_aws::variables()).await
}
