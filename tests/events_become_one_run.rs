//! One run per event, however often the event is delivered, and one launch per run.

mod storm;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;

use crate::stand::{Stand, envelope, eventually};

/// Copies sent beside the event that S3 sent itself.
const COPIES: usize = 5;
/// Rows of an object that keeps its task busy for a second or two.
const ROWS: usize = 10_000;

#[tokio::test(flavor = "multi_thread")]
async fn the_same_event_delivered_five_times_gives_one_run() {
    let stand = Stand::start();
    let version = stand.upload("once.csv", "id\n1\n").await;
    let object = json!({"key": "once.csv", "version-id": version, "sequencer": "00", "size": 5});
    for _ in 0..COPIES {
        stand.send("inbox", &envelope(&object).to_string()).await;
    }
    let run = stand.ended("once.csv").await;
    assert_eq!(run.state(), "succeeded");
    eventually("an empty inbox", || async { (stand.depth("inbox").await == 0).then_some(()) })
        .await;
    assert_eq!(stand.runs_of("once.csv").await.len(), 1);
    assert_eq!(stand.depth("inbox-dead").await, 0, "a duplicate is no poison");
    let tasks = stand.ecs.list_tasks().cluster("longshore-Cluster");
    let tasks = tasks.desired_status("STOPPED".into()).send().await.unwrap();
    assert_eq!(tasks.task_arns().len(), 1, "one launch");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_version_gets_its_own_run_and_an_old_event_none() {
    let stand = Stand::start();
    stand.upload("twice.csv", "id,n\n1,old\n").await;
    stand.ended("twice.csv").await;
    stand.upload("twice.csv", "id,n\n1,new\n").await;
    eventually("two ended runs", || async {
        let runs = stand.runs_of("twice.csv").await;
        (runs.len() == 2 && runs.iter().all(crate::stand::RunRow::has_ended)).then_some(())
    })
    .await;
    let late = json!({"key": "twice.csv", "version-id": "older", "sequencer": "00", "size": 1});
    stand.send("inbox", &envelope(&late).to_string()).await;
    let superseded = eventually("the late event's run", || async {
        let runs = stand.runs_of("twice.csv").await;
        runs.into_iter().find(|run| run.text(&["input", "versionId"]) == "older")
    })
    .await;
    assert_eq!(superseded.state(), "superseded");
    let items = stand.items().await;
    assert_eq!((items.len(), items[0]["n"].as_str()), (1, "new"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_waits_for_its_task_while_a_newer_one_comes_is_not_written() {
    // Room for one task: the first version's runs, the second's waits, and the third's comes.
    let stand = Stand::start_with(&["--max-tasks", "1"]);
    let rows = (0..ROWS).fold("id,n\n".to_owned(), |rows, n| rows + &format!("{n},first\n"));
    stand.upload("busy.csv", rows).await;
    let second = stand.upload("waits.csv", "id,n\nx,second\n").await;
    let third = stand.upload("waits.csv", "id,n\nx,third\n").await;
    let runs = eventually("three ended runs", || async {
        let runs = stand.runs().await;
        (runs.len() == 3 && runs.iter().all(crate::stand::RunRow::has_ended)).then_some(runs)
    })
    .await;
    let state = |version: &str| {
        let of = runs.iter().find(|run| run.text(&["input", "versionId"]) == version);
        of.map(crate::stand::RunRow::state).unwrap_or_default()
    };
    assert_eq!((state(&second).as_str(), state(&third).as_str()), ("superseded", "succeeded"));
    let items = stand.items().await;
    let row = items.iter().find(|item| item["id"] == "x").unwrap();
    assert_eq!(row["n"], "third");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_replayed_after_its_run_is_forgotten_is_a_new_run() {
    let stand = Stand::start();
    let version = stand.upload("replayed.csv", "id\n1\n").await;
    let first = stand.ended("replayed.csv").await;
    // So does DynamoDB when the run's time to live is over; the object's row lives longer.
    let forget = stand.dynamodb.delete_item().table_name("longshore-ledger");
    let forget = ["pk", "sk"]
        .iter()
        .fold(forget, |forget, name| forget.key(*name, AttributeValue::S(first.text(&[name]))));
    forget.send().await.unwrap();
    let sequencer = first.text(&["input", "sequencer"]);
    let object =
        json!({"key": "replayed.csv", "version-id": version, "sequencer": sequencer, "size": 5});
    stand.send("inbox", &envelope(&object).to_string()).await;
    // Its client token is as young as ECS's memory of it here, so that its task is the first one's.
    let again =
        eventually("a new run", || async { stand.runs_of("replayed.csv").await.pop() }).await;
    assert_eq!(again.id(), first.id());
    assert_ne!(again.text(&["admittedAt"]), first.text(&["admittedAt"]));
    eventually("an empty inbox", || async { (stand.depth("inbox").await == 0).then_some(()) })
        .await;
}
