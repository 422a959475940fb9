//! Fields that are new, missing, or hold what they should not.

use expect_test::expect;
use serde_json::{Value, json};

use super::check_values;
use crate::{
    run::{RunId, identity},
    trigger::{
        Event,
        samples::{parse, with, without},
    },
};

const KEY: &str = "/event/detail/object/key";

#[test]
fn fields_that_are_new_missing_or_strange() {
    let object = |name: &str| format!("/event/detail/object/{name}");
    let [version, sequencer, etag] = ["version-id", "sequencer", "etag"].map(object);
    let text = |letter: &str, count: usize| json!(letter.repeat(count));
    let added = {
        let mut added = with("/event/detail/event-version", json!("2.6"));
        added["event"]["replay-name"] = json!("again");
        added["event"]["detail"]["object"]["has-annotation"] = json!([{"new": null}]);
        added["by"] = json!("somebody");
        added
    };
    check_values(
        &[
            ("17 fields yet unknown", added),
            ("17 event yet unknown", with("/event/detail-type", json!("Object Thawed"))),
            ("17 no event type", without(&["/event/detail-type"])),
            ("18 no version", without(&[&version])),
            ("18 version `null`", with(&version, json!("null"))),
            ("18 version null", with(&version, Value::Null)),
            ("18 no sequencer", without(&[&sequencer])),
            ("18 no etag", without(&[&etag])),
            ("18 etag alone", without(&[&version, &sequencer])),
            ("18 none of the three", without(&[&version, &sequencer, &etag])),
            ("18 no bucket", without(&["/event/detail/bucket"])),
            ("18 no key", without(&[KEY])),
            ("18 no object", without(&["/event/detail/object"])),
            ("18 no detail", without(&["/event/detail"])),
            ("18 no source of the envelope", without(&["/source"])),
            ("18 empty source of the envelope", with("/source", json!(""))),
            ("18 source that is no text", with("/source", json!(["arn:aws:events"]))),
            ("18 separator in the version", with(&version, json!("v\u{1f}k"))),
            ("18 version too long", with(&version, text("v", 1_025))),
            ("18 etag too long", with(&etag, text("e", 257))),
            ("18 sequencer too long", with(&sequencer, text("A", 65))),
            ("18 sequencer not hexadecimal", with(&sequencer, json!("0x1G"))),
            ("22 key of 64 KB", with(KEY, text("k", 65_536))),
            ("22 event of 256 KB", with("/event/detail/more", text("m", 250_000))),
            ("31 year 9999", with("/event/time", json!("9999-12-30T22:00:00Z"))),
            ("31 last second of 9999", with("/event/time", json!("9999-12-31T23:59:59Z"))),
            ("31 year 10000", with("/event/time", json!("+010000-01-01T00:00:00Z"))),
            ("31 year 1969", with("/event/time", json!("1969-12-31T23:59:59Z"))),
            ("31 year 0", with("/event/time", json!("0000-01-01T00:00:00Z"))),
            ("31 seconds since 1970", with("/event/time", json!(1_700_000_000))),
            ("31 no time", without(&["/event/time"])),
        ],
        expect![[r#"
            17 fields yet unknown: admitted
            17 event yet unknown: REFUSED event.detail-type: is `Object Thawed` of `aws.s3`, which starts no run; match `Object Created` of `aws.s3`, or send `Scheduled Event` from a schedule
            17 no event type: REFUSED event: missing field `detail-type`; send the event as AWS sent it
            18 no version: admitted, version none sequencer 617f08299329d189 etag b1946ac92492d2347c6235b4d2611184 size 210363 time 2026-11-12T00:00:00Z
            18 version `null`: admitted, version none sequencer 617f08299329d189 etag b1946ac92492d2347c6235b4d2611184 size 210363 time 2026-11-12T00:00:00Z
            18 version null: admitted, version none sequencer 617f08299329d189 etag b1946ac92492d2347c6235b4d2611184 size 210363 time 2026-11-12T00:00:00Z
            18 no sequencer: admitted, version IYV3p45BT0ac8hjHg1houSdS1a.Mro8e sequencer none etag b1946ac92492d2347c6235b4d2611184 size 210363 time 2026-11-12T00:00:00Z
            18 no etag: admitted, version IYV3p45BT0ac8hjHg1houSdS1a.Mro8e sequencer 617f08299329d189 etag none size 210363 time 2026-11-12T00:00:00Z
            18 etag alone: admitted, version none sequencer none etag b1946ac92492d2347c6235b4d2611184 size 210363 time 2026-11-12T00:00:00Z
            18 none of the three: REFUSED event.detail.object: has neither version-id, sequencer nor etag, so it cannot be told apart; send the event as AWS sent it
            18 no bucket: REFUSED event.detail: missing field `bucket`; send the event as AWS sent it
            18 no key: REFUSED event.detail.object: missing field `key`; send the event as AWS sent it
            18 no object: REFUSED event.detail: missing field `object`; send the event as AWS sent it
            18 no detail: REFUSED event.detail: invalid type: null, expected the detail of an object event; send the event as AWS sent it
            18 no source of the envelope: REFUSED source: names no rule or schedule; WRAP
            18 empty source of the envelope: REFUSED source: names no rule or schedule; WRAP
            18 source that is no text: REFUSED source: names no rule or schedule; WRAP
            18 separator in the version: REFUSED event.detail.object.version-id: is not up to 1,024 printable ASCII characters; send the event as AWS sent it
            18 version too long: REFUSED event.detail.object.version-id: is not up to 1,024 printable ASCII characters; send the event as AWS sent it
            18 etag too long: REFUSED event.detail.object.etag: is not up to 256 printable ASCII characters; send the event as AWS sent it
            18 sequencer too long: REFUSED event.detail.object.sequencer: is not up to 64 hexadecimal digits; send the event as AWS sent it
            18 sequencer not hexadecimal: REFUSED event.detail.object.sequencer: is not up to 64 hexadecimal digits; send the event as AWS sent it
            22 key of 64 KB: REFUSED event.detail.object.key: is not 1 to 1,024 bytes long; send the event as AWS sent it
            22 event of 256 KB: admitted
            31 year 9999: admitted, version IYV3p45BT0ac8hjHg1houSdS1a.Mro8e sequencer 617f08299329d189 etag b1946ac92492d2347c6235b4d2611184 size 210363 time 9999-12-30T22:00:00Z
            31 last second of 9999: REFUSED event.time: failed to convert civil datetime to timestamp with offset +00: converting datetime with time zone offset `+00` to timestamp overflowed: parameter 'Unix timestamp seconds' is not in the required range of -377705023201..=253402207200; send the event as AWS sent it
            31 year 10000: REFUSED event.time: failed to parse six digit integer as year: parameter 'year' is not in the required range of -9999..=9999; send the event as AWS sent it
            31 year 1969: admitted, version IYV3p45BT0ac8hjHg1houSdS1a.Mro8e sequencer 617f08299329d189 etag b1946ac92492d2347c6235b4d2611184 size 210363 time 1969-12-31T23:59:59Z
            31 year 0: admitted, version IYV3p45BT0ac8hjHg1houSdS1a.Mro8e sequencer 617f08299329d189 etag b1946ac92492d2347c6235b4d2611184 size 210363 time 0000-01-01T00:00:00Z
            31 seconds since 1970: REFUSED event.time: invalid type: integer `1700000000`, expected a timestamp string; send the event as AWS sent it
            31 no time: admitted, version IYV3p45BT0ac8hjHg1houSdS1a.Mro8e sequencer 617f08299329d189 etag b1946ac92492d2347c6235b4d2611184 size 210363 time none
        "#]],
    );
}

#[test]
fn no_version_can_pretend_to_be_part_of_a_key() {
    let run = |version: &str, key: &str| {
        let mut envelope = with("/event/detail/object/version-id", json!(version));
        envelope["event"]["detail"]["object"]["key"] = json!(key);
        parse(&envelope).map(|envelope| {
            let Event::Object(object) = envelope.event else { panic!("{key} is no tick") };
            RunId::derive("t", &identity(&object))
        })
    };
    assert!(run("v", "a\u{1f}b").is_ok());
    assert!(run("v\u{1f}a", "b").is_err(), "the same text would be hashed");
}
