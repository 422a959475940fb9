//! Where rules and schedules deliver, and where functions get their batches from.

use std::{sync::Arc, task::Poll, time::Duration};

use bytes::Bytes;
use futures_util::{FutureExt, future::BoxFuture};
use serde_json::json;

use crate::{
    Bus, Chaos, Deliver, Delivery, Event, Fault,
    lambda::{Lambda, Message, MessageAttribute, Source},
    sqs::{Attribute, Received, Sqs},
};

/// Queues and functions by their ARNs.
#[derive(Debug)]
pub(super) struct Targets {
    pub(super) sqs: Arc<Sqs>,
    pub(super) lambda: Arc<Lambda>,
}

impl Deliver for Targets {
    fn deliver<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Result<(), Fault>> {
        async move {
            match delivery.arn.split(':').nth(2) {
                Some("sqs") => self.send(delivery).await,
                Some("lambda") => {
                    self.lambda.invoke_event(&delivery.arn, Bytes::from(delivery.body.clone()))
                }
                _ => {
                    let message = format!("`{}` is neither a queue nor a function", delivery.arn);
                    Err(Fault::client("ResourceNotFoundException", message))
                }
            }
        }
        .boxed()
    }
}

impl Targets {
    async fn send(&self, delivery: &Delivery) -> Result<(), Fault> {
        let text = |value: &str| json!({"DataType": "String", "StringValue": value});
        let attributes =
            delivery.attributes.iter().map(|(name, value)| ((*name).to_owned(), text(value)));
        let mut message = json!({
            "QueueUrl": self.sqs.queue_url_of(&delivery.arn),
            "MessageBody": delivery.body,
            "MessageAttributes": attributes.collect::<serde_json::Map<_, _>>(),
        });
        if let Some(group) = &delivery.message_group {
            message["MessageGroupId"] = group.as_str().into();
        }
        if delivery.delay_secs > 0 {
            message["DelaySeconds"] = delivery.delay_secs.into();
        }
        self.sqs.call("SendMessage", message).await.map(drop)
    }
}

/// A queue as an event source mapping polls it.
pub(super) struct Polled {
    pub(super) sqs: Arc<Sqs>,
    pub(super) queue_arn: String,
    pub(super) chaos: Option<Chaos>,
}

impl Source for Polled {
    async fn receive(&self, max: usize, wait: Duration) -> Result<Vec<Message>, Fault> {
        let received = self.sqs.receive(&self.queue_arn, max, wait).await?;
        Ok(received.into_iter().map(message).collect())
    }

    async fn delete(&self, receipt_handles: Vec<String>) -> Result<(), Fault> {
        for handle in receipt_handles {
            if self.chaos.as_ref().is_some_and(|chaos| chaos.loses_deletion(&self.queue_arn)) {
                continue;
            }
            self.sqs.delete(&self.queue_arn, &handle)?;
        }
        Ok(())
    }
}

/// A received message in the words of the function's event.
fn message(received: Received) -> Message {
    let attribute = |(name, value): (String, Attribute)| {
        let Attribute { data_type, string_value, binary_value } = value;
        (name, MessageAttribute { data_type, string_value, binary_value })
    };
    Message {
        message_id: received.message_id,
        receipt_handle: received.receipt_handle,
        body: received.body,
        md5_of_body: received.md5_of_body,
        md5_of_message_attributes: received.md5_of_message_attributes,
        attributes: received.attributes,
        message_attributes: received.message_attributes.into_iter().map(attribute).collect(),
    }
}

/// Publishes before returning when every target is a queue, as it is for the services that keep
/// an event until it is handed over; what has to wait goes on by itself.
pub(super) fn publish(bus: &Arc<Bus>, event: Event) {
    let bus = Arc::clone(bus);
    let mut publishing = async move { bus.publish(event).await }.boxed();
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    if publishing.poll_unpin(&mut context) == Poll::Pending {
        tokio::spawn(publishing);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Account, Activity, Clock, Ground, Store, template::QueueSpec};

    const ARN: &str = "arn:aws:sqs:us-east-1:000000000000:q";

    /// A queue that shows a message again after a second, which is a millisecond.
    fn queue(ground: &Ground) -> Arc<Sqs> {
        let sqs = Sqs::open(ground.clone()).unwrap();
        let spec = QueueSpec {
            name: "q".into(),
            arn: ARN.into(),
            visibility_secs: 1,
            retention_secs: 345_600,
            delay_secs: 0,
            wait_secs: 0,
            message_bytes_max: 1_024,
            redrive: None,
            content_based_deduplication: false,
        };
        sqs.create(spec).unwrap();
        sqs
    }

    #[tokio::test]
    async fn a_message_whose_deletion_is_lost_comes_back() {
        let ground = Ground {
            account: Account::local("http://127.0.0.1:4566"),
            clock: Clock::starting_at(Clock::system().now(), 1_000.0),
            store: Store::memory().unwrap(),
            activity: Activity::new(),
        };
        let loses = |seed: &u64| Chaos::new(*seed, ground.clone()).loses_deletion(ARN);
        let chaos = Chaos::new((0..10_000).find(loses).unwrap(), ground.clone());
        let queue = Polled { sqs: queue(&ground), queue_arn: ARN.into(), chaos: Some(chaos) };
        let url = queue.sqs.queue_url_of(ARN);
        queue.sqs.call("SendMessage", json!({"QueueUrl": url, "MessageBody": "m"})).await.unwrap();
        for _ in 0..2 {
            let messages = queue.receive(1, Duration::from_secs(20)).await.unwrap();
            assert_eq!(messages[0].body, "m");
            queue.delete(vec![messages[0].receipt_handle.clone()]).await.unwrap();
        }
        assert!(queue.receive(1, Duration::from_secs(20)).await.unwrap().is_empty());
    }
}
