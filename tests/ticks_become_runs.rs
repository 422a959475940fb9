//! A tick of a schedule is one run, and no run of a schedule overlaps another by accident.

use std::{fs, path::Path};

use aws_sdk_ecs::types::TaskStopCode;
use serde_json::{Value, json};

use crate::stand::{self, RunRow, Stand, Template, eventually};

/// The container of a tick: says so, and works until `go` is there.
const SCRIPT: &str = r#"echo "$LONGSHORE_SCHEDULED_TIME" >>"$DIR/log"
    while [ ! -e "$DIR/go" ]; do sleep 0.05; done"#;
fn stand(dir: &Path, template: &Template) -> Stand {
    let task = format!("WorkerTask=env DIR={} sh -c '{SCRIPT}'", dir.display());
    Stand::of(template, &["--task", &task])
}

/// A tick at `hour` of a day to come, so that none before it is looked for.
fn tick(hour: u32, overlap: &str) -> String {
    tick_of(hour, &json!({"expression": "rate(1 hour)", "overlap": overlap}))
}

fn tick_of(hour: u32, schedule: &Value) -> String {
    stand::tick(&format!("2036-11-23T{hour:02}:00:00Z"), schedule).to_string()
}

impl Stand {
    /// The run of the tick at `hour`, once `is_so` holds of it.
    async fn tick(&self, hour: u32, is_so: impl Fn(&RunRow) -> bool) -> RunRow {
        let time = format!("2036-11-23T{hour:02}:00:00Z");
        eventually(&format!("the run of {time}"), || async {
            let mut runs = self.runs().await;
            runs.retain(|run| run.text(&["input", "scheduledAt"]) == time);
            assert!(runs.len() <= 1, "one run per tick: {runs:?}");
            runs.pop().filter(&is_so)
        })
        .await
    }
}

fn log(dir: &Path) -> Vec<String> {
    let log = fs::read_to_string(dir.join("log")).unwrap_or_default();
    log.lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_starts_a_task_that_knows_its_time() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("go"), "").unwrap();
    let stand = stand(
        dir.path(),
        &Template::of_repository().hourly(&json!({"expression": "rate(1 hour)"})),
    );
    let run = eventually("the end of the first tick", || async {
        stand.runs().await.into_iter().find(RunRow::has_ended)
    })
    .await;
    assert_eq!((run.state(), run.text(&["trigger"])), ("succeeded".into(), "hourly".into()));
    assert_eq!(log(dir.path()), [run.text(&["input", "scheduledAt"])]);
    let why = stand.longshore(&["why", &run.id()]).well();
    assert!(why.contains("is about the tick of 20"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tick_is_skipped_while_another_is_at_work_and_is_one_run_however_often_it_comes() {
    let dir = tempfile::tempdir().unwrap();
    let stand = stand(dir.path(), &Template::of_repository());
    for _ in 0..3 {
        stand.send("inbox", &tick(1, "skip")).await;
    }
    stand.tick(1, |run| run.state() == "running").await;
    stand.send("inbox", &tick(2, "skip")).await;
    let skipped = stand.tick(2, RunRow::has_ended).await;
    assert_eq!(skipped.text(&["outcome", "class"]), "skipped", "{skipped:?}");

    fs::write(dir.path().join("go"), "").unwrap();
    assert_eq!(stand.tick(1, RunRow::has_ended).await.state(), "succeeded");
    stand.send("inbox", &tick(3, "skip")).await;
    assert_eq!(stand.tick(3, RunRow::has_ended).await.state(), "succeeded");
    assert_eq!(log(dir.path()), ["2036-11-23T01:00:00Z", "2036-11-23T03:00:00Z"]);
    assert_eq!(stand.depth("failed").await + stand.depth("inbox-dead").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tick_replaces_the_one_at_work_after_its_task_has_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let stand = stand(dir.path(), &Template::of_repository());
    stand.send("inbox", &tick(1, "replace")).await;
    stand.tick(1, |run| run.state() == "running").await;
    stand.send("inbox", &tick(2, "replace")).await;
    let replaced = stand.tick(1, RunRow::has_ended).await;
    assert_eq!(replaced.text(&["outcome", "class"]), "superseded", "{replaced:?}");
    let task = replaced.text(&["taskArn"]);
    let described =
        stand.ecs.describe_tasks().cluster("longshore-Cluster").tasks(task).send().await;
    let stopped = described.unwrap().tasks.unwrap_or_default().pop().unwrap();
    assert_eq!(stopped.stop_code, Some(TaskStopCode::UserInitiated));
    fs::write(dir.path().join("go"), "").unwrap();
    assert_eq!(stand.tick(2, RunRow::has_ended).await.state(), "succeeded");
    assert_eq!(log(dir.path()).len(), 2);
}

/// The container of a shard: says so; the first time shard 1 says that no retry can help.
const SHARD: &str = r#"echo "$LONGSHORE_SHARD/$LONGSHORE_SHARDS" >>"$DIR/log"
    [ "$LONGSHORE_SHARD" != 1 ] || [ -e "$DIR/mended" ] || { touch "$DIR/mended"; exit 3; }"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_tick_of_several_shards_is_done_when_all_are_and_only_the_failed_one_is_redriven() {
    let dir = tempfile::tempdir().unwrap();
    let task = format!("WorkerTask=env DIR={} sh -c '{SHARD}'", dir.path().display());
    let stand = Stand::of(&Template::of_repository(), &["--task", &task]);
    let schedule = json!({"expression": "rate(1 hour)", "shards": 3});
    stand.send("inbox", &tick_of(1, &schedule)).await;
    let is_tick = |run: &RunRow| run.text(&["shards"]) == "3";
    let failed = eventually("the end of the tick", || async {
        stand.runs().await.into_iter().find(|run| is_tick(run) && run.has_ended())
    })
    .await;
    let reason = failed.text(&["outcome", "reason"]);
    assert_eq!(failed.state(), "failed");
    assert!(reason.starts_with("1 of 3 shards are not done: shard 1 (run "), "{reason}");
    let told = stand.take("failed").await.body.unwrap();
    assert!(told.contains(&reason) && stand.depth("failed").await == 0, "{told}");
    let why = stand.longshore(&["why", &failed.id()]).well();
    assert!(why.contains("\nShards:\n   0  run "), "{why}");

    eventually("the redrive, once the failure is told", || async {
        (stand.longshore(&["redrive", &failed.id()]).code == Some(0)).then_some(())
    })
    .await;
    eventually("the end of the shard", || async {
        let runs = stand.runs().await;
        runs.iter().all(|run| run.state() == "succeeded").then_some(())
    })
    .await;
    let mut shards = log(dir.path());
    shards.sort();
    assert_eq!(shards, ["0/3", "1/3", "1/3", "2/3"]);
}
