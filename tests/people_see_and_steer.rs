//! People see what became of every event, and steer it: `longshore runs`, `why`, `cancel`,
//! `redrive`, `pause`, `resume`, `forget`.

mod redrives;

use std::{fs, path::Path};

use serde_json::json;

use crate::stand::{Stand, Template, envelope, eventually};

/// The trigger of the repository's template.
const TRIGGER: &str = "longshore-uploads";
const OBJECT: &str = "id\n1\n";

/// A stand whose task is the script, with one attempt; it finds `dir` in `$DIR`.
fn stand(dir: &Path, script: &str) -> Stand {
    let task = format!("WorkerTask=env DIR={} sh -c '{script}'", dir.display());
    let template = Template::of_repository().one_attempt().quick_deliveries();
    Stand::of(&template, &["--task", &task])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_tells_its_history() {
    let stand = Stand::start();
    stand.upload("a b.csv", OBJECT).await;
    let run = stand.ended("a b.csv").await.id();

    let listed = stand.longshore(&["runs"]).well();
    let line = listed.lines().find(|line| line.contains(&run)).unwrap();
    assert!(line.contains("succeeded") && line.contains("a b.csv"), "{listed}");
    let of =
        |arguments: &[&str]| stand.longshore(&[&["runs", "--json"], arguments].concat()).json();
    assert_eq!(of(&[])[0]["id"], run.as_str());
    assert_eq!(of(&["--trigger", TRIGGER, "--state", "succeeded"])[0]["id"], run.as_str());
    assert_eq!(of(&["--state", "failed"]), json!([]));
    assert_eq!(of(&["--trigger", "another"]), json!([]));

    let why = stand.longshore(&["why", &run]).well();
    for part in
        ["s3://longshore-uploads-000000000000/a b.csv", "It succeeded", "admitted", "launch"]
    {
        assert!(why.contains(part), "{part}: {why}");
    }
    let why = stand.longshore(&["why", &run, "--json"]).json();
    assert_eq!((&why["id"], &why["st"]), (&json!(run), &json!("succeeded")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_cancelled_has_its_task_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let script = r#"trap "echo >\"$DIR/term\"; exit 143" TERM; while [ ! -e "$DIR/go" ]; do sleep 0.05; done"#;
    let stand = stand(dir.path(), script);
    stand.upload("slow.csv", OBJECT).await;
    let run = eventually("a running task", || async {
        stand.runs_of("slow.csv").await.pop().filter(|run| run.state() == "running")
    })
    .await
    .id();

    let said = stand.longshore(&["cancel", &run, "--reason", "Ada"]).well();
    assert!(said.contains("is being cancelled"), "{said}");
    stand.sweep();
    let ended = stand.ended("slow.csv").await;
    assert_eq!(ended.state(), "cancelled", "{ended:?}");
    assert!(ended.text(&["outcome", "reason"]).contains("Ada"), "{ended:?}");
    assert!(dir.path().join("term").exists(), "its task was asked to end");
    let said = stand.longshore(&["cancel", &run]).well();
    assert!(said.contains("is not cancelled: it has cancelled already"), "{said}");

    fs::write(dir.path().join("go"), "").unwrap();
    let again = eventually("that it is redriven", || async {
        let said = stand.longshore(&["redrive", &run, "--json"]);
        (said.code == Some(0)).then(|| said.json())
    })
    .await;
    assert_eq!(again["redriven"], json!([run]));
    stand.sweep();
    let ended = stand.ended("slow.csv").await;
    assert_eq!((ended.state().as_str(), ended.text(&["att"]).as_str()), ("succeeded", "2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trigger_that_is_paused_keeps_its_events() {
    let stand = Stand::of(&Template::of_repository().quick_deliveries(), &[]);
    stand.upload("known.csv", OBJECT).await;
    stand.ended("known.csv").await;
    let waiting = stand.paused(TRIGGER).await;

    let why = stand.longshore(&["why", &waiting[0].id()]).well();
    assert!(why.contains("waits until its trigger is resumed"), "{why}");
    let cancelled = waiting[0].id();
    let said = stand.longshore(&["cancel", &cancelled]).well();
    assert!(said.contains("is cancelled; it had no task"), "{said}");
    stand.upload("later.csv", OBJECT).await;
    stand.admitted("later.csv").await;
    stand.sweep();
    assert_eq!(stand.runs_of("later.csv").await[0].state(), "admitted", "a sweep starts none");

    let said = stand.longshore(&["resume", TRIGGER]).well();
    assert!(said.contains("is resumed"), "{said}");
    let run = stand.swept_to_an_end("later.csv").await;
    assert_eq!(run.state(), "succeeded");
    assert_eq!(stand.runs_of(&waiting[0].key()).await[0].state(), "cancelled", "{cancelled}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_belongs_to_one_rule_until_it_is_forgotten() {
    let stand = Stand::of(&Template::of_repository().quick_deliveries(), &[]);
    stand.upload("first.csv", OBJECT).await;
    stand.ended("first.csv").await;
    let object = json!({"key": "first.csv", "version-id": "other", "sequencer": "ff", "size": 1});
    let mut other = envelope(&object);
    other["source"] = json!("arn:aws:events:us-east-1:000000000000:rule/longshore-others");
    stand.send("inbox", &other.to_string()).await;
    eventually("its dead letter", || async {
        (stand.depth("inbox-dead").await == 1).then_some(())
    })
    .await;
    assert_eq!(stand.runs_of("first.csv").await.len(), 1, "it starts nothing");

    let said = stand.longshore(&["forget", TRIGGER]).well();
    assert!(said.contains("is forgotten"), "{said}");
    // What a function has read of a trigger counts for 10 s.
    eventually("its run", || async {
        let said =
            stand.longshore(&["redrive", "--envelopes", "--reason", "another trigger", "--json"]);
        let _ = said.json();
        (stand.runs_of("first.csv").await.len() == 2).then_some(())
    })
    .await;
    assert_eq!(stand.depth("inbox-dead").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_for_wrongly_is_answered_with_what_to_do() {
    let stand = Stand::start();
    stand.upload("any.csv", OBJECT).await;
    stand.ended("any.csv").await;
    let unknown = "a".repeat(26);
    for (arguments, code, todo) in [
        (&["why", "nonsense"][..], 1, "as `longshore runs` shows them"),
        (&["why", &unknown], 1, "older than 30 days, or of another stack"),
        (&["cancel", "nonsense"], 1, "as `longshore runs` shows them"),
        (&["redrive", &unknown], 1, "older than 30 days, or of another stack"),
        (&["runs", "--stack-name", "other"], 1, "--stack-name says another"),
        (&["redrive", "--all", "--stack-name", "other"], 1, "--stack-name says another"),
        (&["pause", "nobody"], 1, "known from its first event on"),
        (&["redrive"], 2, "--envelopes"),
        (&["runs", "--state", "lost"], 2, "possible values"),
    ] {
        let said = stand.longshore(arguments);
        assert_eq!(said.code, Some(code), "{arguments:?}: {said:?}");
        assert!(said.err.contains(todo), "{arguments:?}: {said:?}");
    }
}
