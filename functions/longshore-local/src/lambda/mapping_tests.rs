//! What an event source mapping hands over, and what it deletes.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use serde_json::Value;
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use super::{Invoke, Invoked, Mapping, Message, Source, fake::PATIENCE};
use crate::{Clock, Fault, template::MappingSpec};

/// A queue in memory: `present` is what a receive finds, `deleted` tells what was deleted.
#[derive(Clone)]
struct Queue {
    clock: Clock,
    present: Arc<Mutex<VecDeque<Message>>>,
    changed: Arc<tokio::sync::Notify>,
    asked: mpsc::UnboundedSender<(usize, Duration)>,
    deleted: mpsc::UnboundedSender<Vec<String>>,
}

impl Source for Queue {
    async fn receive(&self, max: usize, wait: Duration) -> Result<Vec<Message>, Fault> {
        self.asked.send((max, wait)).ok();
        loop {
            let changed = self.changed.notified();
            let found: Vec<Message> = {
                let mut present = self.present.lock().unwrap();
                let count = present.len().min(max);
                present.drain(..count).collect()
            };
            if !found.is_empty() || wait.is_zero() {
                return Ok(found);
            }
            tokio::select! {
                () = changed => {}
                () = self.clock.sleep(wait) => return Ok(Vec::new()),
            }
        }
    }

    async fn delete(&self, receipt_handles: Vec<String>) -> Result<(), Fault> {
        self.deleted.send(receipt_handles).ok();
        Ok(())
    }
}

/// A function that the test answers for.
struct Played(mpsc::UnboundedSender<Invocation>);

struct Invocation {
    ids: Vec<String>,
    answer: oneshot::Sender<Result<Invoked, Fault>>,
}

impl Invocation {
    fn respond(self, payload: &'static str) {
        let payload = Bytes::from_static(payload.as_bytes());
        let request_id = String::new();
        let invoked = Invoked { status: 200, payload, function_error: None, request_id };
        self.answer.send(Ok(invoked)).unwrap();
    }
}

impl Invoke for Played {
    async fn invoke(&self, event: Bytes) -> Result<Invoked, Fault> {
        let event: Value = serde_json::from_slice(&event).unwrap();
        let records = event["Records"].as_array().unwrap();
        let ids = records.iter().map(|it| it["messageId"].as_str().unwrap().to_owned()).collect();
        let (answer, answered) = oneshot::channel();
        self.0.send(Invocation { ids, answer }).ok();
        answered.await.unwrap_or_else(|_| Err(Fault::server("dropped")))
    }
}

/// A mapping between a queue and a function that are both played.
struct Scene {
    queue: Queue,
    asked: mpsc::UnboundedReceiver<(usize, Duration)>,
    deleted: mpsc::UnboundedReceiver<Vec<String>>,
    invoked: mpsc::UnboundedReceiver<Invocation>,
    mapping: Mapping,
}

impl Scene {
    fn new(messages: &[Message], spec: MappingSpec) -> Self {
        Self::at(Clock::system(), messages, spec)
    }

    fn at(clock: Clock, messages: &[Message], spec: MappingSpec) -> Self {
        let (asked, asking) = mpsc::unbounded_channel();
        let (deleted, deleting) = mpsc::unbounded_channel();
        let (invoke, invoked) = mpsc::unbounded_channel();
        let queue = Queue {
            clock,
            present: Arc::new(Mutex::new(messages.iter().cloned().collect())),
            changed: Arc::default(),
            asked,
            deleted,
        };
        let mapping = Mapping::between(clock, spec, queue.clone(), Played(invoke));
        Self { queue, asked: asking, deleted: deleting, invoked, mapping }
    }

    fn send(&self, message: Message) {
        self.queue.present.lock().unwrap().push_back(message);
        self.queue.changed.notify_one();
    }

    async fn next(&mut self) -> Invocation {
        timeout(PATIENCE, self.invoked.recv()).await.unwrap().unwrap()
    }

    async fn deleted(&mut self) -> Vec<String> {
        timeout(PATIENCE, self.deleted.recv()).await.unwrap().unwrap()
    }
}

fn spec() -> MappingSpec {
    MappingSpec {
        function_arn: "arn:aws:lambda:us-east-1:000000000000:function:f".into(),
        queue_arn: "arn:aws:sqs:us-east-1:000000000000:q".into(),
        batch_size: 10,
        window_secs: 0,
        reports_failures: true,
        concurrency_max: None,
        enabled: true,
    }
}

fn message(id: usize) -> Message {
    let message_id = format!("m{id}");
    Message { receipt_handle: format!("r{id}"), message_id, ..Message::default() }
}

fn messages(count: usize) -> Vec<Message> {
    (0..count).map(message).collect()
}

