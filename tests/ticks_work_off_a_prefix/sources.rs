//! Where the objects of a tick are named: a listing with any keys in it, or an inventory.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use serde_json::json;

use super::{hour, stand};
use crate::stand::BUCKET;

#[tokio::test(flavor = "multi_thread")]
async fn any_key_is_listed_as_it_is_and_dead_letters_are_no_input() {
    let stand = stand();
    let mut keys = [
        "a b+c.bin",
        "%41.bin",
        "quote\"back\\slash.bin",
        "../../etc/passwd",
        "a//b",
        "żółć 🚢.bin",
        "new\nline.bin",
        "control\u{1}.bin",
        "<aws.scheduler.scheduled-time>.bin",
        "folder/",
        "e\u{301}.bin",
        "\u{e9}.bin",
    ];
    for key in keys.iter().chain(&["dead-letter/in/a.csv/1.csv"]) {
        stand.upload(key, "id\nfed back\n").await;
    }
    let source = format!("s3://{BUCKET}/");
    let words = ["--source", &source, "--whole-bucket"];
    assert_eq!(stand.worked_off(hour(1), &words).await.state(), "succeeded");
    keys.sort_unstable();
    assert_eq!(stand.ids().await, keys, "one metadata item per object, under its own key");
    assert_eq!(stand.kept(hour(1), &["objects", "filtered"]).await, ["12", "1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inventory_says_what_there_is() {
    let stand = stand();
    stand.upload_all(&[("in/a b.csv", "id\na\n"), ("in/b.csv", "id\nb\n")]).await;
    let rows = ["in/a+b.csv", "in/b.csv", "in/gone.csv", "out/c.csv"];
    let rows = rows.map(|key| format!("\"{BUCKET}\",\"{key}\",\"5\"\n")).concat();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(rows.as_bytes()).unwrap();
    stand.upload("lists/data/1.csv.gz", gzip.finish().unwrap()).await;
    let manifest = |format: &str| {
        json!({
            "sourceBucket": BUCKET, "destinationBucket": format!("arn:aws:s3:::{BUCKET}"),
            "creationTimestamp": "1795309200000", "fileFormat": format,
            "fileSchema": "Bucket, Key, Size", "files": [{"key": "lists/data/1.csv.gz"}],
        })
        .to_string()
    };
    let place = format!("lists/{BUCKET}/daily/2026-11-22T01-00Z/manifest.json");
    stand.upload(&place, manifest("CSV")).await;
    let inventory = format!("s3://{BUCKET}/{place}");
    let words = ["--inventory", &inventory, "--prefix", "in/", "--max-size", "5GiB"];
    assert_eq!(stand.worked_off(hour(1), &words).await.state(), "succeeded");
    assert_eq!(stand.ids().await, ["a", "b"]);
    let figures = ["objects", "gone", "filtered", "completeUntil"];
    assert_eq!(stand.kept(hour(1), &figures).await, ["2", "1", "1", "2026-11-20T01:00:00Z"]);

    stand.upload(&place, manifest("ORC")).await;
    let run = stand.worked_off(hour(2), &words).await;
    assert_eq!(run.text(&["outcome", "class"]), "rejected", "{run:?}");
    assert!(run.text(&["result", "reason"]).contains("choose CSV"), "{run:?}");
}
