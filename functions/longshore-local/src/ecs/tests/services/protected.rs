//! Protection: asked for by the API and by the container itself.

use expect_test::expect;
use http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{super::restart, STAYS, World, fast, ground, kept, service, update};
use crate::{
    Store,
    ecs::tests::{PATIENCE, run_input, shell},
};

/// So slow that no protection expires.
fn slow() -> World {
    let world = kept(World::open(ground(Store::memory().unwrap(), 1.0)));
    world.register("app", vec![shell("app", STAYS)]);
    world
}

async fn protect(world: &World, tasks: &[String], minutes: u32) -> Value {
    let input = json!({"cluster": "C", "tasks": tasks, "protectionEnabled": true,
        "expiresInMinutes": minutes});
    world.ok("UpdateTaskProtection", input).await
}

fn seconds(at: Timestamp) -> f64 {
    at.duration_since(Timestamp::UNIX_EPOCH).as_secs_f64()
}

async fn container(world: &World, task: &str) -> String {
    world.task(task).await["containers"][0]["runtimeId"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_scale_in_stops_none_but_unprotected_tasks() {
    let world = slow();
    world.ok("CreateService", service(4)).await;
    world.until_steady(4).await;
    let tasks = world.tasks().await;
    let answer = protect(&world, &tasks[..2], 60).await;
    assert_eq!(answer["protectedTasks"][1]["taskArn"], tasks[1]);
    world.ok("UpdateService", update(&json!({"desiredCount": 1}))).await;
    world.until_service("as small as it may be", |it| it["runningCount"] == 2).await;
    assert_eq!(world.tasks().await, tasks[..2]);
    // Two are protected where one shall be: neither gets more time until the other gives it up.
    let answer = protect(&world, &tasks[..1], 60).await;
    assert_eq!(
        answer,
        json!({"protectedTasks": [],
            "failures": [{"arn": tasks[0], "reason": "DEPLOYMENT_BLOCKED"}]})
    );
    let off = json!({"cluster": "C", "tasks": [tasks[0]], "protectionEnabled": false});
    world.ok("UpdateTaskProtection", off).await;
    world.until_steady(1).await;
    assert_eq!(world.tasks().await, tasks[1..2]);
    assert_eq!(protect(&world, &tasks[1..2], 60).await["failures"], json!([]));
    world.ecs.stop_all(PATIENCE).await;
}

#[tokio::test]
async fn protection_ends_by_the_clock_and_the_task_then_gives_way() {
    let world = fast();
    world.ok("CreateService", service(1)).await;
    world.until_steady(1).await;
    let tasks = world.tasks().await;
    let asked = world.ground.clock.now();
    protect(&world, &tasks, 2).await;
    world.ok("UpdateService", update(&json!({"forceNewDeployment": true}))).await;
    world.until_steady(1).await;
    let stopping = world.task(&tasks[0]).await["stoppingAt"].as_f64().unwrap();
    let took = stopping - seconds(asked);
    assert!(took >= 120.0, "stopped after {took} s of 120");
    world.ecs.stop_all(PATIENCE).await;
}

#[tokio::test]
async fn a_container_protects_its_task() {
    let world = slow();
    world.ok("CreateService", service(1)).await;
    world.until_steady(1).await;
    let task = world.tasks().await.remove(0);
    let id = container(&world, &task).await;
    let of_none = world.run(run_input("app")).await;
    let alone = format!("{}-0000000000", of_none.rsplit('/').next().unwrap());
    let ask = |method: Method, id: &str, body: &str| {
        let (status, answer) = world.ecs.agent(&method, id, body.as_bytes());
        let text = answer.to_string().replace(&task, "TASK").replace(&of_none, "ALONE");
        let date = answer["protection"]["ExpirationDate"].as_str().unwrap_or("-");
        format!("{status} {}\n", text.replace(date, "DATE"))
    };
    let put = |body: &str| ask(Method::PUT, &id, body);
    let answers = [
        ask(Method::GET, &id, ""),
        put(r#"{"ProtectionEnabled":true}"#),
        ask(Method::GET, &id, ""),
        put(r#"{"ProtectionEnabled":true,"ExpiresInMinutes":2880}"#),
        put(r#"{"ProtectionEnabled":false}"#),
        put(r#"{"ProtectionEnabled":true,"ExpiresInMinutes":2881}"#),
        put(r#"{"ProtectionEnabled":true,"ExpiresInMinutes":0}"#),
        put(r#"{"ProtectionEnabled":true,"Expires":1}"#),
        put(r#"{"ExpiresInMinutes":1}"#),
        put("protect me"),
        ask(Method::PUT, &alone, r#"{"ProtectionEnabled":true}"#),
        ask(Method::GET, &alone, ""),
        ask(Method::GET, "none-0", ""),
    ];
    expect![[r#"
        200 {"protection":{"ExpirationDate":null,"ProtectionEnabled":false,"TaskArn":"TASK"}}
        200 {"protection":{"ExpirationDate":"DATE","ProtectionEnabled":true,"TaskArn":"TASK"}}
        200 {"protection":{"ExpirationDate":"DATE","ProtectionEnabled":true,"TaskArn":"TASK"}}
        200 {"protection":{"ExpirationDate":"DATE","ProtectionEnabled":true,"TaskArn":"TASK"}}
        200 {"protection":{"ExpirationDate":null,"ProtectionEnabled":false,"TaskArn":"TASK"}}
        400 {"error":{"Arn":"TASK","Code":"InvalidParameterException","Message":"expiresInMinutes must be from 1 to 2880."}}
        400 {"error":{"Arn":"TASK","Code":"InvalidParameterException","Message":"expiresInMinutes must be from 1 to 2880."}}
        400 {"error":{"Code":"InvalidParameterException","Message":"UpdateTaskProtection: failed to decode request"}}
        400 {"error":{"Arn":"TASK","Code":"InvalidParameterException","Message":"Invalid request: does not contain 'ProtectionEnabled' field"}}
        400 {"error":{"Code":"InvalidParameterException","Message":"UpdateTaskProtection: failed to decode request"}}
        200 {"failure":{"Arn":"ALONE","Detail":null,"Reason":"TASK_NOT_VALID"}}
        200 {"failure":{"Arn":"ALONE","Detail":null,"Reason":"TASK_NOT_VALID"}}
        404 {"error":{"Code":"ResourceNotFoundException","Message":"Failed to find a task for the request"}}
    "#]].assert_eq(&answers.concat());
    world.ok("UpdateService", update(&json!({"desiredCount": 0}))).await;
    world.until_steady(0).await;
    assert!(put(r#"{"ProtectionEnabled":true}"#).contains("TASK_NOT_VALID"), "it has ended");
    world.ecs.stop_all(PATIENCE).await;
}

#[tokio::test]
async fn protection_holds_for_two_hours_unless_told() {
    let world = slow();
    world.ok("CreateService", service(1)).await;
    world.until_steady(1).await;
    let tasks = world.tasks().await;
    let input = json!({"cluster": "C", "tasks": tasks, "protectionEnabled": true});
    let began = seconds(world.ground.clock.now());
    let answer = world.ok("UpdateTaskProtection", input).await;
    let ends = answer["protectedTasks"][0]["expirationDate"].as_f64().unwrap();
    assert!((7_199.9..7_260.0).contains(&(ends - began)), "{}", ends - began);
    let ask = json!({"cluster": "C", "tasks": tasks});
    let known = world.ok("GetTaskProtection", ask).await;
    assert_eq!(known["protectedTasks"], answer["protectedTasks"]);
    world.ecs.stop_all(PATIENCE).await;
}

#[test]
fn protection_outlives_a_killed_aws() {
    let dir = tempfile::tempdir().unwrap();
    let open = || World::open(ground(Store::open(dir.path()).unwrap(), 1.0));
    let first = restart::runtime();
    let task = first.block_on(async {
        let world = kept(open());
        world.register("app", vec![shell("app", STAYS)]);
        world.ok("CreateService", service(1)).await;
        world.until_steady(1).await;
        let tasks = world.tasks().await;
        protect(&world, &tasks, 60).await;
        tasks[0].clone()
    });
    first.shutdown_background();
    restart::runtime().block_on(async {
        let world = open();
        let input = json!({"cluster": "C", "tasks": [task]});
        let known = world.ok("GetTaskProtection", input).await;
        assert_eq!(known["protectedTasks"][0]["protectionEnabled"], true);
    });
}
