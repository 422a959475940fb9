//! The command as users have it, for the tests to start.

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
