//! What is taken, and stays as it is.

use expect_test::expect;
use serde_json::json;

use crate::trigger::samples::{envelope, fixture, parse, parsed, with, without};

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
