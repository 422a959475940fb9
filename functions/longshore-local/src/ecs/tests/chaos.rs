//! ECS under chaos: no room, tokens that end early, tasks that are not seen yet.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{World, ground, run_input, shell};
use crate::{Chaos, Store};

/// So slow that no time passes.
const STILL: f64 = 1e-9;

fn disturbed(seed: u64, clock_speed: f64) -> World {
    let world = World::open(ground(Store::memory().unwrap(), clock_speed));
    world.register("app", vec![shell("app", "exec sleep 60")]);
    world.ecs.disturb_with(Chaos::new(seed, world.ground.clone()));
    world
}

/// The first seed with which a new chaos does this.
fn seed(wanted: impl Fn(&Chaos) -> bool) -> u64 {
    let ground = ground(Store::memory().unwrap(), STILL);
    (0..10_000).find(|seed| wanted(&Chaos::new(*seed, ground.clone()))).unwrap()
}

fn finds_room(chaos: &Chaos) -> bool {
    (0..4).all(|_| chaos.refuses_task("FARGATE").is_none())
}

#[tokio::test]
async fn some_tasks_find_no_room_and_the_others_run() {
    let world = disturbed(1, STILL);
    let (mut tasks, mut reasons) = (0, BTreeSet::new());
    for _ in 0..10 {
        let mut input = run_input("app");
        input["count"] = json!(10);
        let answer = world.call("RunTask", input).await.unwrap();
        let failures = answer["failures"].as_array().unwrap();
        let placed = answer["tasks"].as_array().unwrap().len();
        assert_eq!(placed + failures.len(), 10);
        tasks += placed;
        reasons.extend(failures.iter().map(|it| it["reason"].as_str().unwrap().to_owned()));
    }
    assert!((90..100).contains(&tasks), "{tasks} tasks of 100");
    let zone = "Capacity is unavailable at this time. Please try again later or in a different \
                availability zone";
    assert_eq!(reasons, [zone.to_owned(), "RESOURCE:FARGATE".to_owned()].into());
    world.ecs.stop_all(super::PATIENCE).await;
}

#[tokio::test]
async fn a_token_that_ends_early_holds_for_an_hour_and_the_others_for_a_day() {
    let ends_early_then_not =
        |chaos: &Chaos| chaos.ends_token_early() && !chaos.ends_token_early() && finds_room(chaos);
    let world = disturbed(seed(ends_early_then_not), STILL);
    for (token, hours) in [("early", 1), ("usual", 24)] {
        let mut input = run_input("app");
        input["clientToken"] = json!(token);
        let called_at = world.ground.clock.now();
        world.run(input).await;
        let state = world.ecs.state();
        let key = super::super::token::key("arn:aws:ecs:us-east-1:000000000000:cluster/C", token);
        let ends_at = called_at + SignedDuration::from_hours(hours);
        let holds = |at| state.tokens[&key].holds(&state.tasks, at);
        assert!(holds(ends_at - SignedDuration::from_millis(1)), "{token}");
        assert!(!holds(ends_at + SignedDuration::from_millis(1)), "{token}");
    }
    world.ecs.stop_all(super::PATIENCE).await;
}

/// How many of a hundred looks at the task do not find it.
async fn missing(world: &World, task: &str) -> usize {
    let mut missing = 0;
    for _ in 0..100 {
        let described = world.describe(task).await;
        let reason = &described["failures"][0]["reason"];
        assert_eq!(reason == "MISSING", described["tasks"] == json!([]), "{described}");
        missing += usize::from(*reason != Value::Null);
    }
    missing
}

#[tokio::test]
async fn a_new_task_is_missing_now_and_then_and_an_older_one_never() {
    let world = disturbed(seed(finds_room), STILL);
    let task = world.run(run_input("app")).await;
    let missed = missing(&world, &task).await;
    assert!((1..25).contains(&missed), "{missed} of 100");
    world.ecs.stop_all(super::PATIENCE).await;

    let world = disturbed(seed(finds_room), 100.0);
    let task = world.run(run_input("app")).await;
    let later = world.ground.clock.now() + SignedDuration::from_secs(6);
    world.ground.clock.sleep_until(later).await;
    assert_eq!(missing(&world, &task).await, 0);
    world.ecs.stop_all(super::PATIENCE).await;
}