#[tokio::test]
async fn without_a_window_a_message_is_handed_over_at_once() {
    let mut scene = Scene::new(&[], spec());
    assert_eq!(scene.asked.recv().await, Some((10, Duration::from_secs(20))));
    scene.send(message(7));
    let invocation = scene.next().await;
    assert_eq!(invocation.ids, ["m7"]);
    let next = scene.asked.recv().await;
    assert_eq!(next, Some((10, Duration::from_secs(20))), "nothing was asked for in between");
    invocation.respond("null");
    assert_eq!(scene.deleted().await, ["r7"]);
    scene.mapping.stop().await;
}

#[tokio::test]
async fn only_reported_messages_stay() {
    let mut scene = Scene::new(&messages(3), spec());
    scene.next().await.respond(r#"{"batchItemFailures":[{"itemIdentifier":"m1"}]}"#);
    assert_eq!(scene.deleted().await, ["r0", "r2"]);
}

#[tokio::test]
async fn a_failed_batch_stays_and_polling_goes_on() {
    let mut scene = Scene::new(&messages(1), spec());
    scene.next().await.answer.send(Err(Fault::server("crashed"))).ok();
    scene.send(message(1));
    scene.next().await.respond("no report");
    scene.send(message(2));
    scene.next().await.respond("{}");
    assert_eq!(scene.deleted().await, ["r2"]);
    scene.mapping.stop().await;
    assert_eq!(scene.deleted.try_recv().ok(), None);
}

#[tokio::test]
async fn batches_run_at_once_up_to_the_mappings_concurrency() {
    let limited = MappingSpec { batch_size: 1, concurrency_max: Some(2), ..spec() };
    let mut scene = Scene::new(&messages(3), limited);
    let (first, second) = (scene.next().await, scene.next().await);
    assert_eq!((&*first.ids, &*second.ids), (&["m0".into()][..], &["m1".into()][..]));
    assert_eq!(scene.queue.present.lock().unwrap().len(), 1, "no seat, so it is not received");
    first.respond("");
    assert_eq!(scene.next().await.ids, ["m2"]);
}

#[tokio::test]
async fn a_large_batch_is_gathered_from_several_receives_and_deleted_in_tens() {
    let large = MappingSpec { batch_size: 25, window_secs: 300, ..spec() };
    let mut scene = Scene::new(&messages(24), large);
    assert_eq!(scene.asked.recv().await.unwrap().0, 10);
    assert_eq!(scene.asked.recv().await.unwrap().0, 10);
    assert_eq!(scene.asked.recv().await.unwrap().0, 5);
    assert_eq!(scene.asked.recv().await.unwrap().0, 1, "the window is open");
    scene.send(message(24));
    let invocation = scene.next().await;
    assert_eq!(invocation.ids.len(), 25);
    invocation.respond("");
    let lengths =
        [scene.deleted().await.len(), scene.deleted().await.len(), scene.deleted().await.len()];
    assert_eq!(lengths, [10, 10, 5]);
}

#[tokio::test]
async fn what_came_within_the_window_is_handed_over_when_it_ends() {
    // Five minutes in 100 ms.
    let clock = Clock::starting_at(Clock::system().now(), 3_000.0);
    let began = clock.now();
    let windowed = MappingSpec { window_secs: 300, ..spec() };
    let mut scene = Scene::at(clock, &messages(1), windowed);
    scene.asked.recv().await.unwrap();
    scene.asked.recv().await.unwrap();
    scene.send(message(1));
    assert_eq!(scene.next().await.ids, ["m0", "m1"]);
    // Within the last second the queue is not asked again.
    assert!(clock.now().duration_since(began).as_secs() >= 299);
}

#[tokio::test]
async fn what_exceeds_6_mb_goes_into_the_next_batch_but_never_past_its_group() {
    let large: Vec<Message> =
        messages(7).into_iter().map(|it| Message { body: "x".repeat(1_048_576), ..it }).collect();
    let mut scene = Scene::new(&large, spec());
    let (first, second) = (scene.next().await, scene.next().await);
    assert_eq!((first.ids.len(), second.ids), (5, vec!["m5".into(), "m6".into()]));

    let fifo = MappingSpec { queue_arn: "arn:aws:sqs:us-east-1:0:q.fifo".into(), ..spec() };
    let mut scene = Scene::new(&large, fifo);
    assert_eq!(scene.next().await.ids.len(), 5);
    scene.send(message(9));
    assert_eq!(scene.next().await.ids, ["m9"], "m5 and m6 reappear in the queue");
}

#[tokio::test]
async fn a_mapping_that_stops_settles_what_runs_and_a_disabled_one_polls_nothing() {
    let mut scene = Scene::new(&messages(1), spec());
    let invocation = scene.next().await;
    let stopping = tokio::spawn(scene.mapping.stop());
    invocation.respond("");
    stopping.await.unwrap();
    assert_eq!(scene.deleted.recv().await.unwrap(), ["r0"]);

    let mut disabled = Scene::new(&messages(1), MappingSpec { enabled: false, ..spec() });
    disabled.mapping.stop().await;
    assert!(disabled.asked.try_recv().is_err());
}
