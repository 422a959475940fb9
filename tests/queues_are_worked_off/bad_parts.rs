//! Of a message that brings several objects, those that are bad do not keep the others from being done,
//! and nobody has to search for them.

use std::{collections::BTreeSet, io::Write as _, time::Duration};

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use super::*;

const PLAIN: &str = "unwatched";

async fn put(stand: &Stand, key: &str, body: Vec<u8>) {
    stand.s3.put_object().bucket(PLAIN).key(key).body(body.into()).send().await.unwrap();
}

/// A record of a notification, as S3 writes it.
fn record(name: &str, key: &str) -> Value {
    json!({
        "eventVersion": "2.1", "eventSource": "aws:s3", "eventName": name,
        "s3": {"bucket": {"name": PLAIN}, "object": {"key": key}},
    })
}

async fn send(stand: &Stand, body: &str) {
    stand.sqs.send_message().queue_url(url(stand)).message_body(body).send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_ten_objects_seven_become_rows_and_three_are_set_aside_one_by_one() {
    let stand = Stand::of(&Template::of_repository().and(RESOURCES), &["--speed", "20"]);
    let url = url(&stand);
    let mut records = vec![record("ObjectRemoved:Delete", "a"), record("ObjectCreated:Put", "%zz")];
    for number in 0..7 {
        put(&stand, &format!("{number}.csv"), format!("id\n{number}\n").into()).await;
        records.push(record("ObjectCreated:Put", &format!("{number}.csv")));
    }
    put(&stand, "cut.csv.gz", b"\x1f\x8b\x08".to_vec()).await;
    records.insert(4, record("ObjectCreated:Copy", "cut.csv.gz"));
    send(&stand, &json!({"Records": records}).to_string()).await;
    let mut worker = worker(&stand, &url);
    emptied(&stand, &url).await;
    let ids = async || -> BTreeSet<String> {
        stand.items().await.into_iter().map(|item| item["id"].clone()).collect()
    };
    assert_eq!(ids().await, (0..7).map(|number| number.to_string()).collect());
    let listed =
        stand.s3.list_objects_v2().bucket(PLAIN).prefix("aside/dead-letter/messages/work/");
    let listed = listed.send().await.unwrap().contents.unwrap_or_default();
    assert_eq!(listed.len(), 1, "{listed:?}");
    let letters = stand.s3.get_object().bucket(PLAIN).key(listed[0].key().unwrap());
    let letters = letters.send().await.unwrap().body.collect().await.unwrap().to_vec();
    let lines = letters.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let lines: Vec<Value> = lines.map(|line| serde_json::from_slice(line).unwrap()).collect();
    let reasons = [
        "ObjectRemoved:Delete",
        "whose key is not URL-encoded",
        "`unwatched/cut.csv.gz`: rejected: the gzip stream ends in its middle",
    ];
    assert_eq!(lines.len(), reasons.len(), "{lines:#?}");
    for (line, reason) in lines.iter().zip(reasons) {
        assert!(line["reason"].as_str().unwrap().contains(reason), "{line:#}");
    }

    // What is mended is sent again alone, as it lies there.
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(b"id\nmended\n").unwrap();
    put(&stand, "cut.csv.gz", gzip.finish().unwrap()).await;
    send(&stand, lines[2]["body"].as_str().unwrap()).await;
    emptied(&stand, &url).await;
    assert!(ids().await.contains("mended"));

    // No object is bad because the worker is told to write where nothing is.
    kill(worker.id(), Signal::TERM);
    assert_eq!(worker.wait().unwrap().code(), Some(0));
    put(&stand, "good.csv", b"id\ngood\n".to_vec()).await;
    send(&stand, &json!({"bucket": PLAIN, "key": "good.csv"}).to_string()).await;
    let mut lost = command(&stand, &url).env("LONGSHORE_TABLE", "nowhere").spawn().unwrap();
    // Time for a first try, which would be the last; the next ones come ever later.
    tokio::time::sleep(Duration::from_secs(3)).await;
    kill(lost.id(), Signal::TERM);
    lost.wait().unwrap();
    assert_eq!(depth(&stand, &url).await, 1, "it waits for the table");
    let mut worker = self::worker(&stand, &url);
    emptied(&stand, &url).await;
    assert!(ids().await.contains("good"));
    kill(worker.id(), Signal::TERM);
    assert_eq!(worker.wait().unwrap().code(), Some(0));
}
