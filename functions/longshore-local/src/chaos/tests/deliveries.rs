//! Deliveries under chaos: late and twice, and never lost.

use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;

use super::chaos;
use crate::{Deliver, Delivery, Fault, chaos::Disturbed};

/// Keeps what it is given, and refuses every body that says so.
#[derive(Debug, Default)]
struct Targets(Mutex<Vec<Delivery>>);

impl Deliver for Targets {
    fn deliver<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async {
            if delivery.body == "refused" {
                return Err(Fault::client("QueueDoesNotExist", "there is no such queue"));
            }
            self.0.lock().unwrap().push(delivery.clone());
            Ok(())
        })
    }
}

fn delivery(arn: &str, body: &str) -> Delivery {
    Delivery {
        arn: arn.into(),
        body: body.into(),
        message_group: None,
        attributes: Vec::new(),
        delay_secs: 0,
    }
}

/// What arrives of `count` deliveries to `arn`.
async fn arrived(arn: &str, count: usize) -> Vec<Delivery> {
    let targets = Arc::new(Targets::default());
    let disturbed = Disturbed { targets: targets.clone(), chaos: chaos(5) };
    for n in 0..count {
        disturbed.deliver(&delivery(arn, &n.to_string())).await.unwrap();
    }
    targets.0.lock().unwrap().clone()
}

#[tokio::test]
async fn a_queue_gets_all_and_some_late_or_twice() {
    let arrived = arrived("arn:aws:sqs:us-east-1:000000000000:q", 1_000).await;
    let mut bodies: Vec<usize> = arrived.iter().map(|it| it.body.parse().unwrap()).collect();
    bodies.sort_unstable();
    let copies = bodies.len() - 1_000;
    bodies.dedup();
    assert_eq!(bodies, (0..1_000).collect::<Vec<_>>());
    assert!((20..60).contains(&copies), "{copies} copies");
    let late = arrived.iter().filter(|it| it.delay_secs >= 10).count();
    assert!((5..40).contains(&late), "{late} late");
    let overtaken = arrived.iter().filter(|it| (1..10).contains(&it.delay_secs)).count();
    assert!((20..120).contains(&overtaken), "{overtaken} overtaken");
    assert!(arrived.iter().all(|it| it.delay_secs <= 30));
}

#[tokio::test]
async fn a_function_gets_copies_only() {
    let arrived = arrived("arn:aws:lambda:us-east-1:000000000000:function:f", 1_000).await;
    assert!((1_020..1_060).contains(&arrived.len()), "{} deliveries", arrived.len());
    assert!(arrived.iter().all(|it| it.delay_secs == 0));
}

#[tokio::test]
async fn a_fifo_queue_gets_each_once() {
    let arn = "arn:aws:sqs:us-east-1:000000000000:q.fifo";
    let arrived = arrived(arn, 1_000).await;
    assert_eq!(arrived.len(), 1_000);
    assert!(arrived.iter().all(|it| it.delay_secs == 0));
    let chaos = chaos(5);
    assert!(!(0..1_000).any(|_| chaos.loses_deletion(arn)));
    assert!((0..1_000).any(|_| chaos.loses_deletion("arn:aws:sqs:us-east-1:000000000000:q")));
}

#[tokio::test]
async fn what_a_target_refuses_is_refused() {
    let disturbed = Disturbed { targets: Arc::new(Targets::default()), chaos: chaos(5) };
    for _ in 0..100 {
        let fault = disturbed.deliver(&delivery("arn:aws:sqs:r:0:q", "refused")).await.unwrap_err();
        assert_eq!(fault.code, "QueueDoesNotExist");
    }
}
