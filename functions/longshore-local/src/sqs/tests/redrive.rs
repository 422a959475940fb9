//! Receipts, timeouts and the way to the dead-letter queue.

use serde_json::{Value, json};

use super::{World, arn, policy};
use crate::Store;

async fn with_dead_letters() -> World {
    let redrive = json!({"RedrivePolicy": policy("dead", 2)});
    World::new().with_queue("dead", json!({})).await.with_queue("q", redrive).await
}

#[tokio::test]
async fn a_message_received_too_often_moves_with_its_age_and_source() {
    let world = with_dead_letters().await;
    world.on_queue("SendMessage", "q", json!({"MessageBody": "poison"})).await;
    let now = json!({"VisibilityTimeout": 0});
    let first = world.receive("q", now.clone()).await.remove(0);
    let second = world.receive("q", now.clone()).await.remove(0);
    assert_eq!(second["Attributes"]["ApproximateReceiveCount"], "2");
    assert_eq!(world.receive("q", now).await, [] as [Value; 0]);
    assert_eq!(world.counts("q").await, ["0", "0", "0"]);

    let dead = world.receive("dead", json!({})).await.remove(0);
    assert_eq!(dead["MessageId"], first["MessageId"]);
    assert_eq!(dead["Attributes"]["DeadLetterQueueSourceArn"], arn("q"));
    assert_eq!(dead["Attributes"]["ApproximateReceiveCount"], "3");
    assert_eq!(dead["Attributes"]["SentTimestamp"], first["Attributes"]["SentTimestamp"]);

    let sources = world.on_queue("ListDeadLetterSourceQueues", "dead", json!({})).await;
    assert_eq!(sources, json!({"queueUrls": ["http://127.0.0.1:4566/000000000000/q"]}));
}

#[tokio::test]
async fn without_its_dead_letter_queue_a_message_stays() {
    let world = with_dead_letters().await;
    world.on_queue("DeleteQueue", "dead", json!({})).await;
    world.on_queue("SendMessage", "q", json!({"MessageBody": "poison"})).await;
    for receives in 1..5 {
        let message = world.receive("q", json!({"VisibilityTimeout": 0})).await.remove(0);
        assert_eq!(message["Attributes"]["ApproximateReceiveCount"], receives.to_string());
    }
}

#[tokio::test]
async fn the_handle_of_an_earlier_receive_deletes_nothing() {
    let world = World::new().with_queue("q", json!({})).await;
    world.on_queue("SendMessage", "q", json!({"MessageBody": "x"})).await;
    let stale = world.receive("q", json!({"VisibilityTimeout": 0})).await.remove(0);
    world.receive("q", json!({})).await;
    let handle = json!({"ReceiptHandle": stale["ReceiptHandle"]});
    world.on_queue("DeleteMessage", "q", handle).await;
    assert_eq!(world.counts("q").await, ["0", "1", "0"]);
}

#[tokio::test]
async fn an_expired_handle_still_works_on_a_standard_queue_only() {
    let fifo = json!({"FifoQueue": "true", "ContentBasedDeduplication": "true"});
    let world = World::new().with_queue("q", json!({})).await.with_queue("f.fifo", fifo).await;
    for (queue, code) in [("q", "ok"), ("f.fifo", "InvalidParameterValue")] {
        let message = json!({"MessageBody": "x", "MessageGroupId": "g"});
        world.on_queue("SendMessage", queue, message).await;
        let received = world.receive(queue, json!({"VisibilityTimeout": 0})).await.remove(0);
        let input = json!({
            "QueueUrl": super::url(queue),
            "ReceiptHandle": received["ReceiptHandle"],
            "VisibilityTimeout": 30,
        });
        assert_eq!(world.code("ChangeMessageVisibility", input.clone()).await, code, "{queue}");
        if code == "ok" {
            assert_eq!(world.counts(queue).await, ["0", "1", "0"]);
        }
        assert_eq!(world.code("DeleteMessage", input).await, code, "{queue}");
    }
}

#[tokio::test]
async fn no_receive_hides_a_message_for_more_than_twelve_hours() {
    let world = World::on(Store::memory().unwrap(), 1_000.0).with_queue("q", json!({})).await;
    world.on_queue("SendMessage", "q", json!({"MessageBody": "x"})).await;
    let longest = json!({"VisibilityTimeout": 43_200});
    let handle = world.receive("q", longest).await[0]["ReceiptHandle"].clone();
    world.clock.sleep(std::time::Duration::from_secs(2)).await;
    let change = |secs: u32| {
        let url = super::url("q");
        json!({"QueueUrl": url, "ReceiptHandle": handle, "VisibilityTimeout": secs})
    };
    let code = world.code("ChangeMessageVisibility", change(43_200)).await;
    assert_eq!(code, "InvalidParameterValue");
    assert_eq!(world.code("ChangeMessageVisibility", change(20_000)).await, "ok");
}
