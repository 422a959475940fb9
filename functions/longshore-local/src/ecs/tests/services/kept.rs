//! The desired count is kept, whatever ends, and outlives this AWS.

use expect_test::expect;
use serde_json::{Value, json};

use super::{super::restart, FAST, STAYS, World, fast, ground, kept, said, service, update};
use crate::{
    Store,
    ecs::tests::{PATIENCE, shell},
    template::ServiceSpec,
};

#[tokio::test]
async fn a_service_starts_replaces_and_stops_tasks() {
    let world = fast();
    let answer = world.ok("CreateService", service(2)).await;
    assert_eq!(answer["service"]["status"], "ACTIVE");
    assert_eq!(answer["service"]["deployments"][0]["status"], "PRIMARY");
    let steady = world.until_steady(2).await;
    let deployment = steady["deployments"][0]["id"].as_str().unwrap();
    let tasks = world.tasks().await;
    assert_eq!(tasks.len(), 2);
    let shown = world.task(&tasks[0]).await;
    assert_eq!((&shown["group"], &shown["startedBy"]), (&json!("service:s"), &json!(deployment)));
    let by_deployment = json!({"cluster": "C", "startedBy": deployment});
    assert_eq!(world.ok("ListTasks", by_deployment).await["taskArns"], json!(tasks));
    let container = shown["containers"][0]["runtimeId"].as_str().unwrap();
    let metadata = world.ecs.metadata(&format!("v4/{container}/task")).unwrap();
    assert_eq!(metadata["ServiceName"], "s");

    world.ok("StopTask", json!({"cluster": "C", "task": tasks[0]})).await;
    let replaced = |service: &Value| {
        let said = said(service);
        let started = said.iter().filter(|it| it.contains("started")).count();
        service["runningCount"] == 2 && started == 2 && said[said.len() - 1].contains("steady")
    };
    world.until_service("replaced", replaced).await;
    assert!(!world.tasks().await.contains(&tasks[0]));

    world.ok("UpdateService", update(&json!({"desiredCount": 0}))).await;
    world.until_steady(0).await;
    let end = world.task(&tasks[1]).await;
    assert_eq!(end["stopCode"], "ServiceSchedulerInitiated");
    let reason = format!("Scaling activity initiated by (deployment {deployment})");
    assert_eq!(end["stoppedReason"], reason);
    let steady = |service: &Value| said(service).last().unwrap().contains("steady");
    let last = world.until_service("told of", steady).await;
    expect![[r#"
        (service s) has started 2 tasks: (task …) (task …).
        (service s) (deployment …) deployment completed.
        (service s) has reached a steady state.
        (service s) has started 1 tasks: (task …).
        (service s) has reached a steady state.
        (service s) has stopped 2 running tasks: (task …) (task …).
        (service s) has reached a steady state."#]]
    .assert_eq(&said(&last).join("\n"));
}

#[tokio::test]
async fn a_deleted_service_drains_and_can_be_made_again() {
    let world = fast();
    world.ok("CreateService", service(1)).await;
    world.until_steady(1).await;
    let refused = world.call("DeleteService", update(&json!({}))).await.unwrap_err();
    assert_eq!(refused.message, "The service cannot be stopped while it is scaled above 0.");
    let protect = json!({"cluster": "C", "tasks": world.tasks().await, "protectionEnabled": true});
    world.ok("UpdateTaskProtection", protect).await;
    let answer = world.ok("DeleteService", update(&json!({"force": true}))).await;
    assert_eq!(answer["service"]["status"], "DRAINING");
    assert_eq!(world.ok("ListServices", json!({"cluster": "C"})).await["serviceArns"], json!([]));
    world.until_service("inactive", |service| service["status"] == "INACTIVE").await;
    let refused = world.call("UpdateService", update(&json!({"desiredCount": 1}))).await;
    assert_eq!(
        refused.unwrap_err().to_string(),
        "ServiceNotActiveException: Service was not ACTIVE."
    );
    world.ok("CreateService", service(1)).await;
    world.until_steady(1).await;
    world.ecs.stop_all(PATIENCE).await;
}

#[tokio::test]
async fn a_task_that_ends_at_once_is_paced_and_not_throttled() {
    let world = fast();
    world.register("app", vec![shell("app", "exit 1")]);
    world.ok("CreateService", service(1)).await;
    let often = |service: &Value| service["events"].as_array().unwrap().len() >= 5;
    let shown = world.until_service("started often", often).await;
    assert_eq!(shown["deployments"][0]["failedTasks"], 0, "each of them ran");
    assert!(said(&shown).iter().all(|it| !it.contains("unable")), "{:#?}", said(&shown));
    world.ecs.stop_all(PATIENCE).await;
}

/// A template's service, with a desired count or without.
fn declared(desired: Option<u32>) -> ServiceSpec {
    let mut create = service(0);
    create["desiredCount"] = json!(desired);
    ServiceSpec {
        name: "s".into(),
        arn: "arn:aws:ecs:us-east-1:000000000000:service/C/s".into(),
        cluster: "C".into(),
        definition: "app".into(),
        create,
    }
}

#[test]
fn a_service_and_its_desired_count_outlive_a_killed_aws() {
    let dir = tempfile::tempdir().unwrap();
    let open = || {
        let world = kept(World::open(ground(Store::open(dir.path()).unwrap(), FAST)));
        world.register("app", vec![shell("app", STAYS)]);
        world
    };
    let first = restart::runtime();
    let lost = first.block_on(async {
        let world = open();
        world.ecs.declare_service(&declared(None)).unwrap();
        assert_eq!(world.described().await["desiredCount"], 1, "unless the template says it");
        world.ecs.declare_service(&declared(Some(3))).unwrap();
        assert_eq!(world.described().await["desiredCount"], 3);
        world.ok("UpdateService", update(&json!({"desiredCount": 2}))).await;
        world.until_steady(2).await;
        world.tasks().await
    });
    first.shutdown_background();
    restart::runtime().block_on(async {
        let world = open();
        // The template is the one that it was, so what was set since holds.
        world.ecs.declare_service(&declared(Some(3))).unwrap();
        world.until_steady(2).await;
        assert!(world.tasks().await.iter().all(|task| !lost.contains(task)));
        let known = world.described().await["deployments"][0]["id"].clone();
        world.ecs.declare_service(&declared(Some(1))).unwrap();
        let after = world.until_steady(1).await;
        assert_eq!(after["deployments"][0]["id"], known, "a count is no deployment");
        world.ecs.stop_all(PATIENCE).await;
    });
}

#[tokio::test]
async fn base_and_weights_count_the_tasks_that_are_there() {
    let world = fast();
    let mut create = service(1);
    create["launchType"] = Value::Null;
    create["capacityProviderStrategy"] = json!([
        {"capacityProvider": "FARGATE", "base": 1, "weight": 0},
        {"capacityProvider": "FARGATE_SPOT", "weight": 1},
    ]);
    world.ok("CreateService", create).await;
    world.until_steady(1).await;
    world.ok("UpdateService", update(&json!({"desiredCount": 3}))).await;
    world.until_steady(3).await;
    let mut providers = Vec::new();
    for task in world.tasks().await {
        let shown = world.task(&task).await;
        providers.push(shown["capacityProviderName"].as_str().unwrap().to_owned());
    }
    providers.sort();
    assert_eq!(providers, ["FARGATE", "FARGATE_SPOT", "FARGATE_SPOT"]);
    world.ecs.stop_all(PATIENCE).await;
}
