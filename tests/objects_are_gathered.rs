//! With `batch` one task works off many uploads, and a bad one does not fail its neighbours.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use crate::stand::{PROGRAM, RunRow, Stand, Template, eventually};

/// Uploads of one test.
const UPLOADS: usize = 40;

/// A stand that gathers up to so many objects a run.
fn stand(objects: usize, template: Template, arguments: &[&str]) -> Stand {
    let objects = format!("BatchObjects={objects}");
    let mut all = vec!["--parameter", objects.as_str()];
    all.extend(arguments);
    Stand::of(&template.quick_gathering(), &all)
}

/// All runs, once every one has ended and `is_all` of them.
async fn ended(stand: &Stand, is_all: impl Fn(&[RunRow]) -> bool) -> Vec<RunRow> {
    eventually("all ends", || async {
        let runs = stand.runs().await;
        (runs.iter().all(RunRow::has_ended) && is_all(&runs)).then_some(runs)
    })
    .await
}

fn of_state<'a>(runs: &'a [RunRow], state: &str) -> Vec<&'a RunRow> {
    runs.iter().filter(|run| run.state() == state).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_task_works_off_many_uploads_and_sets_the_bad_one_aside() {
    let stand = stand(1_000, Template::of_repository(), &[]);
    for nth in 0..UPLOADS {
        stand.upload(&format!("{nth}.csv"), format!("id,n\n{nth},1\nx{nth},2\n")).await;
    }
    stand.upload("bad.csv.gz", "this is no gzip").await;
    let rows = eventually("all rows", || async {
        let items = stand.items().await;
        (items.len() == 2 * UPLOADS).then_some(items)
    })
    .await;
    let ids: BTreeSet<_> = rows.iter().map(|row| row["id"].clone()).collect();
    assert_eq!(ids.len(), 2 * UPLOADS);
    let runs = ended(&stand, |runs| !of_state(runs, "failed").is_empty()).await;
    assert!(runs.len() <= UPLOADS / 4, "{} runs of {UPLOADS} uploads", runs.len());

    let failed = of_state(&runs, "failed");
    assert_eq!(failed.len(), 1);
    let reason = failed[0].text(&["outcome", "reason"]);
    assert!(reason.contains("bad.csv.gz"), "{reason}");
    let why = stand.longshore(&["why", &failed[0].id()]).well();
    assert!(why.contains("bad.csv.gz"), "{why}");
    let message = stand.take("failed").await.body.unwrap();
    assert!(message.contains("bad.csv.gz") && message.contains(&failed[0].id()), "{message}");
}

fn log(dir: &Path) -> Vec<String> {
    let log = fs::read_to_string(dir.join("done")).unwrap_or_default();
    log.lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_cannot_tell_which_object_is_bad_has_the_run_split() {
    let dir = tempfile::tempdir().unwrap();
    let script = r#"if grep -q "\"bad\"" "$LONGSHORE_INPUT_FILE"; then exit 1; fi
        grep -o "\"key\":\"k[0-9]\"" "$LONGSHORE_INPUT_FILE" >>"$DIR/done""#;
    let at = dir.path().display();
    let task = format!("WorkerTask=env DIR={at} {PROGRAM} exec -- sh -c '{script}'");
    let stand = stand(100, Template::of_repository().one_attempt(), &["--task", &task]);
    for nth in 0..7 {
        stand.upload(&format!("k{nth}"), "x").await;
    }
    stand.upload("bad", "x").await;
    let runs = ended(&stand, |runs| !of_state(runs, "failed").is_empty()).await;
    let failed = of_state(&runs, "failed");
    assert_eq!(failed.iter().map(|run| run.key()).collect::<Vec<_>>(), ["bad"]);
    let mut done = log(dir.path());
    done.sort();
    assert_eq!(
        done,
        (0..7).map(|nth| format!("\"key\":\"k{nth}\"")).collect::<Vec<_>>(),
        "each once"
    );
    let split = of_state(&runs, "superseded");
    let reason = split[0].text(&["outcome", "reason"]);
    assert!(reason.contains("split into runs"), "{reason}");
}

fn count(input: &Value) -> Option<String> {
    input.get("count").map(Value::to_string)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_names_what_failed_gets_only_that_again() {
    let dir = tempfile::tempdir().unwrap();
    let script = r#"wc -l <"$LONGSHORE_INPUT_FILE" >>"$DIR/done"
        grep "\"k[13]\"" "$LONGSHORE_INPUT_FILE" | tr "\n" , | sed "s/,$//; s/^/{\"failed\": [/; s/$/]}/" >"$LONGSHORE_RESULT_FILE""#;
    let at = dir.path().display();
    let task = format!("WorkerTask=env DIR={at} {PROGRAM} exec -- sh -c '{script}'");
    let stand = stand(100, Template::of_repository().quick_attempts(), &["--task", &task]);
    for nth in 0..5 {
        stand.upload(&format!("k{nth}"), "x").await;
    }
    let runs = ended(&stand, |runs| !of_state(runs, "failed").is_empty()).await;
    let failed = of_state(&runs, "failed");
    let counts = log(dir.path());
    let lines: usize = counts.iter().map(|count| count.trim().parse::<usize>().unwrap()).sum();
    // Three attempts, of which the second and third get two objects; the five came together or not.
    assert_eq!(lines, 5 + 2 * 2, "{counts:?}");
    let reason = failed[0].text(&["outcome", "reason"]);
    assert!(reason.contains("objects failed"), "{reason}");
    // Each message names what failed, whether its run had come to hold one object or several.
    let mut keys = BTreeSet::new();
    for _ in &failed {
        let message = stand.take("failed").await.body.unwrap();
        let message: Value = serde_json::from_str(&message).unwrap();
        let input = &message["input"];
        let several = input["objects"].as_array();
        for object in several.map_or(std::slice::from_ref(input), Vec::as_slice) {
            assert!(object["versionId"].is_string(), "{message}");
            keys.insert(object["key"].as_str().unwrap().to_owned());
        }
        assert_eq!(several.map(|objects| objects.len().to_string()), count(input), "{message}");
    }
    assert_eq!(keys, ["k1", "k3"].map(str::to_owned).into());
}
