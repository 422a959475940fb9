//! Lambda: queue depth sets the number of workers.

use std::process::ExitCode;

/// `EX_USAGE` of sysexits: the variables are wrong, and trying again cannot help.
const EXIT_USAGE: u8 = 64;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match scaler::run(&longshore_aws::variables()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            longshore_aws::telemetry::complain("scaler", &error);
            ExitCode::from(EXIT_USAGE)
        }
    }
}
