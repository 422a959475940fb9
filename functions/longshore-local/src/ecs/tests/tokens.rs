//! The laws of client tokens.

use serde_json::{Value, json};

use super::{World, ground, run_input, shell, world};
use crate::{Store, ecs::Placement};

/// Runs so fast that an hour passes in 36 ms.
const FAST: f64 = 100_000.0;

fn with_token(token: &str) -> Value {
    let mut input = run_input("app");
    input["clientToken"] = json!(token);
    input
}

async fn arn(world: &World, input: Value) -> Value {
    world.call("RunTask", input).await.unwrap()["tasks"][0]["taskArn"].clone()
}

#[tokio::test]
async fn one_token_is_one_task_for_good_or_a_conflict() {
    let mut world = world();
    world.register("app", vec![shell("app", "exit 0")]);
    let first = world.call("RunTask", with_token("t")).await.unwrap();
    let task = first["tasks"][0]["taskArn"].as_str().unwrap().to_owned();
    world.stopped(&task).await;
    assert_eq!(world.call("RunTask", with_token("t")).await.unwrap(), first);
    let mut other = with_token("t");
    other["startedBy"] = json!("somebody/else");
    let conflict = world.call("RunTask", other).await.unwrap_err();
    assert_eq!((conflict.status, conflict.code.as_str()), (400, "ConflictException"));
    assert_eq!(conflict.fields["resourceIds"], json!([task]));
    assert_ne!(arn(&world, with_token("u")).await, json!(task));
}

#[tokio::test]
async fn a_token_is_of_its_cluster_by_whatever_name() {
    let world = world();
    world.register("app", vec![shell("app", "exit 0")]);
    world.call("CreateCluster", json!({"clusterName": "D"})).await.unwrap();
    let in_cluster = |cluster: &str| {
        let mut input = with_token("t");
        input["cluster"] = json!(cluster);
        input
    };
    let first = arn(&world, in_cluster("C")).await;
    assert_eq!(
        arn(&world, in_cluster("arn:aws:ecs:us-east-1:000000000000:cluster/C")).await,
        first
    );
    assert_ne!(arn(&world, in_cluster("D")).await, first);
}

#[tokio::test]
async fn a_token_outlives_a_deregistered_definition_and_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::open(ground(Store::open(dir.path()).unwrap(), 1.0));
    world.register("app", vec![shell("app", "exit 0")]);
    let first = world.call("RunTask", with_token("t")).await.unwrap();
    world.stopped(first["tasks"][0]["taskArn"].as_str().unwrap()).await;
    let revision = json!({"taskDefinition": "app:1"});
    world.call("DeregisterTaskDefinition", revision).await.unwrap();
    drop(world);
    let world = World::open(ground(Store::open(dir.path()).unwrap(), 1.0));
    assert_eq!(world.call("RunTask", with_token("t")).await.unwrap(), first);
}

#[tokio::test]
async fn an_answer_of_failures_is_kept_too() {
    let world = world();
    world.register("app", vec![shell("app", "exit 0")]);
    world.ecs.place_with(Placement::up_to(0));
    let first = world.call("RunTask", with_token("t")).await.unwrap();
    assert_eq!(first, json!({"tasks": [], "failures": [{"reason": "RESOURCE:FARGATE"}]}));
    world.ecs.place_with(Placement::up_to(9));
    assert_eq!(world.call("RunTask", with_token("t")).await.unwrap(), first);
}

#[tokio::test]
async fn a_refused_request_does_not_use_up_its_token() {
    let world = world();
    let refused = world.call("RunTask", with_token("t")).await.unwrap_err();
    assert_eq!(refused.code, "ClientException");
    world.register("app", vec![shell("app", "exit 0")]);
    assert_ne!(arn(&world, with_token("t")).await, Value::Null);
}

#[tokio::test]
async fn an_hour_after_its_task_stopped_a_token_starts_another_and_the_task_is_missing() {
    let mut world = World::open(ground(Store::memory().unwrap(), FAST));
    world.register("app", vec![shell("app", "exit 0")]);
    let task = world.run(with_token("t")).await;
    let end = world.stopped(&task).await;
    let stopped_at: jiff::Timestamp = end["stoppedAt"].as_str().unwrap().parse().unwrap();
    let an_hour = jiff::SignedDuration::from_hours(1);
    world.ground.clock.sleep_until(stopped_at + an_hour * 2).await;
    let described = world.describe(&task).await;
    assert_eq!(described, json!({"tasks": [], "failures": [{"arn": task, "reason": "MISSING"}]}));
    assert_ne!(world.run(with_token("t")).await, task);
}

#[tokio::test]
async fn a_token_ends_after_a_day_even_while_its_task_runs() {
    let mut world = World::open(ground(Store::memory().unwrap(), FAST));
    world.register("app", vec![shell("app", "exec sleep 60")]);
    let task = world.run(with_token("t")).await;
    let seen = world.until(&task, "RUNNING").await;
    let created_at: jiff::Timestamp = seen[0]["createdAt"].as_str().unwrap().parse().unwrap();
    let hours = jiff::SignedDuration::from_hours;
    world.ground.clock.sleep_until(created_at + hours(20)).await;
    let retried = arn(&world, with_token("t")).await;
    let asked_within_a_day = world.ground.clock.now() < created_at + hours(24);
    assert!(retried == json!(task) || !asked_within_a_day);
    world.ground.clock.sleep_until(created_at + hours(25)).await;
    assert_ne!(arn(&world, with_token("t")).await, json!(task));
    world.ecs.stop_all(super::PATIENCE).await;
}
