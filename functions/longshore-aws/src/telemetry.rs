//! One line of JSON per event on standard output, as CloudWatch Logs reads it.

use std::io::Write as _;

use longshore::config::Variables;
use tracing::Level;
use tracing_subscriber::{
    Layer, filter::Targets, fmt, layer::SubscriberExt, registry, util::SubscriberInitExt,
};

/// Starts logging at the levels of `LONGSHORE_LOG`, such as `debug` or `info,longshore_engine=trace`;
/// at `info` without it. A second call does nothing.
pub fn start(variables: &Variables) {
    let levels = variables.optional("LONGSHORE_LOG").unwrap_or("info");
    let levels = levels.parse().unwrap_or_else(|_| Targets::new().with_default(Level::INFO));
    let started = if variables.optional("LONGSHORE_LOG_FORMAT") == Some("text") {
        let lines = fmt::layer().compact().without_time().with_target(false).with_ansi(false);
        registry().with(lines.with_filter(levels)).try_init()
    } else {
        let lines = fmt::layer().json().flatten_event(true).with_target(false);
        registry().with(lines.with_filter(levels)).try_init()
    };
    // Whoever started logging first keeps it.
    drop(started);
}

/// Writes a line of metrics to standard output, where CloudWatch Logs finds them.
pub fn metrics(line: &serde_json::Value) {
    // Metrics that cannot be written are lost, as every line of the log is.
    drop(writeln!(std::io::stdout().lock(), "{line}"));
}

/// Says on standard error, in one line, why the process cannot start.
#[expect(clippy::print_stderr, reason = "logging may not have started")]
pub fn complain(who: &str, error: &dyn std::error::Error) {
    eprintln!("{who}: {error}");
}
