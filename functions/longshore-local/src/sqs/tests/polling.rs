//! Long polls: woken at once, never slept through, and without effect when nobody waits any more.

use std::time::Duration;

use futures_util::FutureExt;
use serde_json::json;

use super::{World, arn};
use crate::Store;

/// Longer than any machine needs to wake a future, in seconds; far below the wait of 20.
const PROMPT_SECS: i64 = 10;

#[tokio::test]
async fn a_send_wakes_a_receiver_that_waits() {
    let world = World::new().with_queue("q", json!({})).await;
    let began = world.clock.now();
    let (received, _) = tokio::join!(
        world.receive("q", json!({"WaitTimeSeconds": 20})),
        world.on_queue("SendMessage", "q", json!({"MessageBody": "x"})),
    );
    assert_eq!(received[0]["Body"], "x");
    assert!(world.clock.now().duration_since(began).as_secs() < PROMPT_SECS);
}

#[tokio::test]
async fn what_becomes_visible_by_itself_wakes_a_receiver() {
    let world = World::on(Store::memory().unwrap(), 100.0).with_queue("q", json!({})).await;
    let began = world.clock.now();
    world.on_queue("SendMessage", "q", json!({"MessageBody": "x", "DelaySeconds": 100})).await;
    let wait = Duration::from_secs(2_000);
    let received = world.sqs.receive(&arn("q"), 1, wait).await.unwrap();
    assert_eq!(received[0].body, "x");
    let waited_secs = world.clock.now().duration_since(began).as_secs();
    assert!((100..1_500).contains(&waited_secs), "{waited_secs}");
}

#[tokio::test]
async fn a_delete_wakes_the_receiver_of_a_blocked_group() {
    let attributes = json!({"FifoQueue": "true", "ContentBasedDeduplication": "true"});
    let world = World::new().with_queue("f.fifo", attributes).await;
    for body in ["one", "two"] {
        let message = json!({"MessageBody": body, "MessageGroupId": "g"});
        world.on_queue("SendMessage", "f.fifo", message).await;
    }
    let handle = world.receive("f.fifo", json!({})).await[0]["ReceiptHandle"].clone();
    let began = world.clock.now();
    let (received, _) = tokio::join!(
        world.receive("f.fifo", json!({"WaitTimeSeconds": 20})),
        world.on_queue("DeleteMessage", "f.fifo", json!({"ReceiptHandle": handle})),
    );
    assert_eq!(received[0]["Body"], "two");
    assert!(world.clock.now().duration_since(began).as_secs() < PROMPT_SECS);
}

#[tokio::test]
async fn the_queue_says_how_long_to_wait_unless_the_receiver_does() {
    let attributes = json!({"ReceiveMessageWaitTimeSeconds": "20"});
    let world = World::on(Store::memory().unwrap(), 100.0).with_queue("q", attributes).await;
    let began = world.clock.now();
    assert!(world.receive("q", json!({})).await.is_empty());
    assert!(world.clock.now().duration_since(began).as_secs() >= 20);
    assert!(world.receive("q", json!({"WaitTimeSeconds": 0})).now_or_never().is_some());
}

#[tokio::test]
async fn a_receiver_that_went_away_took_nothing() {
    let world = World::new().with_queue("q", json!({})).await;
    let gone = world.receive("q", json!({"WaitTimeSeconds": 20})).now_or_never();
    assert_eq!(gone, None);
    world.on_queue("SendMessage", "q", json!({"MessageBody": "x"})).await;
    assert_eq!(world.counts("q").await, ["1", "0", "0"]);
    let received = world.receive("q", json!({})).await;
    assert_eq!(received[0]["Attributes"]["ApproximateReceiveCount"], "1");
}

#[tokio::test]
async fn deleting_the_queue_ends_the_wait() {
    let world = World::new().with_queue("q", json!({})).await;
    let arn = arn("q");
    let (received, _) = tokio::join!(
        world.sqs.receive(&arn, 1, Duration::from_secs(20)),
        world.on_queue("DeleteQueue", "q", json!({})),
    );
    assert_eq!(received.unwrap_err().code, "com.amazonaws.sqs#QueueDoesNotExist");
}
