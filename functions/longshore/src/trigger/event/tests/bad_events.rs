//! Messages that nobody should send, each under its number in the list of bad inputs: what is
//! admitted, and what is refused with where, why and what to do.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::trigger::{
    Allowed, Envelope, Event,
    event::seems::WRAP,
    samples::{envelope, parse, with},
};

mod fields;
mod senders;

const SIZE: &str = "/event/detail/object/size";

/// What becomes of a message, in one line.
fn fate(label: &str, body: &str) -> String {
    let envelope = match Envelope::parse(body) {
        Ok(envelope) => envelope,
        Err(refusal) => {
            let refusal = refusal.to_string().replace(WRAP, "WRAP");
            return format!("{label}: REFUSED {refusal}\n");
        }
    };
    let allowed = Allowed {
        buckets: vec!["amzn-s3-demo-bucket1".into()],
        clusters: vec!["arn:aws:ecs:eu-west-1:111122223333:cluster/longshore".into()],
        subnets: vec!["subnet-1".into()],
        queues: Vec::new(),
    };
    if let Err(refusal) = allowed.check(&envelope) {
        return format!("{label}: NOT ALLOWED {refusal}\n");
    }
    let differs = admitted(&envelope) != admitted(&parse(&self::envelope()).unwrap());
    let shown = if differs { admitted(&envelope) } else { String::new() };
    format!("{label}: admitted{shown}\n")
}

/// What is taken of an event.
fn admitted(envelope: &Envelope) -> String {
    let Event::Object(object) = &envelope.event else { return "a tick".into() };
    assert_eq!(object.key, "airports.csv");
    let or_none = |text: &Option<String>| text.clone().unwrap_or("none".into());
    format!(
        ", version {} sequencer {} etag {} size {} time {}",
        or_none(&object.version_id),
        or_none(&object.sequencer),
        or_none(&object.etag),
        or_none(&object.size.map(|size| size.to_string())),
        or_none(&object.time.map(|time| time.to_string())),
    )
}

#[expect(clippy::needless_pass_by_value, reason = "expect![] gives an owned value")]
fn check(rows: &[(&str, String)], expected: Expect) {
    let fates: String = rows.iter().map(|(label, body)| fate(label, body)).collect();
    expected.assert_eq(&fates);
}

#[expect(clippy::needless_pass_by_value, reason = "expect![] gives an owned value")]
fn check_values(rows: &[(&str, Value)], expected: Expect) {
    let fates: String = rows.iter().map(|(label, body)| fate(label, &body.to_string())).collect();
    expected.assert_eq(&fates);
}

