//! What a million messages cost a worker of a queue in CPU, beside sqs-consumer in the same run.
//!
//! `cargo bench --bench poll -- [MESSAGES] [NODE_MODULES_PARENT]`. The endpoint is a process of its
//! own, so that what is measured is the loop alone: receive, read the body, delete. Without a
//! directory that has sqs-consumer installed, `npm` installs it in a temporary one.

#[path = "../apart.rs"]
mod apart;
mod endpoint;

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use apart::{ENDPOINT, cpu_secs, spawn_endpoint};
use longshore::poll::{Ended, Message, PollOptions, Post, objects};
use longshore_aws::{Clients, EcsAgent, LedgerTable, Machine, S3Objects, S3Shelf, SqsInbox};
use longshore_engine::poll::{Hold, Tools, Work, poll};
use tokio::sync::Notify;

const MESSAGES_DEFAULT: u64 = 400_000;
/// sqs-consumer gets fewer of them: it is slower.
const PEER_SHARE: u64 = 8;
const PEER: [&str; 2] = ["sqs-consumer@14.2.8", "@aws-sdk/client-sqs@3"];
const SCRIPT: &str = include_str!("consumer.mjs");
/// How many times fewer CPU seconds than sqs-consumer's are aimed at.
const BAR: f64 = 10.0;

type Failure = Box<dyn std::error::Error>;

/// Reads the body and is done.
struct Reading {
    left: AtomicU64,
    over: Notify,
}

impl Work for Reading {
    async fn work(&self, message: &Message, _: &Hold) -> Ended {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.over.notify_one();
        }
        objects(&message.body).map_or_else(|why| Ended::Failed(why.to_string()), |_| Ended::Done)
    }
}

#[expect(clippy::print_stdout, reason = "a benchmark says what it measured")]
fn main() -> Result<(), Failure> {
    // `cargo bench` adds its own flag.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let number = |index: usize, default| {
        words.get(index).and_then(|word| word.parse().ok()).unwrap_or(default)
    };
    if words.first().is_some_and(|word| word == ENDPOINT) {
        return Ok(endpoint::serve(number(1, 0))?);
    }
    let messages = number(0, MESSAGES_DEFAULT) / 80 * 80;
    let mut ours = f64::MAX;
    for slots in [10, 100] {
        let secs = measure(messages, slots)?;
        println!("longshore, {slots} slots: {secs:.1} CPU s per million messages");
        ours = ours.min(secs);
    }
    let installed = tempfile::tempdir()?;
    let modules = words.get(1).map_or(installed.path(), Path::new);
    if words.len() < 2 {
        let npm = Command::new("npm").arg("install").args(PEER).current_dir(modules).status()?;
        assert!(npm.success(), "npm could not install {PEER:?}");
    }
    let script = modules.join("consumer.mjs");
    std::fs::write(&script, SCRIPT)?;
    let mut peer = f64::MAX;
    for pollers in ["1", "8"] {
        let secs = measure_peer(&script, pollers, messages / PEER_SHARE)?;
        println!("sqs-consumer, {pollers} consumers: {secs:.1} CPU s per million messages");
        peer = peer.min(secs);
    }
    println!("{:.1} times as many messages per CPU second; aim {BAR}", peer / ours);
    Ok(())
}

/// CPU seconds per million messages of the worker's loop.
fn measure(messages: u64, slots: usize) -> Result<f64, Failure> {
    let (mut child, url) = spawn_endpoint(messages)?;
    let before = cpu_secs();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let done: Result<(), Failure> = runtime.block_on(work_off(&url, messages, slots));
    let secs = cpu_secs() - before;
    child.kill()?;
    child.wait()?;
    done?;
    Ok(secs * 1e6 / f64::from(u32::try_from(messages)?))
}

async fn work_off(url: &str, messages: u64, slots: usize) -> Result<(), Failure> {
    let variables = apart::variables(url);
    let clients = Clients::connect(&variables).await?;
    let queue = format!("{url}/000000000000/work");
    let work = Reading { left: AtomicU64::new(messages), over: Notify::new() };
    let tools = Tools {
        inbox: &SqsInbox::new(&clients, &queue)?,
        work: &work,
        shelf: &S3Shelf::new(S3Objects::new(&clients), None, String::new()),
        workers: None::<&LedgerTable>,
        protection: &EcsAgent::of(&variables),
        world: &Machine,
    };
    let post = Post {
        options: PollOptions { queue, slots, tries: 5 },
        visibility_secs: 300,
        stop_secs: 20,
        task: "bench".into(),
        definition: None,
        beats: false,
        in_service: false,
        sets_aside: false,
    };
    poll(&tools, post, work.over.notified()).await;
    Ok(())
}

/// The same of sqs-consumer.
fn measure_peer(script: &Path, pollers: &str, messages: u64) -> Result<f64, Failure> {
    let (mut child, url) = spawn_endpoint(messages)?;
    let said = Command::new("node").arg(script).args([&url, pollers]).output();
    child.kill()?;
    child.wait()?;
    let said = said?;
    let counted: serde_json::Value = serde_json::from_slice(&said.stdout)
        .map_err(|error| format!("{error}: {}", String::from_utf8_lossy(&said.stderr)))?;
    assert_eq!(counted["messages"], messages);
    let secs = counted["cpuSecs"].as_f64().ok_or("no CPU time")?;
    Ok(secs * 1e6 / f64::from(u32::try_from(messages)?))
}
