//! `longshore scale`: every queue that is scaled, its fleet, and what was decided last and why.

use jiff::{SignedDuration, Timestamp};
use longshore::{
    fleet::{Change, FleetSettings, Scaled},
    printable::printable,
    scale::Numbers,
};
use longshore_engine::ports::Scaling as _;
use serde_json::{Map, Value, json};

use super::{OpsError, Stack, now, print_json, runs::age};
use crate::page::{say, table};

/// How old a decision may be before something is wrong: an idle queue is looked at once a minute.
const SILENT: SignedDuration = SignedDuration::from_secs(150);
/// Changes that are shown of each queue: enough to see which way it goes.
const CHANGES_SHOWN: usize = 5;
/// How much is shown of what ECS said.
const TROUBLE_CHARS_MAX: usize = 500;

pub(super) async fn scale(stack: &Stack, is_json: bool) -> Result<(), OpsError> {
    let trouble = |error| stack.ledger_error(error);
    let mut queues = Vec::new();
    for name in stack.ledger.queues().await.map_err(trouble)? {
        // The list may lag behind.
        let Some(row) = stack.ledger.scaled(&name).await.map_err(trouble)? else { continue };
        let changes = stack.ledger.changes(&name, Timestamp::UNIX_EPOCH, CHANGES_SHOWN).await;
        let mut changes = changes.map_err(trouble)?;
        changes.reverse();
        queues.push((row, changes));
    }
    if is_json {
        let queues = queues.iter().map(|(queue, changes)| as_json(queue, changes));
        print_json(&json!(queues.collect::<Vec<_>>()));
    } else if queues.is_empty() {
        say("no queues: a queue is known from the first time that the scaler's schedule names it");
    } else {
        table(&queues.iter().map(|(queue, _)| row(queue)).collect::<Vec<_>>(), &COLUMNS);
        let now = now();
        for (queue, changes) in &queues {
            say(&decisions(queue, changes, now));
        }
    }
    Ok(())
}

const COLUMNS: [&str; 10] = [
    "queue",
    "visible",
    "in flight",
    "arrivals/s",
    "completions/s",
    "work",
    "launch",
    "tasks",
    "wanted",
    "fleet",
];

fn row(queue: &Scaled) -> Map<String, Value> {
    let numbers = numbers(queue);
    let stages = &queue.stages;
    let mut tasks = format!("{} receive", stages.receiving);
    for (count, word) in [(stages.starting, "start"), (stages.draining, "leave")] {
        if count > 0 {
            tasks = format!("{tasks}, {count} {word}");
        }
    }
    let fleet = match &queue.settings.fleet {
        FleetSettings::Tasks { .. } => "tasks",
        FleetSettings::Service { .. } => "service",
    };
    let assumed = if queue.state.measured_launch_secs().is_none() { " assumed" } else { "" };
    let launch = format!("{:.0} s{assumed}", numbers.launch_secs);
    let shadow = if queue.settings.shadow { " (shadow)" } else { "" };
    let cells = [
        queue.queue.clone(),
        format!("{:.0}", numbers.visible),
        format!("{:.0}", numbers.in_flight),
        format!("{:.2}", numbers.arrivals_per_sec),
        format!("{:.2}", numbers.completions_per_sec),
        format!("{:.1} s", numbers.service_secs),
        launch,
        tasks,
        wanted(queue).to_string(),
        format!("{fleet}{shadow}"),
    ];
    COLUMNS.iter().map(|name| (*name).to_owned()).zip(cells.map(Value::String)).collect()
}

/// What was decided last, and the changes before it.
fn decisions(queue: &Scaled, changes: &[Change], now: Timestamp) -> String {
    let last = format!("\n{}, last decision, {}", queue.queue, decided(queue, now));
    let mut lines = vec![last];
    lines.extend(queue.trouble.iter().map(|trouble| format!("  {}", troubled(trouble))));
    if !changes.is_empty() {
        lines.push(format!(
            "  its last changes, of which `longshore why {}` tells more:",
            queue.queue
        ));
        lines.extend(changes.iter().map(|change| change_line(change, now)));
    }
    lines.join("\n")
}

/// What SQS or ECS said instead of doing what it was asked for.
pub(super) fn troubled(trouble: &str) -> String {
    printable(trouble, TROUBLE_CHARS_MAX)
}

/// A change as a line of a page.
pub(super) fn change_line(change: &Change, now: Timestamp) -> String {
    let ago = age(now.duration_since(change.at));
    let would = if change.shadow { "would: " } else { "" };
    format!("  {:.0}  {ago:>4} ago  {would}{}", change.at, change.decision)
}

/// The last decision as a sentence, and what to do if there is none.
pub(super) fn decided(queue: &Scaled, now: Timestamp) -> String {
    let Some(last) = &queue.decided else { return "nothing was decided yet".into() };
    let old = now.duration_since(last.at);
    let silent = if old > SILENT {
        "; since then no scaler has looked: see the function's log, and whether its schedule is on"
    } else {
        ""
    };
    format!("{} ago: {}{silent}", age(old), last.decision)
}

pub(super) fn numbers(queue: &Scaled) -> Numbers {
    queue.decided.as_ref().map(|last| last.decision.numbers).unwrap_or_default()
}

pub(super) fn wanted(queue: &Scaled) -> u32 {
    queue.decided.as_ref().map_or(0, |last| last.decision.to)
}

/// A queue with changes of its fleet, the oldest first.
pub(super) fn as_json(queue: &Scaled, changes: &[Change]) -> Value {
    let numbers = numbers(queue);
    let decided = queue.decided.as_ref();
    json!({
        "queue": queue.queue,
        "settings": queue.settings,
        "visible": numbers.visible,
        "inFlight": numbers.in_flight,
        "delayed": decided.map(|last| last.delayed),
        "arrivalsPerSecond": numbers.arrivals_per_sec,
        "completionsPerSecond": numbers.completions_per_sec,
        "serviceSeconds": numbers.service_secs,
        "launchSeconds": numbers.launch_secs,
        "tasks": queue.stages,
        "wanted": wanted(queue),
        "decidedAt": decided.map(|last| last.at),
        "why": decided.map(|last| last.decision.to_string()),
        "decision": decided.map(|last| &last.decision),
        "trouble": queue.trouble,
        "changes": changes.iter().map(as_told).collect::<Vec<_>>(),
    })
}

fn as_told(change: &Change) -> Value {
    let mut members = json!(change);
    members["why"] = json!(change.decision.to_string());
    members
}

#[cfg(test)]
pub(super) mod tests;