#[test]
fn text_that_is_no_json() {
    let deep =
        |open: &str, close: &str| format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
    let good = envelope().to_string();
    let within = with("/event/detail/deep", json!("HERE")).to_string();
    let within = within.replace("\"HERE\"", &deep("[", "]"));
    let utf16: String = good.chars().flat_map(|letter| [letter, '\0']).collect();
    let size = |number: &str| with(SIZE, json!("HERE")).to_string().replace("\"HERE\"", number);
    check(
        &[
            ("15 empty", String::new()),
            ("15 spaces", "  \n".into()),
            ("15 words", "an upload".into()),
            ("15 XML", "<?xml version=\"1.0\"?><CreateBucket/>".into()),
            ("15 half a message", good[..good.len() / 2].into()),
            ("15 two messages", good.repeat(2)),
            ("15 single quotes", "{'trigger': {}}".into()),
            ("15 a list", format!("[{good}]")),
            ("15 text that holds JSON", json!(good).to_string()),
            ("23 deep lists", deep("[", "]")),
            ("23 deep objects", deep("{\"a\":", "}")),
            ("23 deep within the event", within),
            ("25 beyond any float", size("1e999")),
            ("25 no number", size("NaN")),
            ("25 infinity", size("-Infinity")),
            ("25 leading zero", size("007")),
            ("26 byte order mark", format!("\u{feff}{good}")),
            ("26 UTF-16", utf16),
            ("26 bytes that were no UTF-8", format!("{good}\u{fffd}")),
            ("26 half of a surrogate pair", good.replace("airports", "\\ud83d")),
            ("26 line break within a text", good.replace("airports", "a\nb")),
        ],
        expect![[r#"
            15 empty: REFUSED message: is not JSON (EOF while parsing a value at line 1 column 0); WRAP
            15 spaces: REFUSED message: is not JSON (EOF while parsing a value at line 2 column 0); WRAP
            15 words: REFUSED message: is not JSON (expected value at line 1 column 1); WRAP
            15 XML: REFUSED message: is not JSON (expected value at line 1 column 1); WRAP
            15 half a message: REFUSED message: is not JSON (EOF while parsing a string at line 1 column 531); WRAP
            15 two messages: REFUSED message: is not JSON (trailing characters at line 1 column 1063); WRAP
            15 single quotes: REFUSED message: is not JSON (key must be a string at line 1 column 2); WRAP
            15 a list: REFUSED message: is not a JSON object; WRAP
            15 text that holds JSON: REFUSED message: is not a JSON object; WRAP
            23 deep lists: REFUSED message: is not JSON (recursion limit exceeded at line 1 column 128); WRAP
            23 deep objects: REFUSED message: is not JSON (recursion limit exceeded at line 1 column 636); WRAP
            23 deep within the event: REFUSED message: is not JSON (recursion limit exceeded at line 1 column 285); WRAP
            25 beyond any float: REFUSED message: is not JSON (number out of range at line 1 column 291); WRAP
            25 no number: REFUSED message: is not JSON (expected value at line 1 column 287); WRAP
            25 infinity: REFUSED message: is not JSON (invalid number at line 1 column 288); WRAP
            25 leading zero: REFUSED message: is not JSON (invalid number at line 1 column 288); WRAP
            26 byte order mark: REFUSED message: starts with a byte order mark; WRAP
            26 UTF-16: REFUSED message: is not JSON (key must be a string at line 1 column 2); WRAP
            26 bytes that were no UTF-8: REFUSED message: is not JSON (trailing characters at line 1 column 1063); WRAP
            26 half of a surrogate pair: REFUSED message: is not JSON (unexpected end of hex escape at line 1 column 241); WRAP
            26 line break within a text: REFUSED message: is not JSON (control character (\u0000-\u001F) found while parsing a string at line 2 column 0); WRAP
        "#]],
    );
}

#[test]
fn numbers() {
    let size = |number: &str| with(SIZE, json!("HERE")).to_string().replace("\"HERE\"", number);
    check(
        &[
            ("19 negative", size("-1")),
            ("19 a text", size("\"5\"")),
            ("19 null", size("null")),
            ("19 2^63", size("9223372036854775808")),
            ("19 2^64 - 1", size("18446744073709551615")),
            ("19 2^64", size("18446744073709551616")),
            ("25 minus zero", size("-0")),
            ("25 zero", size("0")),
            ("25 with a point", size("5.0")),
            ("25 with an exponent", size("5e3")),
            ("25 a tiny one", size("1e-999")),
        ],
        expect![[r#"
            19 negative: REFUSED event.detail.object.size: invalid value: integer `-1`, expected u64; send the event as AWS sent it
            19 a text: REFUSED event.detail.object.size: invalid type: string "5", expected u64; send the event as AWS sent it
            19 null: admitted, version IYV3p45BT0ac8hjHg1houSdS1a.Mro8e sequencer 617f08299329d189 etag b1946ac92492d2347c6235b4d2611184 size none time 2026-11-12T00:00:00Z
            19 2^63: admitted, version IYV3p45BT0ac8hjHg1houSdS1a.Mro8e sequencer 617f08299329d189 etag b1946ac92492d2347c6235b4d2611184 size 9223372036854775808 time 2026-11-12T00:00:00Z
            19 2^64 - 1: admitted, version IYV3p45BT0ac8hjHg1houSdS1a.Mro8e sequencer 617f08299329d189 etag b1946ac92492d2347c6235b4d2611184 size 18446744073709551615 time 2026-11-12T00:00:00Z
            19 2^64: REFUSED event.detail.object.size: invalid type: floating point `1.8446744073709552e+19`, expected u64; send the event as AWS sent it
            25 minus zero: REFUSED event.detail.object.size: invalid type: floating point `-0.0`, expected u64; send the event as AWS sent it
            25 zero: admitted, version IYV3p45BT0ac8hjHg1houSdS1a.Mro8e sequencer 617f08299329d189 etag b1946ac92492d2347c6235b4d2611184 size 0 time 2026-11-12T00:00:00Z
            25 with a point: REFUSED event.detail.object.size: invalid type: floating point `5.0`, expected u64; send the event as AWS sent it
            25 with an exponent: REFUSED event.detail.object.size: invalid type: floating point `5000.0`, expected u64; send the event as AWS sent it
            25 a tiny one: REFUSED event.detail.object.size: invalid type: floating point `0.0`, expected u64; send the event as AWS sent it
        "#]],
    );
}

#[test]
fn names_that_stand_twice() {
    let good = envelope().to_string();
    let twice = |name: &str, value: &str| {
        let field = format!("\"{name}\":");
        assert!(good.contains(&field), "{name}");
        good.replacen(&field, &format!("{field}{value},{field}"), 1)
    };
    // What a template with `"name": "<key>"` would make of such a key.
    let broken_out =
        good.replacen("\"name\":\"stack-uploads\"", "\"name\":\"x\",\"name\":\"victim\"", 1);
    check(
        &[
            ("24 settings", twice("trigger", "{}")),
            ("24 event", twice("event", "{}")),
            (
                "24 the same settings",
                good.replacen('{', &format!("{{\"source\":{},", envelope()["source"]), 1),
            ),
            ("24 cluster", twice("cluster", "\"arn:evil\"")),
            ("24 key", twice("key", "\"first\"")),
            (
                "24 key, spelled otherwise",
                good.replacen("\"key\":", "\"\\u006bey\":\"first\",\"key\":", 1),
            ),
            ("24 field that is ignored", twice("request-id", "1")),
            ("24 key that broke out of a template", broken_out),
        ],
        expect![[r#"
            24 settings: REFUSED message: names `trigger` twice in one object at line 1 column 766; let each name stand once; text of an event that is inserted between quotes can break out of them, so insert <aws.events.event.json> and nothing smaller
            24 event: REFUSED message: names `event` twice in one object at line 1 column 19; let each name stand once; text of an event that is inserted between quotes can break out of them, so insert <aws.events.event.json> and nothing smaller
            24 the same settings: REFUSED message: names `source` twice in one object at line 1 column 752; let each name stand once; text of an event that is inserted between quotes can break out of them, so insert <aws.events.event.json> and nothing smaller
            24 cluster: REFUSED message: names `cluster` twice in one object at line 1 column 868; let each name stand once; text of an event that is inserted between quotes can break out of them, so insert <aws.events.event.json> and nothing smaller
            24 key: REFUSED message: names `key` twice in one object at line 1 column 246; let each name stand once; text of an event that is inserted between quotes can break out of them, so insert <aws.events.event.json> and nothing smaller
            24 key, spelled otherwise: REFUSED message: names `key` twice in one object at line 1 column 251; let each name stand once; text of an event that is inserted between quotes can break out of them, so insert <aws.events.event.json> and nothing smaller
            24 field that is ignored: REFUSED message: names `request-id` twice in one object at line 1 column 390; let each name stand once; text of an event that is inserted between quotes can break out of them, so insert <aws.events.event.json> and nothing smaller
            24 key that broke out of a template: REFUSED message: names `name` twice in one object at line 1 column 772; let each name stand once; text of an event that is inserted between quotes can break out of them, so insert <aws.events.event.json> and nothing smaller
        "#]],
    );
}

#[test]
fn a_refusal_is_short_and_on_one_line() {
    let long = "\u{1b}\r\n".repeat(50_000);
    for at in [
        "/event/source",
        "/event/detail-type",
        "/event/time",
        "/trigger/name",
        "/trigger/order",
        "/trigger/x",
    ] {
        let mut refused = with(at, json!(long));
        if at == "/trigger/x" {
            refused["trigger"] = json!({long.as_str(): 1});
        }
        let refusal = parse(&refused).unwrap_err().to_string();
        assert!(refusal.chars().count() <= 1_024, "{at}: it fits into an attribute of SQS");
        assert!(!refusal.contains(char::is_control), "{at}: {refusal}");
        assert!(refusal.contains("; "), "{at}: what to do is not cut off");
    }
}
