//! Bad records are set aside with their reason and place; what is gone or replaced is superseded.

use serde_json::{Value, json};

use crate::stand::{BUCKET, Stand, envelope, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn a_row_without_its_key_goes_to_the_dead_letter_object() {
    let stand = Stand::start();
    stand.upload("mixed.csv", "id,name\n1,Ada\n,Nobody\n2,Grace\n").await;
    let run = stand.ended("mixed.csv").await;
    assert_eq!(run.state(), "succeeded");
    assert_eq!(
        run.text(&["result", "summary", "equation"]),
        "read 3 = written 2 + replaced 0 + dead-lettered 1"
    );
    let key = run.text(&["result", "summary", "deadLetters"]);
    assert!(key.starts_with("dead-letter/mixed.csv/"), "{key}");
    let letters = stand.s3.get_object().bucket(BUCKET).key(&key).send().await.unwrap();
    let letters = letters.body.collect().await.unwrap().to_vec();
    let letter: Value = serde_json::from_slice(&letters).unwrap();
    assert_eq!((letter["record"].as_u64(), letter["offset"].as_u64()), (Some(2), Some(14)));
    assert!(letter["reason"].as_str().unwrap().contains("id"), "{letter}");
    assert!(stand.runs_of(&key).await.is_empty(), "a dead letter is no event");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_is_gone_is_superseded_not_failed() {
    let stand = Stand::start();
    let object = json!({"key": "gone.csv", "version-id": "never", "sequencer": "01", "size": 1});
    stand.send("inbox", &envelope(&object).to_string()).await;
    let run = stand.ended("gone.csv").await;
    assert_eq!(run.state(), "superseded", "{run:?}");
    assert!(run.text(&["outcome", "reason"]).contains("gone"), "{run:?}");
    assert_eq!(stand.depth("failed").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_overwritten_before_it_is_read_is_superseded() {
    let stand = Stand::start();
    stand.upload("new.csv", "id\n1\n").await;
    stand.ended("new.csv").await;
    // Without a version, the event's bytes are known by their etag alone.
    let etag = "00000000000000000000000000000000";
    let object = json!({"key": "new.csv", "etag": etag, "size": 1});
    stand.send("inbox", &envelope(&object).to_string()).await;
    let run = eventually("the run of the overwritten bytes", || async {
        let runs = stand.runs_of("new.csv").await;
        runs.into_iter().find(|run| run.text(&["input", "etag"]) == etag && run.has_ended())
    })
    .await;
    assert_eq!(run.state(), "superseded", "{run:?}");
    assert!(run.text(&["outcome", "reason"]).contains("replaced"), "{run:?}");
}
