//! What is taken, and stays as it is.

use expect_test::expect;
use serde_json::json;

use crate::trigger::{
    event::object::KEY_BYTES_MAX,
    samples::{envelope, fixture, parse, parsed, with, without},
};

#[test]
fn one_of_version_sequencer_and_etag_is_enough() {
    let object = "/event/detail/object";
    for (kept, gone) in [
        ("version-id", ["sequencer", "etag"]),
        ("sequencer", ["version-id", "etag"]),
        ("etag", ["sequencer", "version-id"]),
    ] {
        let gone = gone.map(|name| format!("{object}/{name}"));
        assert!(parse(&without(&gone.each_ref().map(String::as_str))).is_ok(), "{kept} alone");
    }
    let (_, suspended) = parsed(&with("/event/detail/object/version-id", json!("null")));
    assert_eq!(suspended.version_id, None, "`null` names no version");
    let (_, quoted) = parsed(&with("/event/detail/object/etag", json!("\"b1\"")));
    assert_eq!(quoted.etag.as_deref(), Some("b1"));
}

#[test]
fn the_fixtures_are_read_as_aws_sent_them() {
    let event = serde_json::from_str(fixture!("s3-object-created-odd-key")).unwrap();
    let (_, odd) = parsed(&with("/event", event));
    expect![[r#"
        ObjectEvent {
            bucket: "amzn-s3-demo-bucket1",
            key: "in/a b+c %41 ż\"é.ndjson.gz",
            version_id: Some(
                "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY",
            ),
            etag: Some(
                "b1946ac92492d2347c6235b4d2611184-2",
            ),
            size: Some(
                5,
            ),
            sequencer: Some(
                "0055AED6DCD90281E5",
            ),
            time: Some(
                2026-11-12T00:00:00Z,
            ),
        }
    "#]]
    .assert_debug_eq(&odd);
}

#[test]
fn fields_that_aws_may_add_are_ignored() {
    let mut envelope = with("/event/detail/object/has-object-annotation", json!(true));
    envelope["event"]["detail"]["event-version"] = json!("2.6");
    envelope["event"]["replay-name"] = json!("again");
    envelope["event"]["detail"]["extra"] = json!({"deep": [[[1]]]});
    assert_eq!(parsed(&envelope), parsed(&self::envelope()));
}

#[test]
fn keys_stay_as_they_are() {
    for key in [
        " ",
        "a b",
        "a+b",
        "a%20b",
        "a%2Bb",
        "%41",
        "%00",
        "../../etc/passwd",
        "/abs",
        "a//b",
        "dir/",
        "\"",
        "\\",
        "\\\"",
        "$(rm -rf /)",
        "`id`;",
        "a\nb",
        "a\r\nb",
        "\u{1b}[31m",
        "\u{202e}x",
        "🚢",
        "e\u{301}",
        "é",
        "${X}",
        "${AWS_SECRET_ACCESS_KEY}",
        "{{resolve:secretsmanager:x}}",
        "<aws.scheduler.scheduled-time>",
        "<aws.events.event.json>",
        "=cmd|' /C calc'!A0",
        "x.csv.exe",
        "null",
    ] {
        let (_, object) = parsed(&with("/event/detail/object/key", json!(key)));
        assert_eq!(object.key, key);
    }
    let longest = "é".repeat(KEY_BYTES_MAX / 2);
    assert_eq!(parsed(&with("/event/detail/object/key", json!(longest))).1.key, longest);
}
