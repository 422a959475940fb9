//! Services with tasks that really run.

mod kept;
mod protected;
mod refused;
mod rolled;

use std::time::Duration;

use serde_json::{Value, json};

use super::{World, ground, shell};
use crate::Store;

/// So fast that the 40 s after which a task is healthy pass in an instant.
const FAST: f64 = 400.0;

/// Runs until it is told to end.
const STAYS: &str = "exec sleep 600";

/// Pause between two looks at what will be.
const LOOK_EVERY: Duration = Duration::from_millis(2);

fn kept(world: World) -> World {
    world.ecs.keep_services();
    world
}

/// A world with the definition `app`, whose services are kept.
fn fast() -> World {
    let world = kept(World::open(ground(Store::memory().unwrap(), FAST)));
    world.register("app", vec![shell("app", STAYS)]);
    world
}

/// A `CreateService` request for so many tasks of `app`.
fn service(desired: u32) -> Value {
    json!({"cluster": "C", "serviceName": "s", "taskDefinition": "app", "desiredCount": desired,
        "launchType": "FARGATE",
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}})
}

fn update(changes: &Value) -> Value {
    let mut input = json!({"cluster": "C", "service": "s"});
    for (name, value) in changes.as_object().unwrap() {
        input[name] = value.clone();
    }
    input
}

impl World {
    async fn ok(&self, operation: &str, input: Value) -> Value {
        self.call(operation, input).await.unwrap_or_else(|fault| panic!("{operation}: {fault}"))
    }

    async fn described(&self) -> Value {
        let input = json!({"cluster": "C", "services": ["s"]});
        self.ok("DescribeServices", input).await["services"][0].take()
    }

    /// Waits until the service is as wanted.
    async fn until_service(&self, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        let waiting = async {
            loop {
                last = self.described().await;
                if is_so(&last) {
                    return;
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        let waited = tokio::time::timeout(super::PATIENCE, waiting).await;
        assert!(waited.is_ok(), "not {what}: {last:#}");
        last
    }

    /// Waits until so many tasks run, and nothing is under way.
    async fn until_steady(&self, running: u64) -> Value {
        self.until_service("steady", |service| {
            service["runningCount"] == running
                && service["pendingCount"] == 0
                && service["deployments"][0]["rolloutState"] == "COMPLETED"
                && service["deployments"].as_array().unwrap().len() == 1
        })
        .await
    }

    /// ARNs of the tasks of the service that are to run.
    async fn tasks(&self) -> Vec<String> {
        let answer = self.ok("ListTasks", json!({"cluster": "C", "serviceName": "s"})).await;
        serde_json::from_value(answer["taskArns"].clone()).unwrap()
    }

    async fn task(&self, arn: &str) -> Value {
        self.describe(arn).await["tasks"][0].take()
    }
}

/// The messages of a service, the oldest first, with every id of a task or a deployment as `…`.
fn said(service: &Value) -> Vec<String> {
    let events = service["events"].as_array().unwrap().iter().rev();
    let text = |event: &Value| {
        let words = event["message"].as_str().unwrap().split(' ').map(|word| {
            let bare = word.trim_end_matches([')', '.']);
            let is_id = bare.starts_with("ecs-svc/") || (bare.len() == 32 && !bare.contains('-'));
            if is_id { word.replace(bare, "…") } else { word.to_owned() }
        });
        words.collect::<Vec<_>>().join(" ")
    };
    events.map(text).collect()
}
