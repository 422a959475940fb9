//! The promises of this ECS, each proved with real processes where one is concerned.

mod chaos;
mod containers;
mod courses;
mod definitions;
mod delays;
mod errors;
mod many;
mod restart;
mod services;
mod tasks;
mod tokens;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{Ecs, ProcessRunner, Runner};
use crate::{
    Account, Activity, Clock, Fault, Ground, Store,
    template::{ClusterSpec, ContainerSpec, TaskDefinitionSpec},
};

/// Longest wait for an event that must come; only a failing test waits so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// An ECS with the cluster `C`, whose events can be waited for.
struct World {
    ecs: Arc<Ecs>,
    events: mpsc::UnboundedReceiver<Value>,
    ground: Ground,
}

fn ground(store: Store, speed: f64) -> Ground {
    Ground {
        account: Account::local("http://127.0.0.1:4566"),
        clock: Clock::starting_at(Timestamp::now(), speed),
        store,
        activity: Activity::new(),
    }
}

fn world() -> World {
    World::open(ground(Store::memory().unwrap(), 1.0))
}

/// A container `app` that stands for an image with the entrypoint `/bin/sh -c`.
fn shell(name: &str, script: &str) -> ContainerSpec {
    ContainerSpec {
        name: name.into(),
        essential: true,
        command: vec![script.into()],
        environment: [("FROM_DEFINITION".to_owned(), "1".to_owned())].into(),
        stop_timeout_secs: 30,
        entrypoint: Some(vec!["/bin/sh".into(), "-c".into()]),
    }
}

fn definition(family: &str, containers: Vec<ContainerSpec>) -> TaskDefinitionSpec {
    let shown = containers.iter().map(|one| {
        json!({"name": one.name, "image": format!("image-of-{}", one.name),
            "essential": one.essential})
    });
    let containers_json: Vec<Value> = shown.collect();
    TaskDefinitionSpec {
        logical_id: family.into(),
        arn: format!("arn:aws:ecs:us-east-1:000000000000:task-definition/{family}:1"),
        family: family.into(),
        definition: json!({"containerDefinitions": containers_json, "cpu": "256", "memory": "512",
            "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"]}),
        containers,
    }
}

fn run_input(family: &str) -> Value {
    json!({"cluster": "C", "taskDefinition": family, "launchType": "FARGATE",
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}})
}

impl World {
    fn open(ground: Ground) -> Self {
        Self::open_with(ground, Arc::new(ProcessRunner::new()))
    }

    fn open_with(ground: Ground, runner: Arc<dyn Runner>) -> Self {
        let (sender, events) = mpsc::unbounded_channel();
        let publish = move |detail: Value, resources: Vec<String>| {
            assert_eq!(json!(resources), json!([detail["taskArn"]]));
            // After the test nobody listens any more.
            drop(sender.send(detail));
        };
        let ecs = Ecs::open(ground.clone(), Arc::new(publish), runner).unwrap();
        ecs.create_cluster(&ClusterSpec {
            name: "C".into(),
            arn: "arn:aws:ecs:us-east-1:000000000000:cluster/C".into(),
        })
        .unwrap();
        Self { ecs, events, ground }
    }

    fn register(&self, family: &str, containers: Vec<ContainerSpec>) {
        self.ecs.register(&definition(family, containers)).unwrap();
    }

    async fn call(&self, operation: &str, input: Value) -> Result<Value, Fault> {
        self.ecs.call(operation, input).await
    }

    /// Runs one task, whose ARN is the answer.
    async fn run(&self, input: Value) -> String {
        let answer = self.call("RunTask", input).await.unwrap();
        assert_eq!(answer["failures"], json!([]));
        answer["tasks"][0]["taskArn"].as_str().unwrap().to_owned()
    }

    async fn event(&mut self) -> Value {
        tokio::time::timeout(PATIENCE, self.events.recv()).await.unwrap().unwrap()
    }

    /// The task's events up to the one with that last status.
    async fn until(&mut self, task: &str, status: &str) -> Vec<Value> {
        let mut seen = Vec::new();
        loop {
            let event = self.event().await;
            if event["taskArn"] == task {
                let is_last = event["lastStatus"] == status;
                seen.push(event);
                if is_last {
                    return seen;
                }
            }
        }
    }

    async fn stopped(&mut self, task: &str) -> Value {
        self.until(task, "STOPPED").await.pop().unwrap()
    }

    async fn describe(&self, task: &str) -> Value {
        self.call("DescribeTasks", json!({"cluster": "C", "tasks": [task]})).await.unwrap()
    }
}

/// `[lastStatus desiredStatus version]` of each event.
fn course(events: &[Value]) -> Vec<String> {
    let text = |event: &Value| {
        let status = |name: &str| event[name].as_str().unwrap().to_owned();
        format!("{} {} {}", event["version"], status("lastStatus"), status("desiredStatus"))
    };
    events.iter().map(text).collect()
}
