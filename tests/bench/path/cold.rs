//! What a cold start of the trigger costs: from exec until it asks for its first event.

use std::{net::TcpListener, process::Command, time::Duration};

use super::process::{LONGSHORE, cpu_ms, peak_mib, print};

const STARTS: usize = 9;
/// By then it waits for an event.
const SETTLED: Duration = Duration::from_millis(50);

/// Starts the trigger on a Runtime API that never has an event, and reads its CPU when it asks.
pub(crate) fn cold_start(trigger: Option<&str>) {
    let mut cpu = Vec::new();
    let mut peak = 0.0;
    for _ in 0..STARTS {
        let runtime_api = TcpListener::bind("127.0.0.1:0").expect("bound");
        let mut command = Command::new(trigger.unwrap_or(LONGSHORE));
        if trigger.is_none() {
            command.arg("trigger");
        }
        let address = runtime_api.local_addr().expect("bound").to_string();
        command.env_clear().envs([
            ("AWS_LAMBDA_RUNTIME_API", address.as_str()),
            ("AWS_LAMBDA_FUNCTION_NAME", "trigger"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("LONGSHORE_LEDGER", "ledger"),
            ("LONGSHORE_INBOXES", "https://sqs.us-east-1.amazonaws.com/000000000000/inbox"),
            ("LONGSHORE_INBOX_DEAD", "https://sqs.us-east-1.amazonaws.com/000000000000/dead"),
            ("LONGSHORE_FAILED", "https://sqs.us-east-1.amazonaws.com/000000000000/failed"),
        ]);
        let mut child = command.spawn().expect("started");
        let connection = runtime_api.accept();
        // The kernel counts a thread's time when the thread stops running.
        std::thread::sleep(SETTLED);
        cpu.push(cpu_ms(child.id()));
        peak = f64::max(peak, peak_mib(child.id()));
        drop(child.kill());
        drop(child.wait());
        drop(connection);
    }
    println!("cold trigger with TLS roots, {STARTS} starts, until it asks for its first event:");
    print("  CPU ms", &mut cpu);
    println!("  peak RSS {peak:.1} MiB");
}
