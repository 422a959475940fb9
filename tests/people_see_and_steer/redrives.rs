//! Runs that failed get another attempt, whoever asks for it and however they are named.

use std::fs;

use serde_json::json;

use super::{OBJECT, TRIGGER, stand};
use crate::stand::{Stand, eventually};

/// Fails until `go` is there, and says why in its exit code.
const SCRIPT: &str = r#"test -e "$DIR/go" || exit "${LONGSHORE_KEY%%.*}""#;

impl Stand {
    /// Waits until the `failed` queue tells of so many runs, which can be redriven from then on.
    async fn told(&self, failed: usize) {
        eventually("what failed in the queue", || async {
            (self.depth("failed").await == failed).then_some(())
        })
        .await;
        eventually("that nothing is owed", || async {
            let runs = self.runs().await;
            runs.iter().all(|run| run.text(&["due"]).is_empty()).then_some(())
        })
        .await;
    }

    /// Redrives by these words, and answers the keys of what was redriven.
    async fn redriven(&self, words: &[&str]) -> Vec<String> {
        let said = self.longshore(&[&["redrive", "--json"], words].concat()).json();
        let runs = self.runs().await;
        let key = |id: &str| runs.iter().find(|run| run.id() == id).unwrap().key();
        let mut keys: Vec<_> = said["redriven"]
            .as_array()
            .unwrap()
            .iter()
            .map(|id| key(id.as_str().unwrap()))
            .collect();
        keys.sort();
        keys
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_failed_succeeds_when_it_is_redriven() {
    let dir = tempfile::tempdir().unwrap();
    let stand = stand(dir.path(), SCRIPT);
    for key in ["7.csv", "8.csv", "9.csv", "10.csv"] {
        stand.upload(key, OBJECT).await;
        assert_eq!(stand.ended(key).await.state(), "failed");
    }
    stand.told(4).await;
    let seven = stand.runs_of("7.csv").await[0].id();
    let why = stand.longshore(&["why", &seven]).well();
    assert!(why.contains(&format!("longshore redrive {seven}")), "{why}");

    // Too early: it fails again, and is told again, once.
    assert_eq!(stand.redriven(&[&seven]).await, ["7.csv"]);
    eventually("that it failed again", || async {
        stand.sweep();
        let run = stand.ended("7.csv").await;
        (run.text(&["att"]) == "2").then_some(())
    })
    .await;
    stand.told(4).await;

    fs::write(dir.path().join("go"), "").unwrap();
    assert_eq!(stand.redriven(&["--reason", "code 8"]).await, ["8.csv"]);
    assert_eq!(stand.redriven(&[&seven]).await, ["7.csv"]);
    assert_eq!(stand.redriven(&["--trigger", TRIGGER]).await, ["10.csv", "9.csv"]);
    assert_eq!(stand.redriven(&["--all"]).await, [""; 0]);
    for key in ["7.csv", "8.csv", "9.csv", "10.csv"] {
        assert_eq!(stand.swept_to_an_end(key).await.state(), "succeeded");
    }
    assert_eq!(stand.depth("failed").await, 0, "nothing is left to do");
    let said = stand.longshore(&["redrive", &seven]);
    assert!(said.code == Some(1) && said.out.contains("it is succeeded"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn envelopes_that_were_refused_come_back_to_the_inbox() {
    let dir = tempfile::tempdir().unwrap();
    let stand = stand(dir.path(), "exit 0");
    stand.send("inbox", "not JSON").await;
    let object = json!({"key": "k.csv", "version-id": "v", "sequencer": "01", "size": 1});
    let mut pool = crate::stand::envelope(&object);
    pool["trigger"]["launch"] = json!("pool");
    stand.send("inbox", &pool.to_string()).await;
    let two = || async { (stand.depth("inbox-dead").await == 2).then_some(()) };
    eventually("two dead letters", two).await;

    // What is no envelope stays; what is one comes back, to be refused again by this version.
    let redriven = |words: &[&str]| {
        let said = stand.longshore(&[&["redrive", "--envelopes", "--json"], words].concat()).json();
        said["envelopes"].as_u64().unwrap()
    };
    assert_eq!(redriven(&[]), 1);
    eventually("two dead letters", two).await;
    assert_eq!(redriven(&["--reason", "no such text"]), 0);
    assert_eq!(redriven(&["--trigger", "another"]), 0);
    assert_eq!(stand.depth("inbox-dead").await, 2);
}
