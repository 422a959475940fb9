//! Tasks that run: their courses, exit codes and ends.

use expect_test::{Expect, expect};
use serde_json::json;

use super::{World, course, run_input, shell, world};
use crate::{Happening, ecs::Placement};

async fn check_end(script: &str, expected: Expect) {
    let mut world = world();
    world.register("app", vec![shell("app", script)]);
    let task = world.run(run_input("app")).await;
    let seen = world.until(&task, "STOPPED").await;
    let end = seen.last().unwrap();
    let code = &end["containers"][0]["exitCode"];
    let (stop, reason) = (&end["stopCode"], &end["stoppedReason"]);
    expected.assert_eq(&format!("{}\n{code} {stop} {reason}", course(&seen).join("\n")));
}

#[tokio::test]
async fn a_task_that_ends_at_once_passes_every_version_in_order() {
    check_end(
        "exit 7",
        expect![[r#"
        1 PROVISIONING RUNNING
        2 PENDING RUNNING
        3 RUNNING RUNNING
        4 DEPROVISIONING STOPPED
        5 STOPPED STOPPED
        7 "EssentialContainerExited" "Essential container in task exited""#]],
    )
    .await;
}

#[tokio::test]
async fn a_signal_is_told_as_128_and_its_number() {
    check_end(
        "kill -9 $$",
        expect![[r#"
        1 PROVISIONING RUNNING
        2 PENDING RUNNING
        3 RUNNING RUNNING
        4 DEPROVISIONING STOPPED
        5 STOPPED STOPPED
        137 "EssentialContainerExited" "Essential container in task exited""#]],
    )
    .await;
}

#[tokio::test]
async fn stop_task_sends_term_and_the_true_exit_code_is_told() {
    let mut world = world();
    let script = "trap 'exit 42' TERM; echo ready; while :; do sleep 60 & wait; done";
    world.register("app", vec![shell("app", script)]);
    let mut told = world.ground.activity.listen();
    let task = world.run(run_input("app")).await;
    let mut seen = world.until(&task, "RUNNING").await;
    heard(&mut told, "ready").await;
    let stop = json!({"cluster": "C", "task": task, "reason": "no more of it"});
    let answer = world.call("StopTask", stop.clone()).await.unwrap();
    assert_eq!(answer["task"]["desiredStatus"], "STOPPED");
    seen.extend(world.until(&task, "STOPPED").await);
    expect![[r"
        1 PROVISIONING RUNNING
        2 PENDING RUNNING
        3 RUNNING RUNNING
        4 RUNNING STOPPED
        5 DEPROVISIONING STOPPED
        6 STOPPED STOPPED"]]
    .assert_eq(&course(&seen).join("\n"));
    let end = seen.pop().unwrap();
    assert_eq!(end["containers"][0]["exitCode"], 42);
    assert_eq!(end["stopCode"], "UserInitiated");
    assert_eq!(end["stoppedReason"], "no more of it");
    let again = world.call("StopTask", stop).await.unwrap();
    assert_eq!(again["task"]["version"], 6, "a stopped task is answered as it is");
}

async fn heard(
    told: &mut tokio::sync::broadcast::Receiver<(jiff::Timestamp, Happening)>,
    word: &str,
) {
    loop {
        let (_, happening) =
            tokio::time::timeout(super::PATIENCE, told.recv()).await.unwrap().unwrap();
        if matches!(&happening, Happening::Printed { line, .. } if line == word) {
            return;
        }
    }
}

#[tokio::test]
async fn who_ignores_term_is_killed_after_the_stop_timeout() {
    let mut world = World::open(super::ground(crate::Store::memory().unwrap(), 100.0));
    let mut container = shell("app", "trap '' TERM; echo ready; while :; do sleep 60; done");
    container.stop_timeout_secs = 30;
    world.register("app", vec![container]);
    let mut told = world.ground.activity.listen();
    let task = world.run(run_input("app")).await;
    heard(&mut told, "ready").await;
    let stopping = world.ground.clock.now();
    world.call("StopTask", json!({"cluster": "C", "task": task})).await.unwrap();
    let end = world.stopped(&task).await;
    assert_eq!(end["containers"][0]["exitCode"], 137);
    let took = world.ground.clock.now().duration_since(stopping).as_secs();
    assert!(took >= 30, "killed after {took} s of 30");
}

#[tokio::test]
async fn a_container_that_is_not_essential_ends_without_its_task() {
    let mut world = world();
    let mut aside = shell("aside", "exit 5");
    aside.essential = false;
    let sibling = shell("sibling", "trap 'exit 9' TERM; while :; do sleep 60 & wait; done");
    world.register("app", vec![shell("app", "exec sleep 60"), aside, sibling]);
    let task = world.run(run_input("app")).await;
    let mut seen = world.until(&task, "RUNNING").await;
    seen.push(world.event().await);
    let aside = seen.last().unwrap();
    assert_eq!((&aside["lastStatus"], &aside["version"]), (&json!("RUNNING"), &json!(4)));
    assert_eq!(aside["containers"][1]["exitCode"], 5);
    world.call("StopTask", json!({"cluster": "C", "task": task})).await.unwrap();
    let end = world.stopped(&task).await;
    assert_eq!(end["containers"][0]["exitCode"], 143);
}

#[tokio::test]
async fn siblings_of_an_essential_exit_get_term() {
    let mut world = world();
    let sibling = shell("sibling", "exec sleep 60");
    world.register("app", vec![shell("app", "exit 3"), sibling]);
    let task = world.run(run_input("app")).await;
    let seen = world.until(&task, "STOPPED").await;
    expect![[r"
        1 PROVISIONING RUNNING
        2 PENDING RUNNING
        3 RUNNING RUNNING
        4 STOPPING STOPPED
        5 DEPROVISIONING STOPPED
        6 STOPPED STOPPED"]]
    .assert_eq(&course(&seen).join("\n"));
    let end = seen.last().unwrap();
    assert_eq!(end["containers"][0]["exitCode"], 3);
    assert_eq!(end["containers"][1]["exitCode"], 143);
    assert_eq!(end["stopCode"], "EssentialContainerExited");
}

#[tokio::test]
async fn tasks_without_room_are_failures_beside_those_with() {
    let mut world = world();
    world.register("app", vec![shell("app", "exec sleep 60")]);
    world.ecs.place_with(Placement::up_to(2));
    let mut input = run_input("app");
    input["count"] = json!(3);
    let answer = world.call("RunTask", input).await.unwrap();
    assert_eq!(answer["tasks"].as_array().unwrap().len(), 2);
    assert_eq!(answer["failures"], json!([{"reason": "RESOURCE:FARGATE"}]));
    let arn = answer["tasks"][0]["taskArn"].as_str().unwrap();
    world.until(arn, "RUNNING").await;
    world.ecs.stop_all(super::PATIENCE).await;
    let end = world.stopped(arn).await;
    assert_eq!(end["stopCode"], "InfrastructureHealth");
    assert_eq!(end["containers"][0]["exitCode"], 143);
    let refused = world.call("RunTask", run_input("app")).await.unwrap_err();
    assert_eq!((refused.status, refused.code.as_str()), (500, "ServerException"));
}

#[tokio::test]
async fn a_shutdown_past_its_deadline_kills() {
    let mut world = world();
    world.register(
        "app",
        vec![shell("app", "trap '' TERM; echo ready; while :; do sleep 60; done")],
    );
    let mut told = world.ground.activity.listen();
    let task = world.run(run_input("app")).await;
    heard(&mut told, "ready").await;
    world.ecs.stop_all(std::time::Duration::ZERO).await;
    assert_eq!(world.stopped(&task).await["containers"][0]["exitCode"], 137);
}
