//! Lambda: an event in the inbox starts an ECS task, once.

use std::process::ExitCode;

/// `EX_USAGE` of sysexits: the variables are wrong, and trying again cannot help.
const EXIT_USAGE: u8 = 64;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match trigger::run(&longshore_aws::variables()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            longshore_aws::telemetry::complain("trigger", &error);
            ExitCode::from(EXIT_USAGE)
        }
    }
}
