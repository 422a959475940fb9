use longshore::{
    fleet::{Change, Fate, Queue, Scaled},
    scale::Reason,
};
use serde_json::{Value, json};

use super::{ScalePorts, ScaleTrouble, Scaling, scale};
use crate::{
    Permits,
    fakes::{Cloud, FakeYard, lock, ready, together, ways},
    ports::Clock,
};

mod deaths;
mod launches;
mod services;

/// How long a scaler lives, as a rule.
const MINUTE_SECS: i64 = 60;

fn task() -> Value {
    json!({"tasks": {"task": {"definition": "worker:3", "cluster": "main", "container": "app"}}})
}

/// A queue whose fleet is `fleet`.
fn queue_of(fleet: &Value, scale: &Value) -> Queue {
    let settings = json!({"queue": "http://127.0.0.1/1/work", "scale": scale, "fleet": fleet});
    Queue::parse("queues[0]", settings).unwrap()
}

/// A queue of tasks that wants at most seven.
fn queue() -> Queue {
    queue_of(&task(), &json!({"maxTasks": 7}))
}

fn yard(cloud: &Cloud) -> FakeYard {
    FakeYard::new(&cloud.process, &cloud.world)
}

async fn scaling(
    cloud: &Cloud,
    yard: &FakeYard,
    queue: &Queue,
    secs: i64,
) -> Result<Scaling, ScaleTrouble> {
    let permits = Permits::of(1_000);
    let on = ScalePorts {
        ledger: &cloud.ledger,
        rows: yard,
        depth: yard,
        fleet: yard,
        world: &*cloud.world,
        permits: &permits,
        tell: &|_: &str, _: &Change| {},
    };
    let until = cloud.world.now() + jiff::SignedDuration::from_secs(secs);
    Box::pin(scale(&on, queue, until)).await
}

/// Scales for so many seconds.
fn scaled(cloud: &Cloud, yard: &FakeYard, queue: &Queue, secs: i64) -> Scaling {
    ready(scaling(cloud, yard, queue, secs)).unwrap()
}

fn row(yard: &FakeYard) -> Scaled {
    lock(&yard.now).row.clone().expect("it was scaled")
}

fn reason(yard: &FakeYard) -> Reason {
    row(yard).decided.unwrap().decision.reason
}

/// Those who were told to leave, have.
fn leave(yard: &FakeYard) {
    for task in &mut lock(&yard.now).tasks {
        if task.drain.is_some() {
            task.ended.get_or_insert(Fate::Stopped);
        }
    }
}

#[test]
fn a_queue_is_worked_off_and_its_fleet_returns_to_zero() {
    let (cloud, queue) =
        (Cloud::new(), queue_of(&task(), &json!({"maxTasks": 40, "maxWait": "3m"})));
    let yard = yard(&cloud);
    lock(&yard.now).visible = 300;
    let mut most = 0;
    let mut ends = Vec::new();
    for _ in 0..10 {
        ends.push(scaled(&cloud, &yard, &queue, MINUTE_SECS));
        leave(&yard);
        most = most.max(lock(&yard.now).alive());
    }
    let yard = lock(&yard.now);
    assert_eq!((yard.visible, yard.alive()), (0, 0), "{:#?}", yard.row);
    assert!((5..=40).contains(&most), "{most} tasks");
    assert_eq!(ends.last(), Some(&Scaling::Idle), "the next scaler is soon enough: {ends:?}");
    let paid = jiff::SignedDuration::from_secs(66);
    for task in &yard.tasks {
        let drained = task.drain.expect("it was told to leave");
        assert!(drained.duration_since(task.launched_at) >= paid, "{task:?}");
    }
    let mut told = yard.changes.values().map(|change| (change.decision.to, change.decision.reason));
    let first = told.next().unwrap();
    assert!(first.0 > 0 && told.clone().count() > 2, "{:?}", yard.changes);
    assert_eq!(told.next_back().unwrap().0, 0);
}

#[test]
fn what_was_recorded_makes_the_same_decisions_bit_for_bit() {
    let (cloud, queue) = (Cloud::new(), queue_of(&task(), &json!({"maxTasks": 40})));
    let yard = yard(&cloud);
    lock(&yard.now).visible = 300;
    for _ in 0..4 {
        assert_eq!(scaled(&cloud, &yard, &queue, MINUTE_SECS), Scaling::Over);
        leave(&yard);
    }
    let (row, records) = (row(&yard), lock(&yard.now).records.clone());
    assert!(records.len() >= 4);
    let mut state = records[0].state.clone();
    let mut last = None;
    for record in &records {
        assert_eq!(record.state, state, "it goes on where the one before ended");
        let (decisions, after) = record.replay(&queue.policy);
        (state, last) = (after, decisions.last().cloned());
    }
    assert_eq!(state, row.state);
    assert_eq!(last, row.decided.map(|decided| decided.decision));
}

