//! Messages of senders that should not, and of those that pretend to be another.

use expect_test::expect;
use serde_json::{Value, json};

use super::check_values;
use crate::trigger::samples::{envelope, with, without};

fn event() -> Value {
    envelope()["event"].clone()
}

#[test]
fn messages_of_other_senders() {
    let notification = json!({"Records": [{
        "eventVersion": "2.6", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": "b"}, "object": {"key": "a+b", "sequencer": "0A"}},
    }]});
    let body = envelope().to_string();
    let topic = json!({"Type": "Notification", "TopicArn": "arn:aws:sns:::t", "Message": body});
    let confirm = json!({"Type": "SubscriptionConfirmation", "SubscribeURL": "https://x"});
    let queue = json!({"Records": [{"messageId": "m", "body": body, "eventSource": "aws:sqs"}]});
    let from_topic = json!({"Records": [{"EventSource": "aws:sns", "Sns": topic}]});
    let message = json!({"MessageId": "m", "ReceiptHandle": "r", "Body": body});
    let destination = json!({
        "version": "1.0", "requestContext": {"condition": "RetriesExhausted"},
        "requestPayload": envelope(), "responsePayload": {"errorMessage": "x"},
    });
    let test_event = json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"});
    check_values(
        &[
            ("16 no records", json!({"Records": []})),
            ("16 records of nobody", json!({"Records": [{"eventSource": "aws:kinesis"}]})),
            ("16 records that are none", json!({"Records": "none"})),
            ("16 S3's test event", test_event),
            ("27 raw S3 notification", notification),
            ("27 wrapped by SNS", topic),
            ("27 SNS asks to confirm", confirm),
            ("27 SNS through Lambda", from_topic),
            ("27 wrapped by SQS", queue),
            ("27 message with its receipt", message),
            ("27 bare EventBridge event", event()),
            ("27 Lambda destination", destination),
            ("27 envelope in an envelope", with("/event", envelope())),
            ("27 event as text", with("/event", json!(event().to_string()))),
            ("27 placeholder left in", with("/event", json!("<aws.events.event.json>"))),
            ("27 settings as text", with("/trigger", json!(envelope()["trigger"].to_string()))),
            ("27 settings only", without(&["/event"])),
        ],
        expect![[r#"
            16 no records: REFUSED message: has no `trigger`, and no records either; WRAP
            16 records of nobody: REFUSED message: is a list of records without settings; WRAP
            16 records that are none: REFUSED message: has no `trigger`, and no records either; WRAP
            16 S3's test event: REFUSED message: is the test event of an S3 notification; take the queue out of the bucket's notifications, turn EventBridge on for the bucket, and let a rule with settings send its events here
            27 raw S3 notification: REFUSED message: is an S3 notification; take the queue out of the bucket's notifications, turn EventBridge on for the bucket, and let a rule with settings send its events here
            27 wrapped by SNS: REFUSED message: is a notification of an SNS topic; let the rule send to this queue itself, not through a topic
            27 SNS asks to confirm: REFUSED message: is an SNS topic's request to confirm a subscription; let the rule send to this queue itself, not through a topic
            27 SNS through Lambda: REFUSED message: is what Lambda receives from an SNS topic; let the rule send to this queue itself, not through a topic
            27 wrapped by SQS: REFUSED message: is what Lambda receives from a queue; send the body of the message alone
            27 message with its receipt: REFUSED message: is a message of a queue together with its attributes; send the body of the message alone
            27 bare EventBridge event: REFUSED message: is a bare EventBridge event without settings; WRAP
            27 Lambda destination: REFUSED message: is what Lambda tells a destination of an invocation; send its requestPayload alone, or let a rule with settings send the event
            27 envelope in an envelope: REFUSED event: missing field `detail-type`; send the event as AWS sent it
            27 event as text: REFUSED event: is text, not an object; insert <aws.events.event.json> without quotes
            27 placeholder left in: REFUSED event: is text, not an object; insert <aws.events.event.json> without quotes
            27 settings as text: REFUSED trigger: invalid type: string "{\"name\":\"stack-uploads\",\"task\":{\"capacity\":[{\"provider\":\"FARGATE_SPOT\",\"weight\":1}],\"cluster\":\"arn:aws:ecs:eu-west-1:111122223333:cluster/longshore\",\"container\":\"worker\",\"definition\":\"arn:aws:ecs:eu-west-1:111122223333:task-definition/worker:7\",\"network\":{\"securityGroups\":[\"sg-1\"],\"subnets\":[\"subnet-1\"]}}}", expected struct Trigger; correct the settings in the rule's input template
            27 settings only: REFUSED event: is missing; WRAP
        "#]],
    );
}

#[test]
fn senders_that_pretend() {
    let cluster = |account: &str, region: &str| {
        json!(format!("arn:aws:ecs:{region}:{account}:cluster/longshore"))
    };
    let mut other = with("/event/account", json!("999988887777"));
    other["event"]["region"] = json!("us-east-1");
    let foreign_bucket = {
        let mut foreign = other.clone();
        foreign["event"]["detail"]["bucket"]["name"] = json!("of-somebody-else");
        foreign
    };
    check_values(
        &[
            ("20 other bucket", foreign_bucket),
            (
                "20 bucket of another case",
                with("/event/detail/bucket/name", json!("AMZN-S3-demo-bucket1")),
            ),
            (
                "20 bucket with an end",
                with("/event/detail/bucket/name", json!("amzn-s3-demo-bucket1\0")),
            ),
            ("20 no bucket", with("/event/detail/bucket/name", json!(""))),
            (
                "20 cluster of another account",
                with("/trigger/task/cluster", cluster("999988887777", "eu-west-1")),
            ),
            (
                "20 cluster of another Region",
                with("/trigger/task/cluster", cluster("111122223333", "us-east-1")),
            ),
            (
                "20 other subnet",
                with("/trigger/task/network/subnets", json!(["subnet-1", "subnet-9"])),
            ),
            ("20 our bucket, said by another account", other),
            ("21 custom source", with("/event/source", json!("my.s3"))),
            ("21 source that looks like S3", with("/event/source", json!("aws.s3 "))),
            ("21 source of another case", with("/event/source", json!("AWS.S3"))),
            ("21 no source", without(&["/event/source"])),
            (
                "21 an API call by CloudTrail",
                with("/event/detail-type", json!("AWS API Call via CloudTrail")),
            ),
        ],
        expect![[r#"
            20 other bucket: NOT ALLOWED event.detail.bucket.name: `of-somebody-else` is not in LONGSHORE_BUCKETS; if it is meant to be allowed, add it to the function's variables in the template
            20 bucket of another case: NOT ALLOWED event.detail.bucket.name: `AMZN-S3-demo-bucket1` is not in LONGSHORE_BUCKETS; if it is meant to be allowed, add it to the function's variables in the template
            20 bucket with an end: NOT ALLOWED event.detail.bucket.name: `amzn-s3-demo-bucket1\0` is not in LONGSHORE_BUCKETS; if it is meant to be allowed, add it to the function's variables in the template
            20 no bucket: REFUSED event.detail.bucket.name: is empty; send the event as AWS sent it
            20 cluster of another account: NOT ALLOWED trigger.task.cluster: `arn:aws:ecs:eu-west-1:999988887777:cluster/longshore` is not in LONGSHORE_CLUSTERS; if it is meant to be allowed, add it to the function's variables in the template
            20 cluster of another Region: NOT ALLOWED trigger.task.cluster: `arn:aws:ecs:us-east-1:111122223333:cluster/longshore` is not in LONGSHORE_CLUSTERS; if it is meant to be allowed, add it to the function's variables in the template
            20 other subnet: NOT ALLOWED trigger.task.network.subnets: `subnet-9` is not in LONGSHORE_SUBNETS; if it is meant to be allowed, add it to the function's variables in the template
            20 our bucket, said by another account: admitted
            21 custom source: REFUSED event.detail-type: is `Object Created` of `my.s3`, which starts no run; match `Object Created` of `aws.s3`, or send `Scheduled Event` from a schedule
            21 source that looks like S3: REFUSED event.detail-type: is `Object Created` of `aws.s3 `, which starts no run; match `Object Created` of `aws.s3`, or send `Scheduled Event` from a schedule
            21 source of another case: REFUSED event.detail-type: is `Object Created` of `AWS.S3`, which starts no run; match `Object Created` of `aws.s3`, or send `Scheduled Event` from a schedule
            21 no source: REFUSED event.detail-type: is `Object Created` of ``, which starts no run; match `Object Created` of `aws.s3`, or send `Scheduled Event` from a schedule
            21 an API call by CloudTrail: REFUSED event.detail-type: is `AWS API Call via CloudTrail` of `aws.s3`, which starts no run; match `Object Created` of `aws.s3`, or send `Scheduled Event` from a schedule
        "#]],
    );
}
