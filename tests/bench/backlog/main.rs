//! An outage is over: the inbox is full of one trigger's events, and now and then comes a fresh one
//! of another trigger. Prints how fast it drains, how long fresh events wait, and what memory the
//! functions take; judges nothing.
//!
//! ```text
//! cargo bench --bench backlog -- 20000
//! ```

#![expect(clippy::print_stdout, reason = "a benchmark prints")]

#[path = "../path/process.rs"]
#[expect(dead_code, reason = "what the benchmark of the path needs too")]
mod process;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use jiff::Timestamp;
use process::{Dev, LONGSHORE, peak_mib, pids_of_function, print, sdk};
use serde_json::json;

/// Events that wait, unless the argument says otherwise.
const EVENTS: usize = 2_000;
/// Most messages of one call (SendMessageBatch API reference).
const SENT_AT_ONCE: usize = 10;
/// From one fresh event to the next.
const FRESH_EVERY: Duration = Duration::from_secs(2);
/// Far more than this machine can start.
const LAUNCHES_PER_SECOND: u32 = 1_000;

#[tokio::main]
async fn main() {
    let events = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(EVENTS);
    let dir = tempfile::tempdir().expect("made");
    let go = dir.path().join("go");
    let function = |id: &str, name: &str| {
        let wait = format!("while [ ! -e {} ]; do sleep 0.1; done", go.display());
        let run = format!("LONGSHORE_LAUNCHES_PER_SECOND={LAUNCHES_PER_SECOND} exec {LONGSHORE}");
        format!("{id}=sh -c '{wait}; {run} {name}'")
    };
    let trigger = function("TriggerFunction", "trigger");
    let observer = function("ObserverFunction", "observer");
    let arguments = ["--task", "WorkerTask=true", "--function", &trigger, "--function", &observer];
    let dev = Dev::start(&arguments);
    let sdk = sdk(&dev.endpoint);
    let backlog = Backlog {
        sqs: aws_sdk_sqs::Client::new(&sdk),
        dynamodb: aws_sdk_dynamodb::Client::new(&sdk),
        url: format!("{}/000000000000/longshore-inbox", dev.endpoint),
    };
    for first in (0..events).step_by(SENT_AT_ONCE) {
        let nths = first..(first + SENT_AT_ONCE).min(events);
        backlog.send(nths.map(|nth| ("longshore-uploads", format!("old {nth}"))).collect()).await;
    }
    let began = Instant::now();
    std::fs::write(&go, "").expect("written");
    println!("{events} events wait while the functions come back");

    let (mut sent, mut early) = (BTreeMap::new(), None);
    let ended = loop {
        let key = format!("fresh {}", sent.len());
        backlog.send(vec![("longshore-fresh", key.clone())]).await;
        sent.insert(key, Timestamp::now());
        tokio::time::sleep(FRESH_EVERY).await;
        let ended = backlog.ended().await;
        if ended.len() >= events / 4 {
            early.get_or_insert_with(|| memory(&dev));
        }
        if ended.len() == events + sent.len() {
            break ended;
        }
    };
    println!("all have ended after {:.0} s", began.elapsed().as_secs_f64());
    let (early, late) = (early.unwrap_or_default(), memory(&dev));
    println!("peak RSS of the trigger: {:.1} MiB at a quarter, {:.1} at the end", early.0, late.0);
    println!("peak RSS of the observer: {:.1} MiB at a quarter, {:.1} at the end", early.1, late.1);
    let waits = |until: fn(&Ended) -> Timestamp| -> Vec<f64> {
        sent.iter().map(|(key, at)| until(&ended[key]).duration_since(*at).as_secs_f64()).collect()
    };
    print("fresh events, from sent to admitted, s", &mut waits(|run| run.admitted_at));
    print("fresh events, from sent to ended, s", &mut waits(|run| run.since));
}

/// Peak memory of the largest instance of trigger and observer, in MiB.
fn memory(dev: &Dev) -> (f64, f64) {
    let of = |name| {
        let pids = pids_of_function(name, &dev.endpoint);
        pids.into_iter().map(peak_mib).fold(0.0, f64::max)
    };
    (of("longshore-TriggerFunction"), of("longshore-ObserverFunction"))
}

/// A run that has ended.
struct Ended {
    admitted_at: Timestamp,
    since: Timestamp,
}

/// The inbox and the ledger.
struct Backlog {
    sqs: aws_sdk_sqs::Client,
    dynamodb: aws_sdk_dynamodb::Client,
    url: String,
}

impl Backlog {
    /// Sends events as (trigger, key); the trigger's name is the message group, as in the template.
    async fn send(&self, events: Vec<(&str, String)>) {
        let entries = events.into_iter().enumerate().map(|(id, (trigger, key))| {
            let entry = SendMessageBatchRequestEntry::builder().id(id.to_string());
            let entry = entry.message_group_id(trigger).message_body(event(trigger, &key));
            entry.build().expect("complete")
        });
        let send = self.sqs.send_message_batch().queue_url(&self.url);
        let answer = send.set_entries(Some(entries.collect())).send().await.expect("sent");
        assert!(answer.failed().is_empty(), "{answer:?}");
    }

    /// The runs that have ended, by the key of their object.
    async fn ended(&self) -> BTreeMap<String, Ended> {
        let scan = self.dynamodb.scan().table_name("longshore-ledger");
        let scan = scan.filter_expression("st = :succeeded AND sk = :run");
        let scan = scan.expression_attribute_values(":succeeded", text("succeeded"));
        let scan = scan.projection_expression("#input.#key, since, admittedAt");
        let scan = scan.expression_attribute_names("#input", "input");
        let scan = scan.expression_attribute_names("#key", "key");
        let scan = scan.expression_attribute_values(":run", text("RUN"));
        let mut rows = scan.into_paginator().items().send();
        let mut ended = BTreeMap::new();
        while let Some(row) = rows.next().await {
            let row = row.expect("scanned");
            let key = row["input"].as_m().expect("a map")["key"].as_s().expect("a text");
            let at = |name: &str| row[name].as_s().expect("a text").parse().expect("an instant");
            ended.insert(key.clone(), Ended { admitted_at: at("admittedAt"), since: at("since") });
        }
        ended
    }
}

fn event(trigger: &str, key: &str) -> String {
    let arn = |rest: &str| format!("arn:aws:ecs:us-east-1:000000000000:{rest}");
    let task = json!({
        "definition": arn("task-definition/longshore-worker:1"),
        "cluster": arn("cluster/longshore-Cluster"),
        "container": "worker",
        "capacity": [{"provider": "FARGATE", "weight": 1}],
        "network": {"subnets": ["subnet-local"], "securityGroups": ["sg-local"]},
    });
    let object = json!({"key": key, "version-id": "v", "sequencer": "01", "size": 1});
    json!({
        "source": format!("arn:aws:events:us-east-1:000000000000:rule/{trigger}"),
        "trigger": {"name": trigger, "task": task},
        "event": {
            "detail-type": "Object Created", "source": "aws.s3", "account": "000000000000",
            "time": "2026-11-22T00:00:00Z", "region": "us-east-1",
            "detail": {"bucket": {"name": "longshore-uploads-000000000000"}, "object": object},
        },
    })
    .to_string()
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.into())
}
