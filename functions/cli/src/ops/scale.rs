//! `longshore scale`: every queue that is scaled, its fleet, and what was decided last and why.

use jiff::{SignedDuration, Timestamp};
use longshore::{
    fleet::{FleetSettings, Scaled},
    scale::Numbers,
};
use longshore_engine::ports::Scaling as _;
use serde_json::{Map, Value, json};

use super::{OpsError, Stack, now, print_json, runs::age};
use crate::page::{say, table};

/// How old a decision may be before something is wrong: an idle queue is looked at once a minute.
const SILENT: SignedDuration = SignedDuration::from_secs(150);

pub(super) async fn scale(stack: &Stack, is_json: bool) -> Result<(), OpsError> {
    let now = now();
    let mut queues = Vec::new();
    for name in stack.ledger.queues().await.map_err(|error| stack.ledger_error(error))? {
        let row = stack.ledger.scaled(&name).await;
        // The list may lag behind.
        queues.extend(row.map_err(|error| stack.ledger_error(error))?);
    }
    if is_json {
        print_json(&json!(queues.iter().map(as_json).collect::<Vec<_>>()));
    } else if queues.is_empty() {
        say("no queues: a queue is known from the first time that the scaler's schedule names it");
    } else {
        table(&queues.iter().map(row).collect::<Vec<_>>(), &COLUMNS);
        for queue in &queues {
            say(&format!("{}: {}", queue.queue, decided(queue, now)));
        }
    }
    Ok(())
}

const COLUMNS: [&str; 9] =
    ["queue", "visible", "in flight", "arrivals/s", "work", "launch", "tasks", "wanted", "fleet"];

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
    let shadow = if queue.settings.shadow { " (shadow)" } else { "" };
    let cells = [
        queue.queue.clone(),
        format!("{:.0}", numbers.visible),
        format!("{:.0}", numbers.in_flight),
        format!("{:.2}", numbers.arrivals_per_sec),
        format!("{:.1} s", numbers.service_secs),
        format!("{:.0} s", numbers.launch_secs),
        tasks,
        wanted(queue).to_string(),
        format!("{fleet}{shadow}"),
    ];
    COLUMNS.iter().map(|name| (*name).to_owned()).zip(cells.map(Value::String)).collect()
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

pub(super) fn as_json(queue: &Scaled) -> Value {
    let numbers = numbers(queue);
    let decided = queue.decided.as_ref();
    json!({
        "queue": queue.queue,
        "settings": queue.settings,
        "visible": numbers.visible,
        "inFlight": numbers.in_flight,
        "delayed": decided.map(|last| last.delayed),
        "arrivalsPerSecond": numbers.arrivals_per_sec,
        "serviceSeconds": numbers.service_secs,
        "launchSeconds": numbers.launch_secs,
        "tasks": queue.stages,
        "wanted": wanted(queue),
        "decidedAt": decided.map(|last| last.at),
        "why": decided.map(|last| last.decision.to_string()),
        "decision": decided.map(|last| &last.decision),
    })
}

#[cfg(test)]
pub(super) mod tests {
    use longshore::{
        fleet::{Decided, Queue, Stages},
        scale::{Decision, Reason},
    };

    use super::*;

    /// A queue of which something was decided at `at`.
    pub(in super::super) fn sample(at: Timestamp) -> Scaled {
        let fleet = json!({"service": {"cluster": "main", "service": "work"}});
        let settings = json!({"queue": "https://sqs/1/work", "fleet": fleet});
        let queue = Queue::parse("queue", settings).unwrap();
        let (from, to, launch, drain, reason) = (4, 6, 2, 0, Reason::Steady);
        let numbers = Numbers {
            visible: 12.0,
            in_flight: 7.0,
            arrivals_per_sec: 2.5,
            service_secs: 2.0,
            launch_secs: 22.0,
            ..Numbers::default()
        };
        let decision = Decision { from, to, launch, drain, reason, numbers };
        let stages = Stages { starting: 1, receiving: 3, draining: 0 };
        let decided = Some(Decided { at, delayed: 0.0, decision });
        Scaled { stages, decided, ..Scaled::new(&queue) }
    }

    #[test]
    fn a_queue_is_a_row_and_a_sentence() {
        let at: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        let row = row(&sample(at));
        let cells: Vec<_> = COLUMNS.iter().filter_map(|name| row[*name].as_str()).collect();
        let expected =
            ["work", "12", "7", "2.50", "2.0 s", "22 s", "3 receive, 1 start", "6", "service"];
        assert_eq!(cells, expected);
        let said = |secs| decided(&sample(at), at + SignedDuration::from_secs(secs));
        let sentence = "Scale out from 4 tasks to 6: 2.50 messages come per second, of 2.0 s of \
                        work each";
        assert_eq!(said(8), format!("8s ago: {sentence}"));
        assert!(said(151).starts_with(&format!("2m ago: {sentence}; since then no scaler")));
    }
}
