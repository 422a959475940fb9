//! Lines for whoever has to mend what is bad.

use expect_test::{Expect, expect};

use super::{DeadLetters, Origin, RAW_BYTES_MAX};
use crate::ingest::reason::{BadRecord, Reason};

fn origin() -> Origin {
    let version_id = Some("v1".into());
    Origin { bucket: "in".into(), key: "a/b.csv".into(), version_id, etag: Some("\"9a\"".into()) }
}

fn bad(raw: &[u8]) -> BadRecord<'_> {
    let reason = Reason::Ragged { cells: 1, columns: 2 };
    BadRecord { number: 3, offset: 40, reason, raw, raw_bytes: raw.len() as u64 }
}

fn check(record: &BadRecord<'_>, expected: &Expect) {
    let mut letters = DeadLetters::new(origin(), 9);
    letters.add(record).unwrap();
    expected.assert_eq(&String::from_utf8(letters.into_lines()).unwrap());
}

#[test]
fn a_line_says_where_and_why() {
    check(
        &bad(b"x\ty"),
        &expect![[r#"
            {"bucket":"in","key":"a/b.csv","versionId":"v1","record":3,"offset":40,"reason":"the row has 1 cells, the header has 2","raw":"x\ty"}
        "#]],
    );
    check(
        &bad(b"x\xFF"),
        &expect![[r#"
            {"bucket":"in","key":"a/b.csv","versionId":"v1","record":3,"offset":40,"reason":"the row has 1 cells, the header has 2","rawBase64":"eP8="}
        "#]],
    );
}

#[test]
fn a_whole_object_is_a_line_without_a_record() {
    let mut letters = DeadLetters::new(origin(), 9);
    letters.add(&bad(b"x")).unwrap();
    letters.add_object("the gzip stream ends in its middle");
    assert_eq!(letters.count(), 2);
    let mut unversioned = DeadLetters::new(Origin { version_id: None, ..origin() }, 9);
    unversioned.add_object("the header cannot be used");
    let lines = [letters.into_lines(), unversioned.into_lines()].concat();
    expect![[r#"
        {"bucket":"in","key":"a/b.csv","versionId":"v1","record":3,"offset":40,"reason":"the row has 1 cells, the header has 2","raw":"x"}
        {"bucket":"in","key":"a/b.csv","versionId":"v1","reason":"the gzip stream ends in its middle"}
        {"bucket":"in","key":"a/b.csv","etag":"\"9a\"","reason":"the header cannot be used"}
    "#]]
    .assert_eq(&String::from_utf8(lines).unwrap());
}

#[test]
fn a_long_record_is_cut_between_characters() {
    let raw = "ä€".repeat(RAW_BYTES_MAX);
    let record = BadRecord { raw: &raw.as_bytes()[..RAW_BYTES_MAX], ..bad(raw.as_bytes()) };
    let mut letters = DeadLetters::new(origin(), 9);
    letters.add(&record).unwrap();
    let line: serde_json::Value = serde_json::from_slice(&letters.into_lines()).unwrap();
    assert!(raw.starts_with(line["raw"].as_str().unwrap()));
    assert_eq!(line["rawBytes"], 5 * RAW_BYTES_MAX);
}

#[test]
fn there_is_an_end_to_bad_records() {
    let mut letters = DeadLetters::new(origin(), 2);
    letters.add(&bad(b"x")).unwrap();
    letters.add(&bad(b"x")).unwrap();
    expect!["too many bad records: 3 of them, the last in record 3 (byte 40): the row has 1 cells, the header has 2"]
        .assert_eq(&letters.add(&bad(b"x")).unwrap_err().to_string());
}

#[test]
fn the_place_is_the_same_however_often_the_object_is_tried() {
    let named = |origin: Origin| origin.dead_letter_key("ops/");
    assert_eq!(named(origin()), "ops/dead-letter/a/b.csv/v1.ndjson");
    let unversioned = Origin { version_id: Some("null".into()), ..origin() };
    assert_eq!(named(unversioned), "ops/dead-letter/a/b.csv/9a.ndjson");
    let long = Origin { key: "k".repeat(1_024), ..origin() };
    assert!(named(long.clone()).len() < 150);
    assert_ne!(named(long), named(Origin { key: "l".repeat(1_024), ..origin() }));
}
