//! Bodies as AWS writes them, and as it does not.

use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn event() -> Value {
    json!({
        "version": "0", "id": "1", "detail-type": "Object Created", "source": "aws.s3",
        "account": "000000000000", "time": "2026-11-23T00:00:00Z", "region": "us-east-1",
        "resources": ["arn:aws:s3:::b"],
        "detail": {"version": "0", "bucket": {"name": "b"}, "object": {
            "key": "a b+c%41.csv", "size": 5, "etag": "\"e\"", "version-id": "v", "sequencer": "00A"}},
    })
}

fn record(name: &str, key: &str) -> Value {
    json!({
        "eventVersion": "2.1", "eventSource": "aws:s3", "eventName": name,
        "s3": {"bucket": {"name": "b"}, "object": {
            "key": key, "size": 5, "eTag": "e", "versionId": "null", "sequencer": "00A"}},
    })
}

fn wrapped(inner: &Value) -> Value {
    json!({"Type": "Notification", "TopicArn": "arn:aws:sns:us-east-1:0:t",
        "Message": inner.to_string()})
}

fn check(body: &str, expected: &Expect) {
    let said = match objects(body) {
        Ok(Brought::Test) => "a test".to_owned(),
        Ok(Brought::Objects(objects, bad)) => {
            let objects = objects.iter().map(|object| serde_json::to_string(object).unwrap());
            let bad = bad.iter().map(|part| format!("not {}: {}", part.body, part.reason));
            objects.chain(bad).collect::<Vec<_>>().join("\n")
        }
        Err(why) => format!("no: {why}"),
    };
    expected.assert_eq(&said);
}

#[test]
fn every_shape_of_an_s3_event_is_read() {
    let records = json!({"Records": [
        record("ObjectCreated:Put", "a+b%2Bc%2541.csv"),
        record("s3:ObjectCreated:CompleteMultipartUpload", "d"),
    ]});
    let one = expect![[
        r#"{"bucket":"b","key":"a b+c%41.csv","versionId":"v","etag":"e","size":5,"sequencer":"00A"}"#
    ]];
    check(&event().to_string(), &one);
    check(&wrapped(&event()).to_string(), &one);
    check(&wrapped(&wrapped(&event())).to_string(), &one);
    let two = expect![[r#"
        {"bucket":"b","key":"a b+c%41.csv","etag":"e","size":5,"sequencer":"00A"}
        {"bucket":"b","key":"d","etag":"e","size":5,"sequencer":"00A"}"#]];
    check(&records.to_string(), &two);
    check(&wrapped(&records).to_string(), &two);
    check(r#"{"bucket":"b","key":"k"}"#, &expect![[r#"{"bucket":"b","key":"k"}"#]]);
    check(
        r#"{"bucket":"b","key":"a+b%41","versionId":"v","etag":"e","more":1}"#,
        &expect![[r#"{"bucket":"b","key":"a+b%41","versionId":"v","etag":"e"}"#]],
    );
    check(r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"}"#, &expect!["a test"]);
}

#[test]
fn what_is_no_object_says_why() {
    check("", &expect!["no: it is not JSON: EOF while parsing a value at line 1 column 0"]);
    check("[1]", &expect!["no: it is not a JSON object"]);
    check(
        "{}",
        &expect![[
            r#"no: it is neither an event of S3 nor an object like {"bucket", "key"}: missing field `bucket`"#
        ]],
    );
    check(r#"{"Records":[]}"#, &expect!["no: its list of records is empty"]);
    check(r#"{"bucket":"","key":"k"}"#, &expect!["no: its bucket has no name"]);
    check(r#"{"bucket":"b","key":""}"#, &expect!["no: its key is not 1 to 1,024 bytes long"]);
    check(
        r#"{"bucket":"b","key":"k","etag":"\n"}"#,
        &expect!["no: its version or entity tag is not short ASCII text"],
    );
    let bad = json!({"Records": [record("ObjectCreated:Put", "%zz"), record("Other", "k")]});
    check(&bad.to_string(), &expect!["no: it has a record whose key is not URL-encoded"]);
    let mut deleted = event();
    deleted["detail-type"] = "Object Deleted".into();
    check(
        &deleted.to_string(),
        &expect!["no: it is `Object Deleted` of `aws.s3`, and not `Object Created` of `aws.s3`"],
    );
    let mut empty = event();
    empty["detail"] = Value::Null;
    check(
        &empty.to_string(),
        &expect!["no: its detail is not S3's: invalid type: null, expected struct Detail"],
    );
    let deep = wrapped(&wrapped(&wrapped(&event())));
    check(
        &deep.to_string(),
        &expect![[
            r#"no: it is neither an event of S3 nor an object like {"bucket", "key"}: missing field `bucket`"#
        ]],
    );
}

#[test]
fn a_record_that_brings_no_object_takes_none_of_its_neighbours_with_it() {
    let records = json!({"Records": [
        {"eventName": "ObjectRemoved:Delete", "eventSource": "aws:s3"},
        record("ObjectCreated:Put", "k"),
        1,
    ]});
    check(
        &records.to_string(),
        &expect![[r#"
            {"bucket":"b","key":"k","etag":"e","size":5,"sequencer":"00A"}
            not {"Records":[{"eventName":"ObjectRemoved:Delete","eventSource":"aws:s3"}]}: it has a record `ObjectRemoved:Delete` of `aws:s3`, which brings no object
            not {"Records":[1]}: it has a record `` of ``, which brings no object"#]],
    );
}

proptest! {
    #[test]
    fn any_key_comes_as_it_is_by_either_way(key in "[^\0]{1,200}") {
        let mut event = event();
        event["detail"]["object"]["key"] = key.clone().into();
        let encoded: Vec<_> = key.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let encoded = encoded.concat();
        let record = json!({"Records": [record("ObjectCreated:Put", &encoded)]});
        for body in [event, record] {
            match objects(&body.to_string()) {
                Ok(Brought::Objects(found, _)) => prop_assert_eq!(&found[0].key, &key),
                other => prop_assert!(key.len() > KEY_BYTES_MAX, "{:?}", other),
            }
        }
    }

    #[test]
    fn whatever_comes_is_read_or_refused(body in ".*", json in "[{}\\[\\]\":,a-zA-Z0-9]{0,60}") {
        for body in [body, json] {
            if let Ok(Brought::Objects(found, _)) = objects(&body) {
                prop_assert!(!found.is_empty());
            }
        }
    }
}
