//! Death at each named point: exactly before the effect of a call, exactly after it, and with the
//! answer alone lost.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::stand::{Fate, PROGRAM, RunRow, Stand, Template, Wire, eventually};

/// Uploads at each point.
const UPLOADS: usize = 3;
/// Stands that start and work at the same time; those that wait for a lease cost nothing.
const AT_WORK_MAX: usize = 3;

/// Who dies, at which call of which action, and how.
type Point = (&'static str, &'static str, usize, Fate);

/// From the event to the end of its run. The first write of the trigger is T1, the second T2; the
/// first of the observer is T8, behind which it tells of the end (T10). A worker takes the fence
/// (T6), writes rows, and reports (T9).
const POINTS: [Point; 17] = [
    ("trigger", "TransactWriteItems", 1, Fate::DiesBefore),
    ("trigger", "TransactWriteItems", 1, Fate::DiesAfter),
    ("trigger", "TransactWriteItems", 1, Fate::HearsNothing),
    ("trigger", "TransactWriteItems", 2, Fate::DiesAfter),
    ("trigger", "RunTask", 1, Fate::DiesBefore),
    ("trigger", "RunTask", 1, Fate::DiesAfter),
    ("trigger", "RunTask", 1, Fate::HearsNothing),
    ("trigger", "PutItem", 1, Fate::DiesAfter),
    ("observer", "TransactWriteItems", 1, Fate::DiesBefore),
    ("observer", "TransactWriteItems", 1, Fate::DiesAfter),
    ("observer", "TransactWriteItems", 1, Fate::HearsNothing),
    ("observer", "PutEvents", 1, Fate::DiesBefore),
    ("observer", "PutEvents", 1, Fate::DiesAfter),
    ("worker", "PutItem", 1, Fate::DiesBefore),
    ("worker", "PutItem", 1, Fate::DiesAfter),
    ("worker", "BatchWriteItem", 1, Fate::DiesAfter),
    ("worker", "PutItem", 2, Fate::DiesAfter),
];

/// The same where uploads are gathered: the first write of the trigger is the run with its list, its
/// first update remembers the trigger, the next ones claim objects, and its first put is `Formed`.
const GATHERING: [Point; 7] = [
    ("trigger", "TransactWriteItems", 1, Fate::DiesBefore),
    ("trigger", "TransactWriteItems", 1, Fate::DiesAfter),
    ("trigger", "UpdateItem", 2, Fate::DiesAfter),
    ("trigger", "UpdateItem", 3, Fate::DiesBefore),
    ("trigger", "UpdateItem", 3, Fate::HearsNothing),
    ("trigger", "PutItem", 1, Fate::DiesBefore),
    ("trigger", "PutItem", 1, Fate::DiesAfter),
];

#[tokio::test(flavor = "multi_thread")]
async fn whoever_dies_while_uploads_are_gathered_loses_and_doubles_nothing() {
    let at_work = Arc::new(Semaphore::new(AT_WORK_MAX));
    let points = GATHERING.map(|point| {
        let at_work = Arc::clone(&at_work);
        (point, tokio::spawn(async move { die_gathering_at(point, &at_work).await }))
    });
    for (point, died) in points {
        died.await.unwrap_or_else(|panic| panic!("{point:?}: {panic}"));
    }
}

async fn die_gathering_at((who, action, nth, fate): Point, at_work: &Semaphore) {
    let permit = at_work.acquire().await.unwrap();
    let wire = Wire::cut_at(action, nth, fate);
    let command = format!("TriggerFunction={} {PROGRAM} {who}", wire.words());
    let template = Template::of_repository().quick_deliveries().quick_attempts().quick_gathering();
    let gathers = ["--function", &command, "--parameter", "BatchObjects=10"];
    let stand = Stand::of(&template, &gathers);
    wire.leads_to(&stand.dev.endpoint);
    for nth in 0..UPLOADS {
        stand.upload(&format!("{nth}.csv"), format!("id\n{nth}\n")).await;
    }
    stand.reached(|| wire.was_cut()).await;
    drop(permit);

    let ended = |run: &RunRow| ["succeeded", "superseded"].contains(&run.state().as_str());
    let ids = eventually("all rows, and all ends", || async {
        stand.sweep();
        let mut ids: Vec<_> = stand.items().await.iter().map(|item| item["id"].clone()).collect();
        ids.sort();
        (ids.len() == UPLOADS && stand.runs().await.iter().all(ended)).then_some(ids)
    })
    .await;
    assert_eq!(ids, ["0", "1", "2"]);
    assert!(wire.was_cut(), "the point was not reached");
    assert_eq!(stand.tasks_of_one_launch().await, 1, "one task per launch");
    assert_eq!(stand.depth("inbox-dead").await + stand.depth("failed").await, 0);
    eventually("an empty inbox", || async {
        (stand.depth("batch-inbox").await == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_dies_at_a_named_point_loses_and_doubles_nothing() {
    let at_work = Arc::new(Semaphore::new(AT_WORK_MAX));
    let points = POINTS.map(|point| {
        let at_work = Arc::clone(&at_work);
        (point, tokio::spawn(async move { die_at(point, &at_work).await }))
    });
    for (point, died) in points {
        died.await.unwrap_or_else(|panic| panic!("{point:?}: {panic}"));
    }
}

async fn die_at((who, action, nth, fate): Point, at_work: &Semaphore) {
    let permit = at_work.acquire().await.unwrap();
    let wire = Wire::cut_at(action, nth, fate);
    let (option, id) = match who {
        "trigger" => ("--function", "TriggerFunction"),
        "observer" => ("--function", "ObserverFunction"),
        _ => ("--task", "WorkerTask"),
    };
    let command = format!("{id}={} {PROGRAM} {who}", wire.words());
    let template = Template::of_repository().quick_deliveries().quick_attempts();
    let stand = Stand::of(&template, &[option, &command]);
    wire.leads_to(&stand.dev.endpoint);
    for nth in 0..UPLOADS {
        stand.upload(&format!("{nth}.csv"), format!("id\n{nth}\n")).await;
    }
    stand.reached(|| wire.was_cut()).await;
    drop(permit);

    let runs = stand.all_ended(UPLOADS).await;
    assert!(wire.was_cut(), "the point was not reached");
    assert!(runs.iter().all(|run: &RunRow| run.state() == "succeeded"), "{runs:?}");
    let mut rows: Vec<_> = stand.items().await.iter().map(|item| item["id"].clone()).collect();
    rows.sort();
    assert_eq!(rows, ["0", "1", "2"]);
    assert_eq!(stand.tasks_of_one_launch().await, 1, "one task per launch");
    assert_eq!(stand.depth("inbox-dead").await + stand.depth("failed").await, 0);
}
