//! Every refusal has AWS's code.

use serde_json::{Map, json};

use super::{World, policy, url};

const NO_QUEUE: &str = "AWS.SimpleQueueService.NonExistentQueue";
const BAD_VALUE: &str = "InvalidParameterValue";

#[tokio::test]
async fn operations_on_queues() {
    let world = World::new()
        .with_queue("q", json!({"VisibilityTimeout": "5"}))
        .await
        .with_queue("f.fifo", json!({"FifoQueue": "true"}))
        .await;
    let to_standard = json!({"RedrivePolicy": policy("q", 3), "FifoQueue": "true"});
    let gone = json!({"RedrivePolicy": policy("gone", 3)});
    for (operation, input, code) in [
        ("Fly", json!({}), "InvalidAction"),
        ("StartMessageMoveTask", json!({}), "InvalidAction"),
        ("CreateQueue", json!([]), "MalformedInput"),
        ("CreateQueue", json!({"QueueName": "q"}), "ok"),
        ("CreateQueue", json!({"QueueName": "q", "Attributes": {"VisibilityTimeout": "5"}}), "ok"),
        (
            "CreateQueue",
            json!({"QueueName": "q", "Attributes": {"VisibilityTimeout": "6"}}),
            "QueueAlreadyExists",
        ),
        ("CreateQueue", json!({"QueueName": ""}), BAD_VALUE),
        ("CreateQueue", json!({"QueueName": "a b"}), BAD_VALUE),
        ("CreateQueue", json!({"QueueName": "a".repeat(80)}), "ok"),
        ("CreateQueue", json!({"QueueName": "a".repeat(81)}), BAD_VALUE),
        ("CreateQueue", json!({"QueueName": "g.fifo"}), BAD_VALUE),
        ("CreateQueue", json!({"QueueName": "g", "Attributes": {"FifoQueue": "true"}}), BAD_VALUE),
        (
            "CreateQueue",
            json!({"QueueName": "g", "Attributes": {"Speed": "9"}}),
            "InvalidAttributeName",
        ),
        ("CreateQueue", json!({"QueueName": "g", "Attributes": gone}), BAD_VALUE),
        ("CreateQueue", json!({"QueueName": "g.fifo", "Attributes": to_standard}), BAD_VALUE),
        ("GetQueueUrl", json!({"QueueName": "gone"}), NO_QUEUE),
        ("GetQueueUrl", json!({}), BAD_VALUE),
        ("DeleteQueue", json!({"QueueUrl": url("gone")}), NO_QUEUE),
        ("SendMessage", json!({"MessageBody": "x"}), NO_QUEUE),
        (
            "SendMessage",
            json!({"QueueUrl": "http://h/111111111111/q", "MessageBody": "x"}),
            NO_QUEUE,
        ),
        (
            "SetQueueAttributes",
            json!({"QueueUrl": url("q"), "Attributes": {"DelaySeconds": "901"}}),
            "InvalidAttributeValue",
        ),
        (
            "SetQueueAttributes",
            json!({"QueueUrl": url("q"), "Attributes": {"FifoQueue": "true"}}),
            "InvalidAttributeName",
        ),
        (
            "SetQueueAttributes",
            json!({"QueueUrl": url("f.fifo"), "Attributes": {"FifoQueue": "true"}}),
            "InvalidAttributeValue",
        ),
        (
            "GetQueueAttributes",
            json!({"QueueUrl": url("q"), "AttributeNames": ["Speed"]}),
            "InvalidAttributeName",
        ),
        ("ListQueues", json!({"MaxResults": 1001}), BAD_VALUE),
        ("PurgeQueue", json!({"QueueUrl": url("q")}), "ok"),
        (
            "PurgeQueue",
            json!({"QueueUrl": url("q")}),
            "AWS.SimpleQueueService.PurgeQueueInProgress",
        ),
        ("DeleteQueue", json!({"QueueUrl": url("q")}), "ok"),
        ("CreateQueue", json!({"QueueName": "q"}), "AWS.SimpleQueueService.QueueDeletedRecently"),
    ] {
        assert_eq!(world.code(operation, input.clone()).await, code, "{operation} {input}");
    }
}

