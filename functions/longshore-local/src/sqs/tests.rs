//! The service as a client meets it: operations in, answers and codes out.

mod answers;
mod errors;
mod lag;
mod polling;
mod redrive;
mod reload;

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Sqs;
use super::faults::query_code;
use crate::{Account, Activity, Clock, Fault, Ground, Store};

/// An SQS of its own for a test.
struct World {
    sqs: Arc<Sqs>,
    clock: Clock,
}

impl World {
    /// With the time of the machine, and forgotten in the end.
    fn new() -> Self {
        Self::on(Store::memory().unwrap(), 1.0)
    }

    /// With a clock that runs `speed` times as fast.
    fn on(store: Store, speed: f64) -> Self {
        let clock = Clock::starting_at(Timestamp::now(), speed);
        let account = Account::local("http://127.0.0.1:4566");
        let ground = Ground { account, clock, store, activity: Activity::new() };
        Self { sqs: Sqs::open(ground).unwrap(), clock }
    }

    async fn with_queue(self, name: &str, attributes: Value) -> Self {
        self.ok("CreateQueue", json!({"QueueName": name, "Attributes": attributes})).await;
        self
    }

    /// The answer to an operation on `queue` that must succeed.
    async fn ok(&self, operation: &str, input: Value) -> Value {
        match self.sqs.call(operation, input.clone()).await {
            Ok(answer) => answer,
            Err(fault) => panic!("{operation} {input}: {fault}"),
        }
    }

    /// The answer to an operation on `queue`; its URL is added.
    async fn on_queue(&self, operation: &str, queue: &str, mut input: Value) -> Value {
        input["QueueUrl"] = url(queue).into();
        self.ok(operation, input).await
    }

    /// The code of an operation's refusal, as an SDK shows it; `ok` if it succeeds.
    async fn code(&self, operation: &str, input: Value) -> String {
        match self.sqs.call(operation, input).await {
            Ok(_) => "ok".into(),
            Err(fault) => query_code(&fault),
        }
    }

    async fn receive(&self, queue: &str, mut input: Value) -> Vec<Value> {
        input["MessageSystemAttributeNames"] = json!(["All"]);
        let answer = self.on_queue("ReceiveMessage", queue, input).await;
        answer["Messages"].as_array().cloned().unwrap_or_default()
    }

    /// Visible, in flight and delayed.
    async fn counts(&self, queue: &str) -> [String; 3] {
        let names = json!({"AttributeNames": ["All"]});
        let answer = self.on_queue("GetQueueAttributes", queue, names).await;
        ["", "NotVisible", "Delayed"].map(|state| {
            let name = format!("ApproximateNumberOfMessages{state}");
            answer["Attributes"][name].as_str().unwrap().to_owned()
        })
    }
}

fn arn(queue: &str) -> String {
    format!("arn:aws:sqs:us-east-1:000000000000:{queue}")
}

fn url(queue: &str) -> String {
    format!("http://localhost:4566/000000000000/{queue}")
}

fn policy(dead: &str, receives: u32) -> String {
    json!({"deadLetterTargetArn": arn(dead), "maxReceiveCount": receives}).to_string()
}

/// What the tests do by ARN.
impl Sqs {
    async fn send(
        &self,
        queue_arn: &str,
        body: &str,
        group: Option<&str>,
    ) -> Result<String, Fault> {
        let mut message = json!({"QueueUrl": self.queue_url_of(queue_arn), "MessageBody": body});
        if let Some(group) = group {
            message["MessageGroupId"] = group.into();
        }
        let answer = self.call("SendMessage", message).await?;
        Ok(answer["MessageId"].as_str().unwrap().to_owned())
    }

    async fn change_visibility(
        &self,
        queue_arn: &str,
        handle: &str,
        secs: u32,
    ) -> Result<(), Fault> {
        let queue_url = self.queue_url_of(queue_arn);
        let input =
            json!({"QueueUrl": queue_url, "ReceiptHandle": handle, "VisibilityTimeout": secs});
        self.call("ChangeMessageVisibility", input).await.map(drop)
    }
}
