use expect_test::{Expect, expect};
use serde_json::json;

use super::*;
use crate::trigger::samples::{envelope, fixture, refusal, with, without};

mod bad_events;
mod bad_keys;
mod laws;
mod taken;
mod ticks;

/// Checks the sentences that the bodies are refused with.
#[expect(clippy::needless_pass_by_value, reason = "expect![] gives an owned value")]
fn check(bodies: &[&str], expected: Expect) {
    let sentence = |body: &&str| format!("{}\n", Envelope::parse(body).unwrap_err());
    expected.assert_eq(&bodies.iter().map(sentence).collect::<String>());
}

/// Checks the sentences that a good envelope is refused with once each value is put into it.
#[expect(clippy::needless_pass_by_value, reason = "expect![] gives an owned value")]
fn check_with(values: &[(&str, Value)], expected: Expect) {
    let sentence = |(at, value): &(&str, Value)| refusal(&with(at, value.clone())) + "\n";
    expected.assert_eq(&values.iter().map(sentence).collect::<String>());
}

#[test]
fn a_message_that_is_no_envelope_says_what_it_seems_to_be() {
    let from_sns = json!({"Type": "Notification", "Message": envelope().to_string()});
    check(
        &[
            "",
            "\u{feff}{}",
            "NaN",
            "[]",
            "{}",
            fixture!("s3-object-created"),
            r#"{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"}"#,
            r#"{"Records": [{"eventSource": "aws:s3"}]}"#,
            &without(&["/event"]).to_string(),
            &from_sns.to_string(),
        ],
        expect![[r#"
            message: is not JSON (EOF while parsing a value at line 1 column 0); let the rule's input transformer wrap the event: {"source": …, "trigger": {…}, "event": <aws.events.event.json>}
            message: starts with a byte order mark; let the rule's input transformer wrap the event: {"source": …, "trigger": {…}, "event": <aws.events.event.json>}
            message: is not JSON (expected value at line 1 column 1); let the rule's input transformer wrap the event: {"source": …, "trigger": {…}, "event": <aws.events.event.json>}
            message: is not a JSON object; let the rule's input transformer wrap the event: {"source": …, "trigger": {…}, "event": <aws.events.event.json>}
            message: has no `trigger`; let the rule's input transformer wrap the event: {"source": …, "trigger": {…}, "event": <aws.events.event.json>}
            message: is a bare EventBridge event without settings; let the rule's input transformer wrap the event: {"source": …, "trigger": {…}, "event": <aws.events.event.json>}
            message: is the test event of an S3 notification; take the queue out of the bucket's notifications, turn EventBridge on for the bucket, and let a rule with settings send its events here
            message: is an S3 notification; take the queue out of the bucket's notifications, turn EventBridge on for the bucket, and let a rule with settings send its events here
            event: is missing; let the rule's input transformer wrap the event: {"source": …, "trigger": {…}, "event": <aws.events.event.json>}
            message: is a notification of an SNS topic; let the rule send to this queue itself, not through a topic
        "#]],
    );
}

#[test]
fn an_event_that_starts_no_run_says_which_does() {
    let event = |text: &str| serde_json::from_str(text).unwrap();
    check_with(
        &[
            ("/event", event(fixture!("s3-object-deleted"))),
            ("/event", event(fixture!("ecs-task-stopped"))),
            ("/event", json!({"detail-type": "Scheduled Event"})),
            ("/event/source", json!("my.s3")),
            ("/event/source", Value::Null),
            ("/event/detail-type", json!("a\n\u{1b}[31mb")),
        ],
        expect![[r#"
            event.detail-type: is `Object Deleted` of `aws.s3`, which starts no run; match `Object Created` of `aws.s3`, or send `Scheduled Event` from a schedule
            event.detail-type: is `ECS Task State Change` of `aws.ecs`, which starts no run; match `Object Created` of `aws.s3`, or send `Scheduled Event` from a schedule
            event.time: is missing; insert "<aws.scheduler.scheduled-time>" as `time` and "<aws.scheduler.schedule-arn>" in `resources`
            event.detail-type: is `Object Created` of `my.s3`, which starts no run; match `Object Created` of `aws.s3`, or send `Scheduled Event` from a schedule
            event.detail-type: is `Object Created` of ``, which starts no run; match `Object Created` of `aws.s3`, or send `Scheduled Event` from a schedule
            event.detail-type: is `a\n\u{1b}[31mb` of `aws.s3`, which starts no run; match `Object Created` of `aws.s3`, or send `Scheduled Event` from a schedule
        "#]],
    );
}

#[test]
fn a_wrong_event_says_where_it_is_wrong() {
    check_with(
        &[
            ("/event", json!("text")),
            ("/event", json!({})),
            ("/event/time", json!("yesterday")),
            ("/event/detail", Value::Null),
            ("/event/detail/bucket", json!("b")),
            ("/event/detail/bucket", json!({})),
            ("/event/detail/bucket/name", json!("")),
            ("/event/detail/object", json!([])),
            ("/event/detail/object/key", json!(7)),
            ("/event/detail/object/key", json!("")),
            ("/event/detail/object/key", json!("k".repeat(1_025))),
            ("/event/detail/object/key", json!("é".repeat(513))),
            ("/event/detail/object/sequencer", json!("0X1F")),
        ],
        expect![[r#"
            event: is text, not an object; insert <aws.events.event.json> without quotes
            event: missing field `detail-type`; send the event as AWS sent it
            event.time: failed to parse four digit integer as year: invalid digit, expected 0-9 but got y; send the event as AWS sent it
            event.detail: invalid type: null, expected the detail of an object event; send the event as AWS sent it
            event.detail.bucket: invalid type: string "b", expected a bucket; send the event as AWS sent it
            event.detail.bucket: missing field `name`; send the event as AWS sent it
            event.detail.bucket.name: is empty; send the event as AWS sent it
            event.detail.object: invalid length 0, expected an object; send the event as AWS sent it
            event.detail.object.key: invalid type: integer `7`, expected a string; send the event as AWS sent it
            event.detail.object.key: is not 1 to 1,024 bytes long; send the event as AWS sent it
            event.detail.object.key: is not 1 to 1,024 bytes long; send the event as AWS sent it
            event.detail.object.key: is not 1 to 1,024 bytes long; send the event as AWS sent it
            event.detail.object.sequencer: is not up to 64 hexadecimal digits; send the event as AWS sent it
        "#]],
    );
}

#[test]
fn an_object_that_cannot_be_told_apart_is_no_event() {
    let names =
        ["version-id", "sequencer", "etag"].map(|name| format!("/event/detail/object/{name}"));
    let bare = without(&names.each_ref().map(String::as_str));
    let mut empty = bare.clone();
    for (name, value) in [("version-id", "null"), ("sequencer", ""), ("etag", "\"\"")] {
        empty["event"]["detail"]["object"][name] = json!(value);
    }
    check(
        &[&bare.to_string(), &empty.to_string()],
        expect![[r#"
        event.detail.object: has neither version-id, sequencer nor etag, so it cannot be told apart; send the event as AWS sent it
        event.detail.object: has neither version-id, sequencer nor etag, so it cannot be told apart; send the event as AWS sent it
    "#]],
    );
}
