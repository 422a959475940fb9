//! A run that fails says why, in the ledger and once in the `failed` queue.

use rustix::process::Signal;
use serde_json::Value;

use crate::stand::{Stand, eventually, kill, pids_with};

/// Rows of an object that keeps its worker busy for seconds.
const MANY: usize = 60_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_in_the_middle_fails_its_run() {
    let stand = Stand::with_one_attempt(&[]);
    let large = (0..MANY).fold("id,n\n".to_owned(), |rows, n| rows + &format!("{n},x\n"));
    stand.upload("large.csv", large).await;
    eventually("rows under way", || async { (!stand.items().await.is_empty()).then_some(()) })
        .await;
    let run = stand.runs_of("large.csv").await.remove(0);
    let worker = pids_with(&format!("LONGSHORE_RUN={}", run.id()));
    assert_eq!(worker.len(), 1, "one worker does the work");
    kill(worker[0], Signal::KILL);
    let run = stand.ended("large.csv").await;
    assert_eq!(run.state(), "failed");
    assert_eq!(run.text(&["outcome", "exitCode"]), "137");
    assert_eq!(run.text(&["outcome", "class"]), "work");
    assert!(run.text(&["outcome", "reason"]).contains("exited with code 137"), "{run:?}");
    assert!(stand.items().await.len() < MANY, "it was killed in the middle");

    let failed = stand.take("failed").await;
    let body: Value = serde_json::from_str(failed.body().unwrap()).unwrap();
    assert_eq!(body["run"], run.id());
    assert_eq!(body["outcome"]["exitCode"], 137);
    assert_eq!(body["input"]["key"], "large.csv");
    let task = run.text(&["exec"]);
    let stream = format!("worker/worker/{}", task.rsplit('/').next().unwrap());
    let logs = &body["logs"];
    assert_eq!(
        (&logs["group"], &logs["stream"], &logs["region"]),
        (&"longshore-WorkerLogs".into(), &stream.as_str().into(), &"us-east-1".into())
    );
    let why = stand.longshore(&["why", &run.id()]).well();
    let said = format!("Its log is stream `{stream}` of log group `longshore-WorkerLogs`");
    assert!(why.contains(&said), "{why}");
    assert_eq!(stand.depth("failed").await, 0, "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_fails_is_told_with_its_exit_code() {
    let stand = Stand::with_one_attempt(&["--task", "WorkerTask=sh -c 'exit 3'"]);
    stand.upload("any.csv", "id\n1\n").await;
    let run = stand.ended("any.csv").await;
    assert_eq!(
        (run.state().as_str(), run.text(&["outcome", "class"]).as_str()),
        ("failed", "rejected")
    );
    let failed = stand.take("failed").await;
    let reason = failed.message_attributes().unwrap()["reason"].string_value().unwrap();
    assert!(reason.contains("exited with code 3"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_is_not_there_fails_the_run_with_what_to_do() {
    let stand = Stand::with_one_attempt(&["--task", "WorkerTask=/nowhere/worker"]);
    stand.upload("any.csv", "id\n1\n").await;
    let run = stand.ended("any.csv").await;
    assert_eq!(
        (run.state().as_str(), run.text(&["outcome", "class"]).as_str()),
        ("failed", "start")
    );
    assert!(run.text(&["outcome", "reason"]).contains("/nowhere/worker"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_container_that_ends_well_succeeds() {
    let stand = Stand::with_one_attempt(&[
        "--task",
        "WorkerTask=sh -c 'test \"$LONGSHORE_KEY\" = \"a b.csv\"'",
    ]);
    stand.upload("a b.csv", "id\n1\n").await;
    assert_eq!(stand.ended("a b.csv").await.state(), "succeeded");
}
