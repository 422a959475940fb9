//! The walking path in figures: how soon the embedded AWS answers, how soon an upload is rows, what
//! a function costs. Prints; judges nothing.
//!
//! ```text
//! cargo bench --bench path                       # the functions as subcommands of `longshore`
//! LONGSHORE_TRIGGER=…/trigger cargo bench …      # the function's own, lean binary
//! ```

#![expect(clippy::print_stdout, reason = "a benchmark prints")]

mod cold;
mod process;

use std::time::{Duration, Instant};

use aws_sdk_s3::primitives::ByteStream;
use process::{Dev, cpu_ms, peak_mib, pids_of_function, print, rss_mib, sdk};

/// Starts of the embedded AWS.
const STARTS: usize = 9;
/// Rows of the object whose way is timed.
const ROWS: usize = 3_000;
/// Objects whose way is timed, after one that warms up.
const UPLOADS: usize = 9;
/// Events whose cost for the trigger is measured.
const EVENTS: u32 = 200;
/// How long it is idle before its memory is read.
const IDLE: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() {
    let trigger = std::env::var("LONGSHORE_TRIGGER").ok();
    println!("longshore dev, {STARTS} starts:");
    let mut ready: Vec<f64> = (0..STARTS).map(|_| Dev::start(&[]).ready_ms).collect();
    print("  ready, wall ms", &mut ready);
    let dev = Dev::start(&[]);
    tokio::time::sleep(IDLE).await;
    println!("  idle RSS {:.1} MiB", rss_mib(dev.pid()));
    upload_to_rows(&dev).await;
    drop(dev);
    cold::cold_start(trigger.as_deref());
    warm_trigger(trigger.as_deref()).await;
}

/// From the answer of the upload's request back to its beginning, until the run has ended.
async fn upload_to_rows(dev: &Dev) {
    let (s3, dynamodb) = clients(&dev.endpoint);
    let row = |n| format!("{n},name {n},city,{n}.5,true\n");
    let header = "id,name,city,number,flag\n".to_owned();
    let body = (0..ROWS).map(row).fold(header, |body, row| body + &row);
    let mut waits = Vec::new();
    for n in 0..=UPLOADS {
        let began = Instant::now();
        put(&s3, &format!("object-{n}.csv"), body.clone()).await;
        while ended(&dynamodb).await <= n {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        waits.push(began.elapsed().as_secs_f64() * 1e3);
    }
    println!("upload of a {ROWS}-row CSV until its run has succeeded, {UPLOADS} times:");
    print("  wall ms", &mut waits[1..]);
}

/// What an event costs a warm trigger; the tasks themselves do nothing.
async fn warm_trigger(trigger: Option<&str>) {
    let mut arguments = vec!["--task".to_owned(), "WorkerTask=true".to_owned()];
    if let Some(trigger) = trigger {
        arguments.extend(["--function".to_owned(), format!("TriggerFunction={trigger}")]);
    }
    let dev = Dev::start(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let (s3, dynamodb) = clients(&dev.endpoint);
    put(&s3, "first", "x".into()).await;
    while ended(&dynamodb).await < 1 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let pids = pids_of_function("longshore-TriggerFunction", &dev.endpoint);
    let pid = pids.into_iter().next().expect("the trigger is warm");
    let before = cpu_ms(pid);
    for n in 0..EVENTS {
        // One after the other, so that one instance takes them all.
        put(&s3, &format!("event-{n}"), "x".into()).await;
        while ended(&dynamodb).await < n as usize + 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    let each = (cpu_ms(pid) - before) / f64::from(EVENTS);
    println!(
        "warm trigger, {EVENTS} events: {each:.2} CPU ms per event, peak RSS {:.1} MiB",
        peak_mib(pid)
    );
}

async fn put(s3: &aws_sdk_s3::Client, key: &str, body: String) {
    let put = s3.put_object().bucket("longshore-uploads-000000000000").key(key);
    put.body(ByteStream::from(body.into_bytes())).send().await.expect("uploaded");
}

/// Runs that have succeeded.
async fn ended(dynamodb: &aws_sdk_dynamodb::Client) -> usize {
    let scan = dynamodb.scan().table_name("longshore-ledger").consistent_read(true);
    let scan = scan.filter_expression("st = :succeeded AND sk = :run").select("COUNT".into());
    let scan = scan.expression_attribute_values(":succeeded", text("succeeded"));
    let pages = scan.expression_attribute_values(":run", text("RUN")).into_paginator().send();
    let mut pages = pages;
    let mut count = 0;
    while let Some(page) = pages.next().await {
        count += usize::try_from(page.expect("scanned").count()).unwrap_or_default();
    }
    count
}

fn text(value: &str) -> aws_sdk_dynamodb::types::AttributeValue {
    aws_sdk_dynamodb::types::AttributeValue::S(value.into())
}

fn clients(endpoint: &str) -> (aws_sdk_s3::Client, aws_sdk_dynamodb::Client) {
    let sdk = sdk(endpoint);
    let s3 = aws_sdk_s3::config::Builder::from(&sdk).force_path_style(true).build();
    (aws_sdk_s3::Client::from_conf(s3), aws_sdk_dynamodb::Client::new(&sdk))
}
