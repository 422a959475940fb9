//! The answers themselves.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::settings::default_spec;
use super::{World, arn, url};

#[tokio::test]
async fn a_message_comes_back_as_it_was_sent_with_the_digests_of_aws() {
    let world = World::new().with_queue("q", json!({})).await;
    let attributes = json!({
        "Hello": {"DataType": "String", "StringValue": "There"},
        "General": {"DataType": "String", "StringValue": "Kenobi"},
        "Help.Me": {"DataType": "String", "StringValue": "Me"},
    });
    let sent = json!({
        "MessageBody": "msg",
        "MessageAttributes": attributes,
        "MessageSystemAttributes":
            {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988"}},
        "MessageGroupId": "tenant",
    });
    let sent = world.on_queue("SendMessage", "q", sent).await;
    assert_eq!(sent["MD5OfMessageBody"], "6e2baaf3b97dbeef01c0043275f9a0e7");
    assert_eq!(sent["MD5OfMessageAttributes"], "4c360f3fdafd970e05fae2f149d997f5");
    assert_eq!(sent["SequenceNumber"], Value::Null);

    let names = json!({"MessageAttributeNames": ["Hel.*"], "VisibilityTimeout": 0});
    let received = world.receive("q", names).await.remove(0);
    assert_eq!(received["MessageId"], sent["MessageId"]);
    assert_eq!(received["Body"], "msg");
    assert_eq!(received["MD5OfBody"], sent["MD5OfMessageBody"]);
    assert_eq!(received["MD5OfMessageAttributes"], "83fee93c1bcd8b9a5a923ffacdc636c7");
    assert_eq!(
        received["MessageAttributes"],
        json!({"Hello": attributes["Hello"], "Help.Me": attributes["Help.Me"]})
    );
    let system = received["Attributes"].as_object().unwrap();
    assert_eq!(system["ApproximateReceiveCount"], "1");
    assert_eq!(system["MessageGroupId"], "tenant");
    assert_eq!(system["AWSTraceHeader"], "Root=1-5759e988");
    let known: Vec<&str> = system.keys().map(String::as_str).collect();
    let expected = [
        "AWSTraceHeader",
        "ApproximateFirstReceiveTimestamp",
        "ApproximateReceiveCount",
        "MessageGroupId",
        "SenderId",
        "SentTimestamp",
    ];
    assert_eq!(known, expected);

    let plain = world.on_queue("ReceiveMessage", "q", json!({})).await;
    let plain = plain["Messages"][0].as_object().unwrap();
    let members: Vec<&str> = plain.keys().map(String::as_str).collect();
    assert_eq!(members, ["Body", "MD5OfBody", "MessageId", "ReceiptHandle"]);
    assert_eq!(world.on_queue("ReceiveMessage", "q", json!({})).await, json!({}));
}

#[tokio::test]
async fn a_batch_fails_entry_by_entry() {
    let world = World::new().with_queue("q", json!({})).await;
    let entries = json!({"Entries": [
        {"Id": "good", "MessageBody": "x"},
        {"Id": "empty", "MessageBody": ""},
        {"Id": "wrong", "MessageBody": "a\u{1}"},
    ]});
    let answer = world.on_queue("SendMessageBatch", "q", entries).await;
    let pick = |list: &str, member: &str| -> Vec<String> {
        let entries = answer[list].as_array().into_iter().flatten();
        entries.map(|it| it[member].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(pick("Successful", "Id"), ["good"]);
    assert_eq!(pick("Failed", "Id"), ["empty", "wrong"]);
    assert_eq!(pick("Failed", "Code"), ["MissingParameter", "InvalidMessageContents"]);
    assert_eq!(answer["Failed"][0]["SenderFault"], true);

    let handle = world.receive("q", json!({})).await[0]["ReceiptHandle"].clone();
    let entries = json!({"Entries": [
        {"Id": "a", "ReceiptHandle": handle},
        {"Id": "b", "ReceiptHandle": "garbage"},
    ]});
    let answer = world.on_queue("DeleteMessageBatch", "q", entries).await;
    assert_eq!(answer["Successful"], json!([{"Id": "a"}]));
    assert_eq!(answer["Failed"][0]["Code"], "ReceiptHandleIsInvalid");
    assert_eq!(world.counts("q").await, ["0", "0", "0"]);
}

#[tokio::test]
async fn counts_follow_the_messages() {
    let world = World::new().with_queue("q", json!({})).await;
    for delay in [0, 0, 900] {
        let message = json!({"MessageBody": "x", "DelaySeconds": delay});
        world.on_queue("SendMessage", "q", message).await;
    }
    assert_eq!(world.counts("q").await, ["2", "0", "1"]);
    let handle = world.receive("q", json!({})).await[0]["ReceiptHandle"].clone();
    assert_eq!(world.counts("q").await, ["1", "1", "1"]);
    let reveal = json!({"ReceiptHandle": handle, "VisibilityTimeout": 0});
    world.on_queue("ChangeMessageVisibility", "q", reveal).await;
    assert_eq!(world.counts("q").await, ["2", "0", "1"]);
    world.on_queue("PurgeQueue", "q", json!({})).await;
    assert_eq!(world.counts("q").await, ["0", "0", "0"]);
}

#[tokio::test]
async fn a_fifo_queue_numbers_orders_and_recognises() {
    let attributes = json!({"FifoQueue": "true", "ContentBasedDeduplication": "true"});
    let world = World::new().with_queue("f.fifo", attributes).await;
    let mut sent = Vec::new();
    for body in ["one", "two", "one"] {
        let message = json!({"MessageBody": body, "MessageGroupId": "g"});
        sent.push(world.on_queue("SendMessage", "f.fifo", message).await);
    }
    assert_eq!(sent[0]["MessageId"], sent[2]["MessageId"]);
    assert!(sent[0]["SequenceNumber"].as_str() < sent[1]["SequenceNumber"].as_str());
    let first = world.receive("f.fifo", json!({})).await.remove(0);
    assert_eq!(first["Body"], "one");
    assert_eq!(first["Attributes"]["SequenceNumber"], sent[0]["SequenceNumber"]);
    let sha = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed";
    assert_eq!(first["Attributes"]["MessageDeduplicationId"], sha);
    assert_eq!(world.receive("f.fifo", json!({})).await, [] as [Value; 0]);
    let handle = json!({"ReceiptHandle": first["ReceiptHandle"]});
    world.on_queue("DeleteMessage", "f.fifo", handle).await;
    assert_eq!(world.receive("f.fifo", json!({})).await[0]["Body"], "two");
}

#[tokio::test]
async fn lists_come_in_pages() {
    let mut world = World::new();
    for name in ["a1", "a2", "a3", "b"] {
        world = world.with_queue(name, json!({})).await;
    }
    let list = |input: Value| async { world.ok("ListQueues", input).await };
    let of = |names: &[&str]| -> Value {
        names.iter().map(|it| format!("http://127.0.0.1:4566/000000000000/{it}")).collect()
    };
    assert_eq!(list(json!({})).await, json!({"QueueUrls": of(&["a1", "a2", "a3", "b"])}));
    assert_eq!(list(json!({"QueueNamePrefix": "c"})).await, json!({}));
    let page = list(json!({"QueueNamePrefix": "a", "MaxResults": 2})).await;
    assert_eq!(page["QueueUrls"], of(&["a1", "a2"]));
    let token = &page["NextToken"];
    let rest = json!({"QueueNamePrefix": "a", "MaxResults": 2, "NextToken": token});
    assert_eq!(list(rest).await, json!({"QueueUrls": of(&["a3"])}));
}

#[tokio::test]
async fn tags_are_kept() {
    let world = World::new();
    world.ok("CreateQueue", json!({"QueueName": "q", "tags": {"a": "1"}})).await;
    world.on_queue("TagQueue", "q", json!({"Tags": {"b": "2", "c": ""}})).await;
    world.on_queue("UntagQueue", "q", json!({"TagKeys": ["a"]})).await;
    let tags = world.on_queue("ListQueueTags", "q", json!({})).await;
    assert_eq!(tags, json!({"Tags": {"b": "2", "c": ""}}));
}

#[tokio::test]
async fn the_rest_of_this_aws_uses_the_same_queues() {
    let world = World::new();
    let mut spec = default_spec("inbox", arn("inbox"));
    world.sqs.create(spec.clone()).unwrap();
    let id = world.sqs.send(&spec.arn, "body", Some("uploads")).await.unwrap();
    spec.visibility_secs = 77;
    world.sqs.create(spec.clone()).unwrap();
    let attributes = world
        .on_queue("GetQueueAttributes", "inbox", json!({"AttributeNames": ["VisibilityTimeout"]}))
        .await;
    assert_eq!(attributes["Attributes"]["VisibilityTimeout"], "77");

    let mut received = world.sqs.receive(&spec.arn, 10, Duration::ZERO).await.unwrap();
    let received = received.remove(0);
    assert_eq!(received.message_id, id);
    assert_eq!(received.attributes["MessageGroupId"], "uploads");
    world.sqs.change_visibility(&spec.arn, &received.receipt_handle, 0).await.unwrap();
    assert_eq!(world.counts("inbox").await, ["1", "0", "0"]);
    world.sqs.delete(&spec.arn, &received.receipt_handle).unwrap();
    assert_eq!(world.counts("inbox").await, ["0", "0", "0"]);
    assert_eq!(world.sqs.queue_url_of(&spec.arn), url("inbox").replace("localhost", "127.0.0.1"));
    let fault = world.sqs.send(&arn("gone"), "body", None).await.unwrap_err();
    assert_eq!(fault.code, "com.amazonaws.sqs#QueueDoesNotExist");
}
