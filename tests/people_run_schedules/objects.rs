//! Objects that were there before their rule was.

use std::path::Path;

use rustix::process::Signal;
use serde_json::{Value, json};

use super::stand;
use crate::stand::{BUCKET, RunRow, Stand, Template, eventually};

const TRIGGER: &str = "longshore-uploads";
const RULE: &str = "      EventPattern:\n        source: [aws.s3]";

/// A stand of which the bucket is kept in `dir`.
fn kept(dir: &Path, template: &Template, arguments: &[&str]) -> Stand {
    let data = dir.join("data");
    stand(dir, template, &[arguments, &["--data", data.to_str().unwrap()]].concat())
}

impl Stand {
    async fn put(&self, key: &str) {
        let body = format!("id\n{key}\n").into_bytes().into();
        self.s3.put_object().bucket(BUCKET).key(key).body(body).send().await.unwrap();
    }

    /// Waits until all runs have ended, and there are some; how many objects they had.
    async fn all_at_rest(&self, objects: u64) -> Vec<RunRow> {
        eventually(&format!("the ends of the runs of {objects} objects"), || async {
            let known =
                self.longshore(&["backfill", TRIGGER, "--prefix", "", "--dry-run", "--json"]);
            let runs = self.runs().await;
            (known.json()["known"] == objects && runs.iter().all(RunRow::has_ended)).then_some(runs)
        })
        .await
    }

    fn backfill(&self, arguments: &[&str]) -> Value {
        self.longshore(&[&["backfill", TRIGGER, "--json"], arguments].concat()).json()
    }
}

/// Objects that no event told of are backfilled, and never again.
async fn check(template: Template, arguments: &[&str]) {
    let dir = tempfile::tempdir().unwrap();
    let disabled = template.clone().with(RULE, &format!("      State: DISABLED\n{RULE}"));
    let mut off = kept(dir.path(), &disabled, arguments);
    for key in ["dead-letter/in/x.ndjson", "in/1 +ż%41.csv", "in/2.csv", "in/3.csv", "other/4.csv"]
    {
        off.put(key).await;
    }
    off.dev.end(Signal::TERM);
    let stand = kept(dir.path(), &template, arguments);
    assert!(stand.runs().await.is_empty(), "no event told of them");
    stand.put("in/new.csv").await;
    eventually("the first run", || async {
        stand.runs().await.into_iter().find(RunRow::has_ended)
    })
    .await;

    let counts = |said: &Value| ["sent", "known", "unmatched"].map(|name| said[name].clone());
    let dry = stand.backfill(&["--prefix", "", "--dry-run"]);
    assert_eq!(counts(&dry), [json!(4), json!(1), json!(1)]);
    let behind = stand.backfill(&["--prefix", "in/", "--after", "in/2.csv"]);
    assert_eq!(counts(&behind), [json!(1), json!(1), json!(0)], "in/3.csv and in/new.csv");
    stand.all_at_rest(2).await;
    assert_eq!(counts(&stand.backfill(&["--prefix", "in/"])), [json!(2), json!(2), json!(0)]);
    stand.all_at_rest(4).await;
    assert_eq!(counts(&stand.backfill(&["--prefix", ""])), [json!(1), json!(4), json!(1)]);
    let runs = stand.all_at_rest(5).await.len();

    assert_eq!(counts(&stand.backfill(&["--prefix", ""])), [json!(0), json!(5), json!(1)]);
    let object = format!("s3://{BUCKET}/in/2.csv");
    let said = stand.longshore(&["run", TRIGGER, "--input", &object]).well();
    assert!(said.contains("already (succeeded, since "), "{said}");
    assert_eq!(stand.runs().await.len(), runs);
    assert_eq!(stand.depth("inbox-dead").await + stand.depth("failed").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_are_backfilled_by_their_version() {
    check(Template::of_repository(), &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_without_versions_are_backfilled_too() {
    let versions = "      VersioningConfiguration: {Status: Enabled}\n";
    check(Template::of_repository().with(versions, ""), &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_that_are_gathered_are_backfilled_too() {
    let template = Template::of_repository().quick_gathering();
    check(template, &["--parameter", "BatchObjects=10"]).await;
}
