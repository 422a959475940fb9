//! Deployments that complete, fail, and are rolled back.

use serde_json::{Value, json};

use super::{at, deployments, said, service, task};
use crate::ecs::service::{
    decide::{Decision, Seen, decide},
    record::{Service, ServiceStatus, Standstill},
};

const FRESH: &str = "ecs-svc/9";

fn breaker(rollback: bool) -> Value {
    json!({"deploymentCircuitBreaker": {"enable": true, "rollback": rollback}})
}

fn running(service: &Service, count: u32) -> Vec<Seen> {
    let id = &service.primary().unwrap().id;
    (0..count).map(|n| task(&format!("{id}-{n}"), id, Some(0))).collect()
}

/// The service with its first deployment completed, and a second one of which `failed` tasks never
/// ran.
fn failing(configuration: &Value, failed: usize) -> (Service, Vec<Seen>) {
    let mut service = service(2, configuration);
    let tasks = running(&service, 2);
    service.settle(&tasks, FRESH, at(1));
    service.deploy("ecs-svc/2", json!({"taskDefinition": "app:2"}), at(2));
    for n in 0..failed {
        service.unplaced(1, "RESOURCE:FARGATE", at(10 + i64::try_from(n).unwrap()));
    }
    (service, tasks)
}

#[test]
fn a_deployment_completes_when_all_tasks_are_its_and_run() {
    let mut service = service(2, &json!({}));
    let mut tasks = running(&service, 1);
    service.settle(&tasks, FRESH, at(1));
    assert_eq!(deployments(&service), ["ecs-svc/1 in progress 0"]);
    tasks.push(task("young", "ecs-svc/1", None));
    service.settle(&tasks, FRESH, at(2));
    assert_eq!(deployments(&service), ["ecs-svc/1 in progress 0"]);
    tasks = running(&service, 2);
    for secs in 3..6 {
        service.settle(&tasks, FRESH, at(secs));
    }
    assert_eq!(deployments(&service), ["ecs-svc/1 completed 0"]);
    assert_eq!(
        said(&service),
        [
            "(service s) (deployment ecs-svc/1) deployment completed.",
            "(service s) has reached a steady state."
        ]
    );
    tasks[0].is_stopping = true;
    service.settle(&tasks, FRESH, at(7));
    assert_eq!(service.standstill, None);
    service.settle(&running(&service, 2), FRESH, at(8));
    assert_eq!(service.standstill, Some(Standstill::Steady), "and is told again");
    assert_eq!(said(&service).len(), 3);
}

#[test]
fn a_breaker_trips_at_its_threshold_and_not_before() {
    let (mut service, tasks) = failing(&breaker(false), 2);
    service.settle(&tasks, FRESH, at(20));
    assert_eq!(deployments(&service), ["ecs-svc/2 in progress 2", "ecs-svc/1 completed 0"]);
    service.unplaced(1, "RESOURCE:FARGATE", at(21));
    service.settle(&tasks, FRESH, at(21));
    assert_eq!(deployments(&service), ["ecs-svc/2 failed 3", "ecs-svc/1 completed 0"]);
    let reason = &service.primary().unwrap().reason;
    assert_eq!(reason, "ECS deployment circuit breaker: tasks failed to start.");
    // Failed, it starts nothing, and takes no task away that runs.
    let now = at(10_000);
    assert_eq!(decide(&service.aim(now).unwrap(), &tasks, now), Decision::default());
}

#[test]
fn without_a_breaker_a_deployment_goes_on_failing() {
    let (mut service, tasks) = failing(&json!({}), 500);
    service.settle(&tasks, FRESH, at(1_000));
    assert_eq!(deployments(&service)[0], "ecs-svc/2 in progress 500");
}

#[test]
fn a_rollback_goes_back_to_the_tasks_that_are_still_there() {
    let (mut service, tasks) = failing(&breaker(true), 3);
    service.settle(&tasks, FRESH, at(20));
    // The first is PRIMARY again and, with all its tasks there, complete.
    assert_eq!(deployments(&service), ["ecs-svc/1 completed 0"]);
    assert_eq!(service.primary().unwrap().request, json!({"taskDefinition": "app:1"}));
    assert!(said(&service).contains(&"(service s) rolling back to deployment ecs-svc/1."));
}

#[test]
fn a_rollback_makes_the_deployment_anew_whose_tasks_are_gone() {
    let (mut service, _) = failing(&breaker(true), 3);
    let tasks = vec![task("pending", "ecs-svc/2", None)];
    service.settle(&tasks, FRESH, at(15));
    assert_eq!(
        deployments(&service),
        ["ecs-svc/1 in progress 0", "ecs-svc/2 failed 3"],
        "it was still listed"
    );
    let (mut service, _) = failing(&breaker(true), 2);
    service.settle(&tasks, FRESH, at(15));
    service.unplaced(1, "RESOURCE:FARGATE", at(16));
    service.settle(&tasks, FRESH, at(17));
    assert_eq!(deployments(&service), ["ecs-svc/9 in progress 0", "ecs-svc/2 failed 3"]);
    assert_eq!(service.primary().unwrap().request, json!({"taskDefinition": "app:1"}));
    let reason = &service.primary().unwrap().reason;
    assert!(reason.ends_with("rolling back to deploymentId ecs-svc/1."), "{reason}");
}

#[test]
fn a_rollback_that_has_nowhere_to_go_stalls() {
    let mut first = service(2, &breaker(true));
    for secs in 0..3 {
        first.unplaced(1, "RESOURCE:FARGATE", at(secs));
    }
    first.settle(&[], FRESH, at(5));
    assert_eq!(deployments(&first), ["ecs-svc/1 failed 3"]);
}

#[test]
fn a_deleted_service_is_inactive_when_its_tasks_are_gone() {
    let mut service = service(1, &json!({}));
    service.status = ServiceStatus::Draining;
    service.settle(&running(&service, 1), FRESH, at(1));
    assert_eq!(service.status, ServiceStatus::Draining);
    service.settle(&[], FRESH, at(2));
    assert_eq!((service.status, deployments(&service).len()), (ServiceStatus::Inactive, 0));
}
