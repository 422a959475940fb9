//! Tasks whose launch takes as long as it does on AWS.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{PATIENCE, World, ground, run_input, shell};
use crate::Store;

fn delayed(delay: Duration, clock_speed: f64) -> World {
    let world = World::open(ground(Store::memory().unwrap(), clock_speed));
    world.ecs.delay_launches(delay);
    world.register("app", vec![shell("app", "exec sleep 60")]);
    world
}

#[tokio::test]
async fn a_delayed_task_is_provisioned_and_pending_before_it_runs() {
    let mut world = delayed(Duration::from_secs(36), 100.0);
    let task = world.run(run_input("app")).await;
    let seen = world.until(&task, "RUNNING").await;
    let at =
        |event: &Value, name: &str| -> Timestamp { event[name].as_str().unwrap().parse().unwrap() };
    let [provisioning, pending, running] = &seen[..] else { panic!("{seen:?}") };
    let created = at(provisioning, "createdAt");
    let provisioned = at(pending, "pullStartedAt").duration_since(created).as_secs();
    let started = at(running, "startedAt").duration_since(created).as_secs();
    assert!(provisioned >= 12, "PROVISIONING for {provisioned} s of 12");
    assert!(started >= 36, "started after {started} s of 36");
    world.ecs.stop_all(PATIENCE).await;
}

#[tokio::test]
async fn a_task_is_stopped_while_its_launch_is_delayed() {
    for stop_at in ["PROVISIONING", "PENDING"] {
        let mut world = delayed(Duration::from_hours(1), 1_000.0);
        let task = world.run(run_input("app")).await;
        world.until(&task, stop_at).await;
        world.call("StopTask", json!({"cluster": "C", "task": task})).await.unwrap();
        let end = world.stopped(&task).await;
        assert_eq!(end["stopCode"], "UserInitiated", "{stop_at}");
        assert_eq!(end.get("startedAt"), None, "{stop_at}");
        assert_eq!(end["containers"][0].get("exitCode"), None, "{stop_at}");
    }
}
