//! Chaos as a caller meets it, on the port.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use expect_test::{Expect, expect};
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::{Call, Fault, Gate, Happening, Local, Options, Verdict};

/// Longest wait for what must come; only a failing test waits so long.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// A queue that hears of every task, and a task that ends at once.
const TEMPLATE: &str = "
Resources:
  Queue: {Type: 'AWS::SQS::Queue', Properties: {QueueName: q, VisibilityTimeout: 600}}
  Stopped:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [aws.ecs], detail: {lastStatus: [STOPPED]}}
      Targets: [{Id: q, Arn: !GetAtt Queue.Arn}]
  Told:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [app]}
      Targets: [{Id: q, Arn: !GetAtt Queue.Arn}]
  Cluster: {Type: 'AWS::ECS::Cluster', Properties: {ClusterName: c}}
  Task:
    Type: AWS::ECS::TaskDefinition
    Metadata: {Local: {Command: ['true']}}
    Properties:
      Family: t
      ContainerDefinitions: [{Name: app, Image: i, Memory: 64}]
";

/// Decides so about the first call of an operation, and serves the others.
#[derive(Debug)]
pub(super) struct Once {
    pub(super) operation: &'static str,
    pub(super) verdict: Verdict,
    pub(super) is_spent: AtomicBool,
}

impl Gate for Once {
    fn check(&self, call: Call<'_>) -> Verdict {
        let is_it = call.operation == self.operation;
        if is_it && !self.is_spent.swap(true, Ordering::Relaxed) {
            return self.verdict.clone();
        }
        Verdict::Serve
    }
}

async fn local(change: impl FnOnce(&mut Options)) -> Local {
    let mut options = Options::new(TEMPLATE.into(), "template.yaml");
    change(&mut options);
    Local::start(options).await.unwrap()
}

/// Status and answer of one call, or nothing when the connection was closed.
pub(super) async fn call(local: &Local, target: &str, input: &Value) -> Option<(u16, Value)> {
    let request = Request::post(local.endpoint())
        .header("x-amz-target", target)
        .body(Full::new(Bytes::from(input.to_string())))
        .unwrap();
    let client = Client::builder(TokioExecutor::new()).build_http();
    let response = client.request(request).await.ok()?;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    Some((status, serde_json::from_slice(&body).unwrap()))
}

/// Calls until it is served, as an SDK does.
async fn served(local: &Local, target: &str, input: &Value) -> Value {
    loop {
        if let Some((200, answer)) = call(local, target, input).await {
            return answer;
        }
    }
}

fn queue(local: &Local) -> Value {
    json!(format!("{}/000000000000/q", local.endpoint()))
}

/// What becomes of a message whose sending meets this verdict.
async fn check(verdict: Verdict, expected: &Expect) {
    let gate = Once { operation: "SendMessage", verdict, is_spent: AtomicBool::new(false) };
    let local = local(|options| options.gate = Arc::new(gate)).await;
    let send = json!({"QueueUrl": queue(&local), "MessageBody": "m"});
    let answer = call(&local, "AmazonSQS.SendMessage", &send).await;
    let answer = answer.map_or_else(
        || "no answer".into(),
        |(status, answer)| format!("{status} {}", answer["__type"]),
    );
    let receive = json!({"QueueUrl": queue(&local)});
    let (_, received) = call(&local, "AmazonSQS.ReceiveMessage", &receive).await.unwrap();
    let effect = if received["Messages"][0]["Body"] == "m" { "sent" } else { "not sent" };
    expected.assert_eq(&format!("{answer}, {effect}"));
    local.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_effect_does_not_need_an_answer() {
    let busy = || Fault::client("ThrottlingException", "Rate exceeded");
    check(Verdict::HangUp, &expect!["no answer, not sent"]).await;
    check(Verdict::ServeThenHangUp, &expect!["no answer, sent"]).await;
    check(Verdict::Refuse(busy()), &expect![[r#"400 "ThrottlingException", not sent"#]]).await;
    let failed = Fault::server("away");
    check(Verdict::ServeThenFail(failed), &expect![[r#"500 "InternalFailure", sent"#]]).await;
}

/// A seed of which one of the first three `STOPPED` is lost, and not all of them.
fn losing_seed() -> u64 {
    let lost = |seed| {
        let chaos = super::chaos(seed);
        (0..3).filter(|_| chaos.loses_task_event("STOPPED")).count()
    };
    (0..1_000).find(|seed| lost(*seed) == 1).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_tasks_are_lost_and_all_others_are_not() {
    let seed = losing_seed();
    let local = local(|options| options.chaos = Some(seed)).await;
    let mut told = local.activity().listen();
    let mut tasks = 0;
    while tasks < 6 {
        let token = tasks.to_string();
        let input = json!({"cluster": "c", "taskDefinition": "t", "clientToken": token});
        let answer = served(&local, "AmazonEC2ContainerServiceV20141113.RunTask", &input).await;
        tasks += answer["tasks"].as_array().map_or(0, Vec::len);
    }
    let (mut stopped, mut lost, mut matched) = (0, 0, 0);
    let hear = async {
        while lost + matched < tasks {
            match told.recv().await.unwrap().1 {
                Happening::TaskChanged { status, .. } if status == "STOPPED" => stopped += 1,
                Happening::RuleMatched { .. } => matched += 1,
                Happening::Disturbed { what } if what.contains("STOPPED lost") => lost += 1,
                _ => {}
            }
        }
    };
    timeout(PATIENCE, hear).await.unwrap();
    let chaos = super::chaos(seed);
    let expected = (0..tasks).filter(|_| chaos.loses_task_event("STOPPED")).count();
    assert_eq!((stopped, lost), (tasks, expected));
    local.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_late_is_kept_by_the_queue_until_then() {
    let arn = "arn:aws:sqs:us-east-1:000000000000:q";
    let is_late = |seed: &u64| super::chaos(*seed).course(arn).is_some_and(|(_, secs)| secs >= 10);
    let seed = (0..10_000).find(is_late).unwrap();
    let local = local(|options| options.chaos = Some(seed)).await;
    let entry = json!({"Source": "app", "DetailType": "t", "Detail": "{}"});
    served(&local, "AWSEvents.PutEvents", &json!({"Entries": [entry]})).await;
    let ask = json!({"QueueUrl": queue(&local), "AttributeNames": ["All"]});
    let counts = served(&local, "AmazonSQS.GetQueueAttributes", &ask).await;
    let count = |name: &str| counts["Attributes"][name].as_str().unwrap().to_owned();
    assert_eq!(count("ApproximateNumberOfMessages"), "0");
    assert_eq!(count("ApproximateNumberOfMessagesDelayed"), "1");
    local.stop().await;
}
