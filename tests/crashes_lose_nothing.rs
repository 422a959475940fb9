//! What was acknowledged outlives a `kill -9` of the embedded AWS, and what was under way goes on.

use std::path::Path;

use rustix::process::Signal;

use crate::stand::{Stand, eventually, pids_with, repository};

/// The repository's template with functions that are given up after 5 s instead of 60: a message
/// that was in flight when everything ended comes back after six times that.
fn quick_template(dir: &Path) -> String {
    let template = std::fs::read_to_string(repository().join("infra/template.yaml")).unwrap();
    let quick = template.replace("Timeout: 60\n", "Timeout: 5\n");
    let quick = quick.replace("VisibilityTimeout: 360", "VisibilityTimeout: 30");
    assert_ne!(quick, template);
    let path = dir.join("template.yaml");
    std::fs::write(&path, quick).unwrap();
    path.to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_aws_is_killed_and_started_again() {
    let dir = tempfile::tempdir().unwrap();
    let template = quick_template(dir.path());
    let data = dir.path().join("data");
    let arguments = [template.as_str(), "--data", data.to_str().unwrap()];
    let mut stand = Stand::start_with(&arguments);
    stand.upload("before.csv", "id\n1\n").await;
    assert_eq!(stand.ended("before.csv").await.state(), "succeeded");
    stand.upload("during.csv", "id\n2\n").await;
    stand.dev.end(Signal::KILL);

    let stand = Stand::start_with(&arguments);
    let run = stand.ended("during.csv").await;
    // Its task may have been cut off, and then the run says so.
    if run.state() == "failed" {
        assert_eq!(run.text(&["outcome", "class"]), "infrastructure", "{run:?}");
    } else {
        assert_eq!(run.state(), "succeeded", "{run:?}");
        assert_eq!(stand.items().await.len(), 2);
    }
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
