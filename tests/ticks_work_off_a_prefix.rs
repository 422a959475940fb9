//! A tick works off the objects under a prefix, or of an inventory: the table ends equal to the
//! truth, whatever lies among them and whoever is killed.

mod aside;
mod killed;
mod sources;

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::stand::{self, BUCKET, LEDGER, RunRow, Stand, Template, envelope, eventually};

/// A stand on which uploads start nothing.
fn stand() -> Stand {
    Stand::of(&Template::of_repository(), &["--parameter", "Prefix=elsewhere/"])
}

/// An envelope of a tick whose task is the worker with `words`.
fn tick(at: Timestamp, words: &[&str]) -> Value {
    let schedule = json!({"expression": "rate(1 hour)", "overlap": "queue"});
    let mut tick = stand::tick(&at.to_string(), &schedule);
    tick["trigger"]["task"]["command"] = json!([&["batch"], words].concat());
    tick["trigger"]["retry"] = json!({"attempts": 5, "backoff": {"base": "1s", "max": "1s"}});
    tick
}

/// An hour of a day to come, so that no tick before it is looked for.
fn hour(hour: u32) -> Timestamp {
    format!("2036-11-23T{hour:02}:00:00Z").parse().unwrap()
}

impl Stand {
    async fn upload_all(&self, objects: &[(&str, &str)]) {
        for (key, body) in objects {
            self.upload(key, *body).await;
        }
    }

    /// The run of the tick at `at`, once `is_so` holds of it.
    async fn tick_run(&self, at: Timestamp, is_so: impl Fn(&RunRow) -> bool) -> RunRow {
        eventually(&format!("the run of {at}"), || async {
            let mut runs = self.runs().await;
            runs.retain(|run| run.text(&["input", "scheduledAt"]) == at.to_string());
            runs.pop().filter(&is_so)
        })
        .await
    }

    /// Sends a tick and waits for the end of its run.
    async fn worked_off(&self, at: Timestamp, words: &[&str]) -> RunRow {
        self.send("inbox", &tick(at, words).to_string()).await;
        self.tick_run(at, RunRow::has_ended).await
    }

    /// What the ledger keeps of a tick: these of its figures.
    async fn kept(&self, at: Timestamp, names: &[&str]) -> Vec<String> {
        self.kept_of(at, 0, names).await
    }

    /// The same of one of its shards.
    async fn kept_of(&self, at: Timestamp, shard: u32, names: &[&str]) -> Vec<String> {
        let key = |text: String| AttributeValue::S(text);
        let row = self.dynamodb.get_item().table_name(LEDGER).consistent_read(true);
        let row =
            row.key("pk", key("TICKS#nightly".into())).key("sk", key(format!("{at}#{shard:03}")));
        let row: HashMap<_, _> = row.send().await.unwrap().item.unwrap_or_default();
        let text = |name: &&str| match row.get(*name) {
            Some(AttributeValue::S(text) | AttributeValue::N(text)) => text.clone(),
            other => format!("{other:?}"),
        };
        names.iter().map(text).collect()
    }

