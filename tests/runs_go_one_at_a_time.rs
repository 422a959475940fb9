//! A trigger with `concurrency: 1` has one task at a time, in the order of admission.

use std::{fs, path::Path};

use serde_json::json;

use crate::stand::{RunRow, Stand, Template, envelope, eventually};

/// Events that come at once.
const EVENTS: usize = 50;
/// The first task works until `go` is there, so that all the others wait when it ends.
const SCRIPT: &str = r#"echo "begin $LONGSHORE_RUN" >>"$DIR/log"
    if [ "$LONGSHORE_KEY" = first ]; then while [ ! -e "$DIR/go" ]; do sleep 0.05; done; fi
    echo "end $LONGSHORE_RUN" >>"$DIR/log""#;

fn event(key: &str) -> String {
    let object = json!({"key": key, "version-id": "v", "sequencer": "01", "size": 1});
    let mut envelope = envelope(&object);
    envelope["trigger"]["concurrency"] = json!(1);
    envelope.to_string()
}

fn log(dir: &Path) -> Vec<String> {
    let log = fs::read_to_string(dir.join("log")).unwrap();
    log.lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_events_at_once_run_one_after_the_other() {
    let dir = tempfile::tempdir().unwrap();
    let task = format!("WorkerTask=env DIR={} sh -c '{SCRIPT}'", dir.path().display());
    let template = Template::of_repository().one_attempt();
    let quickly = ["--task", &task, "--parameter", "LaunchesPerSecond=1000"];
    let stand = Stand::of(&template, &quickly);
    stand.send("inbox", &event("first")).await;
    eventually("the first task", || async { dir.path().join("log").exists().then_some(()) }).await;
    for nth in 1..EVENTS {
        stand.send("inbox", &event(&format!("k{nth}"))).await;
    }
    let mut runs = eventually("all runs, waiting", || async {
        let runs = stand.runs().await;
        (runs.iter().filter(|run| run.text(&["waits"]) == "slot").count() == EVENTS - 1)
            .then_some(runs)
    })
    .await;
    assert_eq!(log(dir.path()).len(), 1, "nobody works beside the first");

    fs::write(dir.path().join("go"), "").unwrap();
    eventually("all ends", || async {
        let runs = stand.runs().await;
        runs.iter().all(RunRow::has_ended).then_some(())
    })
    .await;
    assert!(stand.runs().await.iter().all(|run| run.state() == "succeeded"));
    runs.sort_by_key(|run| (run.text(&["admittedAt"]), run.id()));
    let lines = |run: &RunRow| [format!("begin {}", run.id()), format!("end {}", run.id())];
    let expected: Vec<_> = runs.iter().flat_map(lines).collect();
    assert_eq!(log(dir.path()), expected, "one at a time, in the order of admission");
}
