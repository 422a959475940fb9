//! What the scheduler of services decides, without a clock and without tasks.

mod breaker;
mod laws;
mod rollover;

use std::collections::VecDeque;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    decide::Seen,
    record::{RolloutState, Service, ServiceStatus, Terms},
    rolling::Rolling,
};

fn at(secs: i64) -> Timestamp {
    Timestamp::from_second(secs).unwrap()
}

/// A service whose first deployment, `ecs-svc/1`, is of the revision `app:1`.
fn service(desired_count: u32, configuration: &Value) -> Service {
    let mut service = Service {
        name: "s".into(),
        arn: "arn:aws:ecs:us-east-1:000000000000:service/C/s".into(),
        cluster: "C".into(),
        cluster_arn: "arn:aws:ecs:us-east-1:000000000000:cluster/C".into(),
        status: ServiceStatus::Active,
        desired_count,
        created_at: at(0),
        rolling: Rolling::default().with(Some(configuration)).unwrap(),
        terms: Terms::default(),
        deployments: Vec::new(),
        completed: None,
        events: VecDeque::new(),
        events_told: 0,
        standstill: None,
        digest: String::new(),
        declared: None,
    };
    service.deploy("ecs-svc/1", json!({"taskDefinition": "app:1"}), at(0));
    service
}

fn task(id: &str, deployment: &str, running_since: Option<i64>) -> Seen {
    Seen {
        id: id.into(),
        deployment: deployment.into(),
        running_since: running_since.map(at),
        is_stopping: false,
        is_protected: false,
    }
}

/// `id state failed tasks` of each deployment, the PRIMARY one first.
fn deployments(service: &Service) -> Vec<String> {
    let state = |state| match state {
        RolloutState::InProgress => "in progress",
        RolloutState::Completed => "completed",
        RolloutState::Failed => "failed",
    };
    let line = |one: &super::record::Deployment| {
        format!("{} {} {}", one.id, state(one.rollout), one.failed_tasks)
    };
    service.deployments.iter().map(line).collect()
}

/// The messages of a service, the oldest first.
fn said(service: &Service) -> Vec<&str> {
    service.events.iter().rev().map(|event| event.message.as_str()).collect()
}
