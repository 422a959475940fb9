//! A newer version of an object waits for the run of an older one, so that its rows come last.

use std::fs;

use crate::stand::{PROGRAM, RunRow, Stand, Template, eventually};

/// Rows of an object that keeps its task busy for a second or two.
const ROWS: usize = 10_000;

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_version_starts_when_the_task_of_an_older_one_has_ended() {
    let dir = tempfile::tempdir().unwrap();
    let script = r#"echo "begin $LONGSHORE_VERSION_ID" >>"$DIR/log"
        while [ ! -e "$DIR/go" ]; do sleep 0.05; done
        echo "end $LONGSHORE_VERSION_ID" >>"$DIR/log""#;
    let at = dir.path().display();
    let task = format!("WorkerTask=env DIR={at} {PROGRAM} exec -- sh -c '{script}'");
    let template = Template::of_repository().one_attempt();
    let stand = Stand::of(&template, &["--task", &task]);
    let old = stand.upload("object.csv", "id,n\nx,old\n").await;
    eventually("the task of the older version", || async {
        dir.path().join("log").exists().then_some(())
    })
    .await;
    let new = stand.upload("object.csv", "id,n\nx,new\n").await;
    let of = |runs: Vec<RunRow>, version: &str| {
        runs.into_iter().find(|run| run.text(&["input", "versionId"]) == version)
    };
    let waits = |version: String| async {
        let version = version;
        let run = of(stand.runs_of("object.csv").await, &version)?;
        run.has("waits").then_some(run)
    };
    let waiting = eventually("the newer version, waiting", || waits(new.clone())).await;
    let why = stand.longshore(&["why", &waiting.id()]).well();
    assert!(why.contains("about an older version"), "{why}");
    assert_eq!(fs::read_to_string(dir.path().join("log")).unwrap(), format!("begin {old}\n"));

    fs::write(dir.path().join("go"), "").unwrap();
    let runs = eventually("two ends", || async {
        let runs = stand.runs_of("object.csv").await;
        (runs.len() == 2 && runs.iter().all(RunRow::has_ended)).then_some(runs)
    })
    .await;
    let state = |version: &str| of(runs.clone(), version).unwrap().state();
    assert_eq!([state(&old), state(&new)], ["succeeded", "succeeded"], "{runs:?}");
    let log = fs::read_to_string(dir.path().join("log")).unwrap();
    assert_eq!(log, format!("begin {old}\nend {old}\nbegin {new}\nend {new}\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_version_is_written_last() {
    let stand = Stand::start();
    let rows = (0..ROWS).fold("id,n\n".to_owned(), |rows, n| rows + &format!("{n},old\n"));
    stand.upload("object.csv", rows.clone()).await;
    eventually("rows under way", || async { (!stand.items().await.is_empty()).then_some(()) })
        .await;
    stand.upload("object.csv", rows.replace("old", "new")).await;
    eventually("two ends", || async {
        let runs = stand.runs_of("object.csv").await;
        (runs.len() == 2 && runs.iter().all(RunRow::has_ended)).then_some(())
    })
    .await;
    let items = stand.items().await;
    assert_eq!(items.len(), ROWS);
    assert!(items.iter().all(|item| item["n"] == "new"), "no row of the older version is left");
}
