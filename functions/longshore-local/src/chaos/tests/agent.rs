//! Services and their protection over the wire: a call that fails is ECS's own, also when a
//! container makes it through its agent.

use std::sync::{Arc, atomic::AtomicBool};

use bytes::Bytes;
use expect_test::{Expect, expect};
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::wire::{Once, PATIENCE, call};
use crate::{Call, Fault, Local, Options, Verdict};

const TEMPLATE: &str = "
Resources:
  Cluster: {Type: 'AWS::ECS::Cluster', Properties: {ClusterName: c}}
  Task:
    Type: AWS::ECS::TaskDefinition
    Metadata: {Local: {Command: [/bin/sleep, '600']}}
    Properties: {Family: t, ContainerDefinitions: [{Name: app, Image: i, Memory: 64}]}
  Service:
    Type: AWS::ECS::Service
    Properties: {ServiceName: s, Cluster: !Ref Cluster, TaskDefinition: !Ref Task}
";

/// An AWS with a service of one task, whose first call of `operation` meets the verdict.
struct Stand {
    local: Local,
    container: String,
}

async fn ecs(local: &Local, operation: &str, input: &Value) -> (u16, Value) {
    let target = format!("AmazonEC2ContainerServiceV20141113.{operation}");
    call(local, &target, input).await.unwrap()
}

impl Stand {
    async fn start(operation: &'static str, verdict: Verdict) -> Self {
        let gate = Once { operation, verdict, is_spent: AtomicBool::new(false) };
        let mut options = Options::new(TEMPLATE.into(), "template.yaml");
        options.gate = Arc::new(gate);
        let local = Local::start(options).await.unwrap();
        let container = timeout(PATIENCE, running(&local)).await.unwrap();
        Self { local, container }
    }

    /// One call of the endpoint, as a container makes it: status and body.
    async fn agent(&self, method: Method, body: &str) -> (u16, Value) {
        let request = Request::builder()
            .method(method)
            .uri(format!(
                "{}/_ecs/api/{}/task-protection/v1/state",
                self.local.endpoint(),
                self.container
            ))
            .body(Full::new(Bytes::from(body.to_owned())))
            .unwrap();
        let client = Client::builder(TokioExecutor::new()).build_http();
        let response = client.request(request).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }
}

/// Id of the container of the service's task, once that runs.
async fn running(local: &Local) -> String {
    loop {
        let asked = json!({"cluster": "c", "serviceName": "s"});
        let tasks = ecs(local, "ListTasks", &asked).await.1["taskArns"].clone();
        if tasks[0].is_string() {
            let asked = json!({"cluster": "c", "tasks": tasks});
            let described = ecs(local, "DescribeTasks", &asked).await.1;
            if let Some(id) = described["tasks"][0]["containers"][0]["runtimeId"].as_str() {
                return id.to_owned();
            }
        }
        tokio::task::yield_now().await;
    }
}

/// What becomes of a container's wish for protection that meets this verdict.
async fn check(verdict: Verdict, expected: &Expect) {
    let stand = Stand::start("UpdateTaskProtection", verdict).await;
    let (status, answer) = stand.agent(Method::PUT, r#"{"ProtectionEnabled":true}"#).await;
    let (_, known) = stand.agent(Method::GET, "").await;
    let error = &answer["error"];
    assert!(error["Arn"].as_str().unwrap().contains(":task/c/"), "{answer}");
    expected.assert_eq(&format!(
        "{status} {} {}, protected: {}",
        error["Code"], error["Message"], known["protection"]["ProtectionEnabled"]
    ));
    stand.local.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn protection_may_hold_although_the_agent_says_that_the_call_failed() {
    let busy = || Fault::client("ThrottlingException", "Rate exceeded");
    check(
        Verdict::Refuse(busy()),
        &expect![[r#"400 "ThrottlingException" "Rate exceeded", protected: false"#]],
    )
    .await;
    check(
        Verdict::ServeThenFail(Fault::server("away")),
        &expect![[r#"500 "InternalFailure" "away", protected: true"#]],
    )
    .await;
    check(
        Verdict::HangUp,
        &expect![[
            r#"504 "RequestCanceled" "Timed out calling ECS Task Protection API", protected: false"#
        ]],
    )
    .await;
    check(
        Verdict::ServeThenHangUp,
        &expect![[
            r#"504 "RequestCanceled" "Timed out calling ECS Task Protection API", protected: true"#
        ]],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_endpoint_serves_two_methods_over_the_wire() {
    let stand = Stand::start("none", Verdict::HangUp).await;
    let put = stand.agent(Method::PUT, r#"{"ProtectionEnabled":true,"Expires":1}"#).await;
    assert_eq!((put.0, &put.1["error"]["Code"]), (400, &json!("InvalidParameterException")));
    let put = stand.agent(Method::PUT, r#"{"ProtectionEnabled":true}"#).await;
    assert_eq!((put.0, &put.1["protection"]["ProtectionEnabled"]), (200, &json!(true)));
    assert_eq!(stand.agent(Method::POST, "{}").await, (405, Value::Null));
    stand.local.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_update_changes_nothing() {
    let throttled = Verdict::Refuse(Fault::client("ThrottlingException", "Rate exceeded"));
    let stand = Stand::start("UpdateService", throttled).await;
    let update = json!({"cluster": "c", "service": "s", "desiredCount": 0});
    let (status, answer) = ecs(&stand.local, "UpdateService", &update).await;
    assert_eq!((status, &answer["__type"]), (400, &json!("ThrottlingException")));
    let described = json!({"cluster": "c", "services": ["s"]});
    let described = ecs(&stand.local, "DescribeServices", &described).await.1;
    assert_eq!(described["services"][0]["desiredCount"], 1);
    let (status, answer) = ecs(&stand.local, "UpdateService", &update).await;
    assert_eq!((status, &answer["service"]["desiredCount"]), (200, &json!(0)));
    stand.local.stop().await;
}

#[test]
fn calls_about_services_fail_as_often_as_others() {
    let chaos = super::chaos(7);
    for operation in ["UpdateService", "UpdateTaskProtection", "GetTaskProtection"] {
        let verdicts = (0..1_000).map(|_| chaos.call(Call { service: "ecs", operation }));
        let troubles: Vec<Verdict> = verdicts.filter(|it| *it != Verdict::Serve).collect();
        assert!((20..80).contains(&troubles.len()), "{operation}: {} of 1,000", troubles.len());
        let is_throttle = |it: &Verdict| matches!(it, Verdict::Refuse(fault) if fault.code == "ThrottlingException");
        assert!(troubles.iter().any(is_throttle), "{operation} is never throttled");
    }
}
