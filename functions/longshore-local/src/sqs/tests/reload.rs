//! What was acknowledged is there after the process ended, without a goodbye.

use serde_json::{Value, json};

use super::{World, policy};
use crate::Store;

fn open(dir: &tempfile::TempDir) -> World {
    World::on(Store::open(dir.path()).unwrap(), 1.0)
}

#[tokio::test]
async fn messages_keep_their_state_and_deadlines() {
    let dir = tempfile::tempdir().unwrap();
    let before = open(&dir).with_queue("dead", json!({})).await;
    let redrive = json!({"RedrivePolicy": policy("dead", 1), "VisibilityTimeout": "600"});
    let before = before.with_queue("q", redrive).await;
    before.on_queue("TagQueue", "q", json!({"Tags": {"a": "1"}})).await;
    let mut handles = Vec::new();
    for body in ["in flight", "deleted", "revealed", "dead"] {
        before.on_queue("SendMessage", "q", json!({"MessageBody": body})).await;
        handles.push(before.receive("q", json!({})).await[0]["ReceiptHandle"].clone());
    }
    before.on_queue("DeleteMessage", "q", json!({"ReceiptHandle": handles[1]})).await;
    let reveal = |handle: &Value| json!({"ReceiptHandle": handle, "VisibilityTimeout": 0});
    before.on_queue("ChangeMessageVisibility", "q", reveal(&handles[3])).await;
    assert_eq!(before.receive("q", json!({})).await, [] as [Value; 0]);
    before.on_queue("ChangeMessageVisibility", "q", reveal(&handles[2])).await;
    let delayed = json!({"MessageBody": "delayed", "DelaySeconds": 900});
    before.on_queue("SendMessage", "q", delayed).await;
    let shown =
        before.on_queue("GetQueueAttributes", "q", json!({"AttributeNames": ["All"]})).await;
    drop(before);

    let after = open(&dir);
    assert_eq!(after.counts("q").await, ["1", "1", "1"]);
    assert_eq!(after.counts("dead").await, ["1", "0", "0"]);
    let again = after.on_queue("GetQueueAttributes", "q", json!({"AttributeNames": ["All"]})).await;
    assert_eq!(again, shown);
    let tags = after.on_queue("ListQueueTags", "q", json!({})).await;
    assert_eq!(tags, json!({"Tags": {"a": "1"}}));
    assert_eq!(after.receive("dead", json!({})).await[0]["Body"], "dead");
    after.on_queue("DeleteMessage", "q", json!({"ReceiptHandle": handles[0]})).await;
    assert_eq!(after.counts("q").await, ["1", "0", "1"]);
}

#[tokio::test]
async fn a_fifo_queue_still_recognises_and_counts_on() {
    let dir = tempfile::tempdir().unwrap();
    let attributes = json!({"FifoQueue": "true", "ContentBasedDeduplication": "true"});
    let before = open(&dir).with_queue("f.fifo", attributes).await;
    let message = |body: &str| json!({"MessageBody": body, "MessageGroupId": "g"});
    let first = before.on_queue("SendMessage", "f.fifo", message("one")).await;
    let handle = before.receive("f.fifo", json!({})).await[0]["ReceiptHandle"].clone();
    before.on_queue("DeleteMessage", "f.fifo", json!({"ReceiptHandle": handle})).await;
    drop(before);

    let after = open(&dir);
    let again = after.on_queue("SendMessage", "f.fifo", message("one")).await;
    assert_eq!(again, first);
    assert_eq!(after.counts("f.fifo").await, ["0", "0", "0"]);
    let second = after.on_queue("SendMessage", "f.fifo", message("two")).await;
    assert!(second["SequenceNumber"].as_str() > first["SequenceNumber"].as_str());
}

#[tokio::test]
async fn a_deleted_queue_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let before = open(&dir).with_queue("q", json!({})).await;
    before.on_queue("SendMessage", "q", json!({"MessageBody": "x"})).await;
    before.on_queue("DeleteQueue", "q", json!({})).await;
    drop(before);
    let after = open(&dir).with_queue("q", json!({})).await;
    assert_eq!(after.counts("q").await, ["0", "0", "0"]);
}
