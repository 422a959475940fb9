//! Counts that are as old as AWS's may be.

use std::time::Duration;

use serde_json::json;

use super::World;
use crate::Store;
use crate::sqs::memory::{Held, Memory};
use crate::sqs::queue::{Ask, Counts, Outgoing};
use crate::sqs::settings::Settings;
use crate::template::QueueSpec;

/// So fast that the lag passes while a test waits for it.
const FAST: f64 = 50.0;

const LAG: Duration = Duration::from_secs(30);

async fn queue() -> World {
    let world = World::on(Store::memory().unwrap(), FAST);
    world.sqs.lag_counts(LAG);
    world.with_queue("q", json!({})).await
}

#[tokio::test]
async fn counts_show_what_was_there_before_the_lag() {
    let world = queue().await;
    world.on_queue("SendMessage", "q", json!({"MessageBody": "m"})).await;
    assert_eq!(world.counts("q").await, ["0", "0", "0"], "not yet");
    world.clock.sleep(LAG).await;
    assert_eq!(world.counts("q").await, ["1", "0", "0"]);
    let received = world.receive("q", json!({})).await;
    assert_eq!(world.counts("q").await, ["1", "0", "0"], "received, and still counted");
    let handle = received[0]["ReceiptHandle"].clone();
    world.on_queue("DeleteMessage", "q", json!({"ReceiptHandle": handle})).await;
    world.clock.sleep(LAG).await;
    assert_eq!(world.counts("q").await, ["0", "0", "0"]);
}

#[test]
fn a_message_that_came_back_unseen_counts_from_the_time_at_which_it_did() {
    let spec = QueueSpec {
        name: "q".into(),
        arn: "arn:aws:sqs:us-east-1:000000000000:q".into(),
        visibility_secs: 10,
        retention_secs: 345_600,
        delay_secs: 0,
        wait_secs: 0,
        message_bytes_max: 1_024,
        redrive: None,
        content_based_deduplication: false,
    };
    let mut memory = Memory::default();
    memory.queues.insert("q".into(), Held::new(Settings::new(spec), 0));
    let lag_ms = Some(30_000);
    memory.note_counts(0, lag_ms);
    let queue = &mut memory.queues.get_mut("q").unwrap().queue;
    queue.send(1_000, Outgoing { id: "m".into(), ..Outgoing::default() });
    memory.note_counts(1_000, lag_ms);
    let queue = &mut memory.queues.get_mut("q").unwrap().queue;
    queue.receive(2_000, Ask { max: 1, visibility_secs: 10, redrive: false });
    memory.note_counts(2_000, lag_ms);
    // Nobody looks while it becomes visible again, after 12 s.
    memory.note_counts(30_000, lag_ms);
    for (at_ms, visible, in_flight) in
        [(0, 0, 0), (1_000, 1, 0), (2_000, 0, 1), (11_999, 0, 1), (12_000, 1, 0)]
    {
        let known = memory.queues["q"].history.at(at_ms);
        assert_eq!(known, Some(Counts { visible, in_flight, delayed: 0 }), "{at_ms}");
    }
}
