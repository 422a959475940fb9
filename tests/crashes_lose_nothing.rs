//! What was acknowledged outlives a `kill -9` of the embedded AWS, and what was under way goes on.

mod kills;
mod named;
mod ticks;

use rustix::process::Signal;

use crate::stand::{Stand, Template, eventually, pids_with};

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_aws_is_killed_and_started_again() {
    let dir = tempfile::tempdir().unwrap();
    let template = Template::of_repository().quick_deliveries().quick_attempts().write(dir.path());
    let data = dir.path().join("data");
    let arguments = [template.as_str(), "--data", data.to_str().unwrap()];
    let mut stand = Stand::start_with(&arguments);
    stand.upload("before.csv", "id\n1\n").await;
    assert_eq!(stand.ended("before.csv").await.state(), "succeeded");
    stand.upload("during.csv", "id\n2\n").await;
    stand.dev.end(Signal::KILL);

    let stand = Stand::start_with(&arguments);
    let run = stand.ended("during.csv").await;
    assert_eq!(run.state(), "succeeded", "a task that was cut off gets another attempt: {run:?}");
    assert_eq!(stand.items().await.len(), 2);
    stand.upload("after.csv", "id\n3\n").await;
    assert_eq!(stand.ended("after.csv").await.state(), "succeeded");
    assert_eq!(stand.runs_of("before.csv").await.len(), 1, "what was there is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn ending_it_ends_what_it_started() {
    let mut stand = Stand::start_with(&["--task", "WorkerTask=sleep 600"]);
    stand.upload("slow.csv", "id\n1\n").await;
    let run = eventually("a running task", || async {
        let mut runs = stand.runs_of("slow.csv").await;
        runs.pop().filter(|run| run.state() == "running")
    })
    .await;
    let task = format!("LONGSHORE_RUN={}", run.id());
    let function = format!("AWS_ENDPOINT_URL={}", stand.dev.endpoint);
    assert_eq!(pids_with(&task).len(), 1);
    assert!(stand.dev.end(Signal::TERM).success());
    assert!(pids_with(&task).is_empty(), "no task outlives it");
    assert!(pids_with(&function).is_empty(), "no function outlives it");
}