#[test]
fn a_queue_that_cannot_be_read_keeps_its_fleet() {
    let (cloud, queue) = (Cloud::new(), queue());
    let yard = yard(&cloud);
    yard.staffed(5);
    lock(&yard.now).is_dark = true;
    let ends = scaled(&cloud, &yard, &queue, 3 * MINUTE_SECS);
    assert_eq!(ends, Scaling::Unread);
    assert_eq!(row(&yard).trouble.as_deref(), Some("queue: it is dark"));
    assert_eq!((reason(&yard), lock(&yard.now).alive()), (Reason::Stale, 5));
    assert!(lock(&yard.now).tasks.iter().all(|task| task.drain.is_none()));
    lock(&yard.now).is_dark = false;
    assert_eq!(scaled(&cloud, &yard, &queue, 2 * MINUTE_SECS), Scaling::Over);
    assert_eq!(row(&yard).trouble, None);
    assert!(lock(&yard.now).tasks.iter().all(|task| task.drain.is_some()), "now it is known");
}

#[test]
fn a_shadow_does_nothing_and_says_what_it_would_have_done() {
    let settings = json!({
        "queue": "http://127.0.0.1/1/work", "fleet": task(), "shadow": true,
    });
    let (cloud, queue) = (Cloud::new(), Queue::parse("queues[0]", settings).unwrap());
    let yard = yard(&cloud);
    yard.staffed(5);
    scaled(&cloud, &yard, &queue, 2 * MINUTE_SECS);
    lock(&yard.now).visible = 10_000;
    scaled(&cloud, &yard, &queue, MINUTE_SECS);
    let yard = lock(&yard.now);
    assert!(yard.calls.is_empty() && yard.tasks.iter().all(|task| task.drain.is_none()));
    assert!(yard.changes.values().any(|change| change.shadow && change.decision.launch > 0));
    assert!(yard.changes.values().any(|change| change.shadow && change.decision.drain > 0));
    assert!(yard.records.len() >= 3);
}

#[test]
fn launches_keep_the_pace_of_the_account() {
    let (cloud, queue) = (Cloud::new(), queue_of(&task(), &json!({"maxTasks": 500})));
    let yard = yard(&cloud);
    lock(&yard.now).visible = 1_000_000;
    scaled(&cloud, &yard, &queue, 4);
    let alive = lock(&yard.now).alive();
    assert_eq!((alive, reason(&yard)), (90, Reason::Throttled), "18 a second, for five");
    scaled(&cloud, &yard, &queue, MINUTE_SECS);
    assert_eq!(lock(&yard.now).alive(), 500);
}

#[test]
fn five_thousand_workers_are_a_tick() {
    let (cloud, queue) = (Cloud::new(), queue_of(&task(), &json!({"maxTasks": 5000})));
    let yard = yard(&cloud);
    yard.staffed(5_000);
    lock(&yard.now).is_busy = true;
    lock(&yard.now).visible = 10_000_000;
    scaled(&cloud, &yard, &queue, 9);
    assert_eq!(row(&yard).stages.receiving, 5_000);
    let text = serde_json::to_string(&row(&yard)).unwrap();
    assert!(text.len() < 20_000, "{} bytes for each write", text.len());
    lock(&yard.now).is_busy = false;
    lock(&yard.now).visible = 0;
    scaled(&cloud, &yard, &queue, 90);
    let drained = lock(&yard.now).tasks.iter().filter(|task| task.drain.is_some()).count();
    assert!(drained > 1_000, "{drained}");
}

#[test]
fn a_new_scaler_takes_the_queue_at_once() {
    let (cloud, queue) = (Cloud::new(), queue());
    for way in ways() {
        let yard = yard(&cloud);
        lock(&yard.now).visible = 10_000;
        let first = scaling(&cloud, &yard, &queue, 30);
        let other = scaling(&cloud, &yard, &queue, 30);
        let (first, other) = together(first, other, way);
        let ends = [first.unwrap(), other.unwrap()];
        assert!(ends.contains(&Scaling::Over), "{way:?}: {ends:?}");
        assert_eq!(lock(&yard.now).tasks.len(), 7, "{way:?}: {ends:?}");
    }
}