#[tokio::test]
async fn operations_on_messages() {
    let world = World::new().with_queue("q", json!({})).await;
    let handle = {
        world.on_queue("SendMessage", "q", json!({"MessageBody": "x"})).await;
        world.receive("q", json!({})).await[0]["ReceiptHandle"].clone()
    };
    let bad_handle = "ReceiptHandleIsInvalid";
    for (operation, mut input, code) in [
        ("ReceiveMessage", json!({"MaxNumberOfMessages": 0}), BAD_VALUE),
        ("ReceiveMessage", json!({"MaxNumberOfMessages": 11}), BAD_VALUE),
        ("ReceiveMessage", json!({"WaitTimeSeconds": 21}), BAD_VALUE),
        ("ReceiveMessage", json!({"VisibilityTimeout": 43_201}), BAD_VALUE),
        ("ReceiveMessage", json!({"AttributeNames": ["Colour"]}), "InvalidAttributeName"),
        ("DeleteMessage", json!({}), "MissingParameter"),
        ("DeleteMessage", json!({"ReceiptHandle": "garbage"}), bad_handle),
        ("ChangeMessageVisibility", json!({"ReceiptHandle": handle}), "MissingParameter"),
        (
            "ChangeMessageVisibility",
            json!({"ReceiptHandle": "garbage", "VisibilityTimeout": 1}),
            bad_handle,
        ),
        (
            "ChangeMessageVisibility",
            json!({"ReceiptHandle": handle, "VisibilityTimeout": -1}),
            BAD_VALUE,
        ),
        ("DeleteMessage", json!({"ReceiptHandle": handle}), "ok"),
        ("DeleteMessage", json!({"ReceiptHandle": handle}), "ok"),
        (
            "ChangeMessageVisibility",
            json!({"ReceiptHandle": handle, "VisibilityTimeout": 1}),
            BAD_VALUE,
        ),
    ] {
        input["QueueUrl"] = url("q").into();
        assert_eq!(world.code(operation, input.clone()).await, code, "{operation} {input}");
    }
}

#[tokio::test]
async fn batches() {
    let world = World::new()
        .with_queue("q", json!({}))
        .await
        .with_queue("f.fifo", json!({"FifoQueue": "true"}))
        .await;
    let batch = |code: &str| format!("AWS.SimpleQueueService.{code}");
    let of = |ids: &[&str]| {
        ids.iter().map(|id| json!({"Id": id, "MessageBody": "x"})).collect::<Vec<_>>()
    };
    let half = "a".repeat(600_000);
    let eleven: Vec<String> = (0..11).map(|id| id.to_string()).collect();
    let eleven: Vec<&str> = eleven.iter().map(String::as_str).collect();
    for (queue, entries, code) in [
        ("q", of(&[]), batch("EmptyBatchRequest")),
        ("q", of(&eleven), batch("TooManyEntriesInBatchRequest")),
        ("q", of(&["a", "b", "a"]), batch("BatchEntryIdsNotDistinct")),
        ("q", of(&["a", ""]), batch("InvalidBatchEntryId")),
        ("q", of(&["a:b"]), batch("InvalidBatchEntryId")),
        ("q", of(&["a".repeat(81).as_str()]), batch("InvalidBatchEntryId")),
        (
            "q",
            vec![json!({"Id": "a", "MessageBody": half}), json!({"Id": "b", "MessageBody": half})],
            batch("BatchRequestTooLong"),
        ),
        ("f.fifo", of(&["a"]), BAD_VALUE.into()),
        ("q", of(&["a", "b"]), "ok".into()),
    ] {
        let input = json!({"QueueUrl": url(queue), "Entries": entries});
        assert_eq!(world.code("SendMessageBatch", input).await, code, "{queue}");
    }
    for operation in ["DeleteMessageBatch", "ChangeMessageVisibilityBatch"] {
        let input = json!({"QueueUrl": url("q"), "Entries": []});
        assert_eq!(world.code(operation, input).await, batch("EmptyBatchRequest"));
    }
}

#[tokio::test]
async fn an_error_is_the_shape_that_sdks_match() {
    let world = World::new();
    let fault = world.sqs.call("GetQueueUrl", json!({"QueueName": "gone"})).await.unwrap_err();
    assert_eq!(fault.status, 400);
    assert_eq!(fault.code, "com.amazonaws.sqs#QueueDoesNotExist");
    assert_eq!(fault.message, "The specified queue does not exist.");
    assert_eq!(fault.fields, Map::new());
}
