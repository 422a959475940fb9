//! A service in JSON, as the API answers it.

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    super::{
        Ecs,
        describe::epoch,
        state::State,
        task::{Status, Task},
    },
    record::{Deployment, Event, Service, ServiceStatus},
};

/// Tasks in a status that counts as `pendingCount`.
const PENDING: [Status; 2] = [Status::Provisioning, Status::Pending];

/// Members of a deployment that are shown as they were given.
const SHOWN: [&str; 5] = [
    "taskDefinition",
    "launchType",
    "capacityProviderStrategy",
    "networkConfiguration",
    "platformVersion",
];

impl ServiceStatus {
    fn name(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Draining => "DRAINING",
            Self::Inactive => "INACTIVE",
        }
    }
}

fn running(tasks: &[&Task]) -> usize {
    tasks.iter().filter(|task| task.last_status == Status::Running).count()
}

fn pending(tasks: &[&Task]) -> usize {
    tasks.iter().filter(|task| PENDING.contains(&task.last_status)).count()
}

impl Ecs {
    /// A service without its tags.
    pub(super) fn describe_service(&self, state: &State, service: &Service) -> Value {
        let tasks = state.tasks_of(&service.key());
        let deployments = service.deployments.iter().enumerate();
        let deployments: Vec<Value> =
            deployments.map(|(at, one)| shown_deployment(service, one, &tasks, at == 0)).collect();
        let events: Vec<Value> =
            service.events.iter().map(|event| shown_event(service, event)).collect();
        let mut shown = json!({
            "serviceArn": service.arn,
            "serviceName": service.name,
            "clusterArn": service.cluster_arn,
            "loadBalancers": [],
            "serviceRegistries": [],
            "status": service.status.name(),
            "desiredCount": service.desired_count,
            "runningCount": running(&tasks),
            "pendingCount": pending(&tasks),
            "deploymentConfiguration": service.rolling,
            "deployments": deployments,
            "events": events,
            "createdAt": epoch(service.created_at),
            "createdBy": format!("arn:aws:iam::{}:root", self.ground.account.id),
            "placementConstraints": service.terms.placement_constraints,
            "placementStrategy": service.terms.placement_strategy,
            "schedulingStrategy": "REPLICA",
            "deploymentController": {"type": "ECS"},
            "enableECSManagedTags": false,
            "propagateTags": service.terms.propagate_tags.as_deref().unwrap_or("NONE"),
            "enableExecuteCommand": service.terms.enable_execute_command,
        });
        if let Some(primary) = service.primary() {
            show_request(&mut shown, primary);
        }
        shown
    }
}

fn show_request(shown: &mut Value, deployment: &Deployment) {
    for name in SHOWN {
        if let Some(value) = deployment.request.get(name) {
            shown[name] = value.clone();
        }
    }
    if shown["launchType"] == "FARGATE" {
        shown["platformFamily"] = json!("Linux");
        if shown["platformVersion"].is_null() {
            shown["platformVersion"] = json!("LATEST");
        }
    }
}

fn shown_deployment(
    service: &Service,
    deployment: &Deployment,
    tasks: &[&Task],
    is_primary: bool,
) -> Value {
    let is_its = |task: &&&Task| task.started_by.as_deref() == Some(&*deployment.id);
    let tasks: Vec<&Task> = tasks.iter().filter(is_its).copied().collect();
    // What an older deployment still has is all that is wanted of it.
    let staying = tasks.iter().filter(|task| !task.is_stopping()).count();
    let desired = if is_primary { json!(service.desired_count) } else { json!(staying) };
    let mut shown = json!({
        "id": deployment.id,
        "status": if is_primary { "PRIMARY" } else { "ACTIVE" },
        "desiredCount": desired,
        "pendingCount": pending(&tasks),
        "runningCount": running(&tasks),
        "failedTasks": deployment.failed_tasks,
        "createdAt": epoch(deployment.created_at),
        "updatedAt": epoch(deployment.updated_at),
        "rolloutState": deployment.rollout,
        "rolloutStateReason": deployment.reason,
    });
    show_request(&mut shown, deployment);
    shown
}

fn shown_event(service: &Service, event: &Event) -> Value {
    let seed = format!("{} {} {}", service.arn, service.created_at, event.number);
    let hex = HEXLOWER.encode(&Sha256::digest(seed)[..16]);
    let id = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-");
    json!({"id": id, "createdAt": epoch(event.at), "message": event.message})
}
