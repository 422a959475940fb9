//! New deployments: rolled out, given up, rolled back.

use serde_json::{Value, json};

use super::{STAYS, fast, said, service, update};
use crate::ecs::tests::{PATIENCE, definition, shell};

/// Registers `app:2` with a container that this machine can start, or cannot.
fn second(world: &super::World, starts: bool) {
    let mut container = shell("app", STAYS);
    container.entrypoint = container.entrypoint.filter(|_| starts);
    let mut spec = definition("app", vec![container]);
    spec.arn = spec.arn.replace(":1", ":2");
    world.ecs.register(&spec).unwrap();
}

#[tokio::test]
async fn a_new_revision_takes_the_place_of_the_old_one() {
    let world = fast();
    world.ok("CreateService", service(2)).await;
    let before = world.until_steady(2).await["deployments"][0]["id"].clone();
    let same = world.ok("UpdateService", update(&json!({"taskDefinition": "app:1"}))).await;
    assert_eq!(same["service"]["deployments"][0]["id"], before, "nothing new, no deployment");
    second(&world, true);
    let old = world.tasks().await;
    let answer = world.ok("UpdateService", update(&json!({"taskDefinition": "app:2"}))).await;
    let deployments = &answer["service"]["deployments"];
    assert_eq!(deployments[0]["rolloutState"], "IN_PROGRESS");
    assert_eq!((&deployments[1]["id"], &deployments[1]["status"]), (&before, &json!("ACTIVE")));
    let after = world.until_steady(2).await;
    assert!(after["taskDefinition"].as_str().unwrap().ends_with("app:2"));
    for task in world.tasks().await {
        assert!(!old.contains(&task));
        let shown = world.task(&task).await;
        assert!(shown["taskDefinitionArn"].as_str().unwrap().ends_with("app:2"));
    }
    let forced = json!({"forceNewDeployment": true, "desiredCount": 1});
    world.ok("UpdateService", update(&forced)).await;
    let forced = world.until_steady(1).await;
    assert_ne!(forced["deployments"][0]["id"], after["deployments"][0]["id"]);
    world.ecs.stop_all(PATIENCE).await;
}

#[tokio::test]
async fn a_deployment_that_never_starts_is_rolled_back() {
    let world = fast();
    let mut create = service(1);
    create["deploymentConfiguration"] =
        json!({"deploymentCircuitBreaker": {"enable": true, "rollback": true}});
    world.ok("CreateService", create).await;
    let before = world.until_steady(1).await["deployments"][0]["id"].clone();
    let old = world.tasks().await;
    second(&world, false);
    world.ok("UpdateService", update(&json!({"taskDefinition": "app:2"}))).await;
    let told = |service: &Value| said(service).iter().any(|it| it.contains("rolling back"));
    world.until_service("rolled back", told).await;
    let after = world.until_steady(1).await;
    assert_eq!(after["deployments"][0]["id"], before);
    assert!(after["taskDefinition"].as_str().unwrap().ends_with("app:1"));
    assert_eq!(world.tasks().await, old, "what ran runs on");
    let said = said(&after);
    assert!(
        said.iter().any(|it| it.ends_with("consistently start tasks successfully.")),
        "{said:#?}"
    );
    world.ecs.stop_all(PATIENCE).await;
}

#[tokio::test]
async fn without_room_a_service_waits_and_then_starts() {
    let world = fast();
    world.ecs.place_with(crate::ecs::Placement::up_to(1));
    world.ok("CreateService", service(2)).await;
    let refused = |service: &Value| {
        service["runningCount"] == 1
            && said(service).iter().any(|it| it.contains("unable to place"))
    };
    world.until_service("short of room", refused).await;
    world.ecs.place_with(crate::ecs::Placement::up_to(10));
    world.until_steady(2).await;
    world.ecs.stop_all(PATIENCE).await;
}