    /// Ids of all items, in order.
    async fn ids(&self) -> Vec<String> {
        let mut ids: Vec<_> = self.items().await.iter().map(|item| item["id"].clone()).collect();
        ids.sort();
        ids
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_good_are_done_the_bad_set_aside_and_the_rest_left_alone() {
    let stand = stand();
    stand
        .upload_all(&[
            ("in/a.csv", "id,name\na1,Ada\na2,Grace\n,Nobody\n"),
            ("in/b.ndjson", "{\"id\":\"b1\"}\n{\"id\":\"b1\"}\n"),
            ("in/empty.csv", ""),
            ("in/header.csv", "name\nx\n"),
            ("in/poison.csv", "id,n\n,1\n,2\n"),
            ("in/skipped.json", "{\"id\":\"s\"}"),
            ("out/other.csv", "id\no\n"),
        ])
        .await;
    let source = format!("s3://{BUCKET}/in/");
    let words = ["--source", &source, "--suffix", ".csv", "--suffix=.ndjson", "--min-size", "1"];
    let run = stand.worked_off(hour(1), &words).await;

    assert_eq!(stand.ids().await, ["a1", "a2", "b1"], "the table is equal to the truth");
    assert_eq!((run.state(), run.text(&["att"])), ("succeeded".into(), "1".into()), "{run:?}");
    let reason = run.text(&["result", "reason"]);
    assert!(reason.contains("2 of 4 objects are bad and set aside: `in/"), "{reason}");
    assert!(reason.contains("`in/header.csv`: the header cannot be used"), "{reason}");
    assert!(reason.contains("`in/poison.csv`: all of its 2 records are bad"), "{reason}");
    assert_eq!(
        run.text(&["result", "summary", "equation"]),
        "read 8 = written 3 + replaced 1 + dead-lettered 4"
    );
    let figures = ["status", "objects", "bad", "filtered", "gone", "records", "items", "replaced"];
    let kept = stand.kept(hour(1), &figures).await;
    assert_eq!(kept, ["done", "2", "2", "2", "0", "8", "3", "1"]);
    let kept = stand.kept(hour(1), &["rejected", "run", "attempt", "shard", "of"]).await;
    assert_eq!(kept, ["4", &run.id(), "1", "0", "1"]);
    let letters = stand.s3.list_objects_v2().bucket(BUCKET).prefix("dead-letter/in/").send().await;
    assert_eq!(letters.unwrap().contents().len(), 3, "of a.csv, header.csv and poison.csv");
    assert_eq!(stand.depth("failed").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_tick_takes_what_is_new_since_the_last_that_is_done() {
    let stand = stand();
    stand.upload_all(&[("in/a.csv", "id\na\n"), ("in/b.csv", "id\nb\n")]).await;
    // S3 tells times in whole seconds: what was written in the second of a tick is taken twice.
    let uploaded = Timestamp::now().as_second();
    let first = eventually("the next second", || async {
        Some(Timestamp::now().as_second()).filter(|now| *now > uploaded)
    })
    .await;
    let source = format!("s3://{BUCKET}/in/");
    let words = ["--source", source.as_str(), "--modified-since", "previous"];
    let at = |second| Timestamp::from_second(second).unwrap();
    assert_eq!(stand.worked_off(at(first), &words).await.state(), "succeeded");
    let figures = ["status", "objects", "filtered", "since"];
    let kept = stand.kept(at(first), &figures).await;
    assert_eq!(kept, ["done", "2", "0", "None"], "nothing was before");

    stand.upload_all(&[("in/c.csv", "id\nc\n")]).await;
    assert_eq!(stand.worked_off(at(first + 3_600), &words).await.state(), "succeeded");
    let kept = stand.kept(at(first + 3_600), &figures).await;
    assert_eq!(kept, ["done", "1", "2", &at(first).to_string()]);
    assert_eq!(stand.ids().await, ["a", "b", "c"]);

    // Other words ask for something else, of which no tick has said that it is done.
    let words = [&words[..], &["--suffix", ".csv"]].concat();
    assert_eq!(stand.worked_off(at(first + 7_200), &words).await.state(), "succeeded");
    assert_eq!(stand.kept(at(first + 7_200), &figures).await, ["done", "3", "0", "None"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn shards_share_a_prefix_out_and_the_next_tick_knows_that_all_are_done() {
    let stand = stand();
    let keys: Vec<_> = (0..20).map(|n| format!("{n:02}")).collect();
    for key in &keys {
        stand.upload(&format!("in/{key}.csv"), format!("id\n{key}\n")).await;
    }
    let source = format!("s3://{BUCKET}/in/");
    for at in [hour(1), hour(2)] {
        let mut tick = tick(at, &["--source", &source, "--modified-since", "previous"]);
        tick["trigger"]["schedule"]["shards"] = json!(3);
        stand.send("inbox", &tick.to_string()).await;
        let is_whole = |run: &RunRow| run.text(&["shards"]) == "3" && run.has_ended();
        let whole = eventually("the end of all shards", || async {
            let mut runs = stand.runs().await;
            runs.retain(|run| run.text(&["input", "scheduledAt"]) == at.to_string());
            runs.into_iter().find(is_whole)
        });
        assert_eq!(whole.await.state(), "succeeded");
    }
    assert_eq!(stand.ids().await, keys, "the table is equal to the truth");
    let mut objects = Vec::new();
    for shard in 0..3 {
        let first = stand.kept_of(hour(1), shard, &["status", "of", "objects", "since"]).await;
        assert_eq!(
            (&first[0], &first[1], &first[3]),
            (&"done".into(), &"3".into(), &"None".into())
        );
        objects.push(first[2].parse::<usize>().unwrap());
        let next = stand.kept_of(hour(2), shard, &["since"]).await;
        assert_ne!(next, ["None"], "the shards of the first tick are known to be done");
    }
    assert!(objects.iter().sum::<usize>() == 20 && !objects.contains(&0), "{objects:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_tick_or_says_nonsense_is_refused() {
    let stand = stand();
    let source = format!("s3://{BUCKET}/in/");
    let once = |mut envelope: Value| {
        envelope["trigger"]["retry"] = json!({"attempts": 1});
        envelope.to_string()
    };
    let mut object = envelope(&json!({"key": "a.csv", "sequencer": "01", "size": 1}));
    object["trigger"]["task"]["command"] = json!(["batch", "--source", source]);
    stand.send("inbox", &once(object)).await;
    let run = stand.ended("a.csv").await;
    assert_eq!(run.text(&["outcome", "exitCode"]), "64", "{run:?}");
    let whole = format!("s3://{BUCKET}/");
    let nonsense = [
        vec![],
        vec!["--source", "{}"],
        vec!["--source", &source, "--parallel", "0"],
        vec!["--source", &whole],
    ];
    for (nth, words) in nonsense.into_iter().enumerate() {
        let at = hour(u32::try_from(nth).unwrap());
        stand.send("inbox", &once(tick(at, &words))).await;
        let run = stand.tick_run(at, RunRow::has_ended).await;
        assert_eq!(run.text(&["outcome", "exitCode"]), "64", "{words:?}: {run:?}");
    }
}
