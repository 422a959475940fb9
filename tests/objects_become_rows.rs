//! An uploaded object becomes rows of the table, whatever its key, and its run says so.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};

use crate::stand::{Item, Stand};

fn item(pairs: &[(&str, &str)]) -> Item {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn sorted(mut items: Vec<Item>) -> Vec<Item> {
    items.sort();
    items
}

#[tokio::test(flavor = "multi_thread")]
async fn a_csv_becomes_one_item_per_row() {
    let stand = Stand::start();
    stand.upload("people.csv", "id,name,city\n1,Ada,London\n2,\"Grace, H.\",\n1,Ada,Paris\n").await;
    let run = stand.ended("people.csv").await;
    assert_eq!(run.state(), "succeeded", "{run:?}");
    assert_eq!(
        run.text(&["result", "summary", "equation"]),
        "read 3 = written 2 + replaced 1 + dead-lettered 0"
    );
    assert_eq!(
        sorted(stand.items().await),
        sorted(vec![
            item(&[("id", "1"), ("name", "Ada"), ("city", "Paris")]),
            item(&[("id", "2"), ("name", "Grace, H.")]),
        ])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn gzipped_json_lines_keep_every_digit() {
    let stand = Stand::start();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(b"{\"id\":\"a\",\"n\":12345678901234567890123456789012345678}\n").unwrap();
    stand.upload("in/digits.ndjson.gz", gzip.finish().unwrap()).await;
    assert_eq!(stand.ended("in/digits.ndjson.gz").await.state(), "succeeded");
    let expected = item(&[("id", "a"), ("n", "12345678901234567890123456789012345678")]);
    assert_eq!(stand.items().await, [expected]);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_key_arrives_as_it_is() {
    let keys = [
        "a b+c.bin",
        "%41.bin",
        "quote\"back\\slash.bin",
        "../../etc/passwd",
        "a//b",
        "żółć 🚢.bin",
        "new\nline.bin",
        "$(rm -rf /)`;.bin",
        "${AWS_SECRET_ACCESS_KEY}.bin",
        "<aws.events.event.json>.bin",
        "{\"x\":1}.bin",
        "folder/",
        "e\u{301}.bin",
        "\u{e9}.bin",
    ];
    let stand = Stand::start();
    for key in keys {
        stand.upload(key, "not rows").await;
    }
    for key in keys {
        assert_eq!(stand.ended(key).await.state(), "succeeded", "{key:?}");
    }
    let mut found: Vec<String> =
        stand.items().await.iter().map(|item| item["id"].clone()).collect();
    let mut expected = keys.map(str::to_owned).to_vec();
    found.sort();
    expected.sort();
    assert_eq!(found, expected, "one metadata item per object, under its own key");
}

#[tokio::test(flavor = "multi_thread")]
async fn empty_objects_and_folder_markers_become_metadata() {
    let stand = Stand::start();
    for key in ["empty.csv", "marker/"] {
        stand.upload(key, "").await;
        assert_eq!(stand.ended(key).await.state(), "succeeded", "{key}");
    }
    let items = stand.items().await;
    assert_eq!(items.len(), 2, "{items:?}");
    assert!(items.iter().all(|item| item["size"] == "0"), "{items:?}");
}
