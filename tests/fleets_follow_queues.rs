//! A queue fills: workers come, as many as it needs, work it off and leave, whoever is killed.

use std::{
    collections::BTreeMap,
    ops::Range,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::stand::{BUCKET, Stand, eventually, kill, pids_with};

const QUEUE: &str = "longshore-work";
const SCALER: &str = "AWS_LAMBDA_FUNCTION_NAME=longshore-ScalerFunction";
/// Uploads that are under way at once.
const UPLOADS_AT_ONCE: usize = 32;
/// What `MaxWait` says. On a machine that does nothing else the queue is empty within a minute.
const MAX_WAIT: Duration = Duration::from_mins(5);

/// The repository's template with a queue, whose tasks take 20 s to start.
fn stand(fleet: &str, max_tasks: u32, max_wait: &str) -> Stand {
    let parameters = [
        "QueuedPrefix=queued/",
        "Prefix=in/",
        &format!("MaxWait={max_wait}"),
        &format!("MaxTasks={max_tasks}"),
        &format!("Fleet={fleet}"),
    ];
    let mut arguments = vec!["--launch-delay", "20s"];
    for parameter in &parameters {
        arguments.extend(["--parameter", parameter]);
    }
    Stand::start_with(&arguments)
}

/// Drops objects, each of one row, onto the queue.
async fn drop_messages(stand: &Stand, numbers: Range<usize>) {
    let mut uploads = JoinSet::new();
    for number in numbers {
        let put = stand.s3.put_object().bucket(BUCKET).key(format!("queued/{number}.csv"));
        let put = put.body(format!("id,n\nr{number},{number}\n").into_bytes().into());
        uploads.spawn(put.send());
        if uploads.len() >= UPLOADS_AT_ONCE {
            uploads.join_next().await.unwrap().unwrap().unwrap();
        }
    }
    uploads.join_all().await.into_iter().for_each(|put| drop(put.unwrap()));
}

/// What the table says when every message took effect.
fn truth(count: usize) -> BTreeMap<String, String> {
    (0..count).map(|number| (format!("r{number}"), number.to_string())).collect()
}

async fn rows(stand: &Stand) -> BTreeMap<String, String> {
    let items = stand.items().await.into_iter();
    items.map(|mut item| (item.remove("id").unwrap(), item.remove("n").unwrap())).collect()
}

/// What `longshore scale` says of the queue.
fn scale(stand: &Stand) -> Value {
    let all: Value = serde_json::from_str(&stand.longshore(&["scale", "--json"]).well()).unwrap();
    all.as_array().unwrap().iter().find(|queue| queue["queue"] == QUEUE).unwrap().clone()
}

/// Workers of the queue that live.
fn workers(stand: &Stand) -> Vec<u32> {
    let queue = format!("LONGSHORE_QUEUE={}/000000000000/{QUEUE}", stand.dev.endpoint);
    pids_with(&queue)
}

fn scalers(stand: &Stand) -> Vec<u32> {
    let ours = pids_with(&format!("AWS_ENDPOINT_URL={}", stand.dev.endpoint));
    pids_with(SCALER).into_iter().filter(|pid| ours.contains(pid)).collect()
}

/// The queue is empty, nothing of it is in flight, the table is what it should be, and no worker
/// is left.
async fn ends(stand: &Stand, count: usize) {
    eventually("every row", || async { (rows(stand).await == truth(count)).then_some(()) }).await;
    eventually("an empty queue", || async { (stand.depth("work").await == 0).then_some(()) }).await;
    eventually("the end of the fleet", || async { workers(stand).is_empty().then_some(()) }).await;
    assert_eq!(rows(stand).await, truth(count));
    assert_eq!(stand.depth("work-dead").await, 0);
    let letters = stand.s3.list_objects_v2().bucket(BUCKET).prefix("dead-letter/");
    assert_eq!(letters.send().await.unwrap().key_count(), Some(0));
}

/// So ends what was dropped when it `began`, within the wait that is allowed, and `why` tells of it.
async fn ends_in_time(stand: &Stand, count: usize, began: Instant) {
    eventually("every row", || async { (rows(stand).await.len() == count).then_some(()) }).await;
    assert!(began.elapsed() < MAX_WAIT, "{:?}", began.elapsed());
    ends(stand, count).await;
    let ends_at_zero = || async { (scale(stand)["decision"]["to"] == 0).then_some(()) };
    eventually("the last decision", ends_at_zero).await;
    let why = stand.longshore(&["why", QUEUE]).well();
    for told in ["Scale out from 0 tasks to ", " messages wait", "Scale in from ", " to 0"] {
        assert!(why.contains(told), "{told}: {why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_is_worked_off_in_time_and_the_fleet_returns_to_zero() {
    const MESSAGES: usize = 2_000;
    let stand = stand("tasks", 12, "5m");
    let began = Instant::now();
    drop_messages(&stand, 0..MESSAGES).await;
    ends_in_time(&stand, MESSAGES, began).await;

    let page = stand.longshore(&["scale"]).well();
    for told in ["completions/s", " last decision, ", "its last changes", "Z  ", " to 0"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    let queue = scale(&stand);
    assert!(queue["completionsPerSecond"].as_f64().unwrap() > 0.0, "{queue}");
    let changes = queue["changes"].as_array().unwrap();
    assert!((3..=5).contains(&changes.len()), "{queue}");
    assert_eq!(changes.last().unwrap()["decision"]["to"], 0, "{queue}");
}

/// Whoever works is killed: every third worker, and the scaler; and another scaler a little later.
#[tokio::test(flavor = "multi_thread")]
async fn a_third_of_the_tasks_and_the_scaler_are_killed() {
    const MESSAGES: usize = 2_000;
    let stand = stand("tasks", 12, "5m");
    let began = Instant::now();
    drop_messages(&stand, 0..MESSAGES).await;
    eventually("rows of a tenth", || async {
        (rows(&stand).await.len() > MESSAGES / 10).then_some(())
    })
    .await;
    let victims: Vec<_> = workers(&stand).into_iter().step_by(3).collect();
    assert!(!victims.is_empty());
    for pid in victims.into_iter().chain(scalers(&stand)) {
        kill(pid, Signal::KILL);
    }
    eventually("rows of a half", || async {
        (rows(&stand).await.len() > MESSAGES / 2).then_some(())
    })
    .await;
    for pid in scalers(&stand) {
        kill(pid, Signal::KILL);
    }
    ends_in_time(&stand, MESSAGES, began).await;
}

/// Each burst comes while the tasks of the one before leave, and there may be no more than these.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_meets_burst_after_burst_and_returns_to_zero() {
    const BURST: usize = 60;
    const BURSTS: usize = 3;
    let stand = stand("service", 2, "60s");
    for burst in 0..BURSTS {
        drop_messages(&stand, burst * BURST..(burst + 1) * BURST).await;
        if burst == 0 {
            eventually("workers", || async { (!workers(&stand).is_empty()).then_some(()) }).await;
            for pid in workers(&stand).into_iter().step_by(3).chain(scalers(&stand)) {
                kill(pid, Signal::KILL);
            }
        }
        let all = (burst + 1) * BURST;
        eventually("rows of a burst", || async { (rows(&stand).await.len() == all).then_some(()) })
            .await;
        eventually("a worker that leaves", || async {
            let tasks = &scale(&stand)["tasks"];
            (tasks["draining"] != 0 || tasks["receiving"] == 0).then_some(())
        })
        .await;
    }
    ends(&stand, BURST * BURSTS).await;
}
