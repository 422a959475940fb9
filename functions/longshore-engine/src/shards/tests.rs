use longshore::run::{Addressee, Class, RunId, Stopping};
use serde_json::{Value, json};

use super::*;
use crate::{
    Handled,
    fakes::{Cloud, at_every_call, ready, tick, together, ways},
};

fn three(overlap: &str) -> Value {
    json!({"shards": 3, "overlap": overlap})
}

/// A cloud in which a tick of three shards is at work; its run.
fn at_work(overlap: &str) -> (Cloud, RunId) {
    let cloud = Cloud::new();
    let handled = cloud.deliver(&tick("00:00:00", &three(overlap))).unwrap();
    let Handled::Launched(tick) = handled else { panic!("{handled:?}") };
    (cloud, tick)
}

fn shard(cloud: &Cloud, tick: &RunId, number: usize) -> Run {
    let id = cloud.known(tick).shard_ids().nth(number).unwrap();
    cloud.known(&id)
}

/// The event that the shard's task has exited.
fn exit_of(cloud: &Cloud, tick: &RunId, number: usize, code: i32) -> String {
    cloud.exit_of(&shard(cloud, tick, number).task_arn.unwrap(), code)
}

fn ends(cloud: &Cloud, tick: &RunId, number: usize, code: i32) {
    cloud.observe(&exit_of(cloud, tick, number, code)).unwrap();
}

/// What every task was told of its shard.
fn told(cloud: &Cloud) -> Vec<String> {
    let shard = |name: &str, task: &crate::fakes::FakeTask| {
        task.launch.environment.get(name).cloned().unwrap_or_default()
    };
    let tasks = cloud.ecs.tasks();
    let mut told: Vec<_> = tasks
        .iter()
        .map(|task| {
            format!("{}/{}", shard("LONGSHORE_SHARD", task), shard("LONGSHORE_SHARDS", task))
        })
        .collect();
    told.sort();
    told
}

#[test]
fn a_tick_is_as_many_tasks_as_it_has_shards_and_ends_with_the_last() {
    let (cloud, tick) = at_work("skip");
    assert_eq!(told(&cloud), ["0/3", "1/3", "2/3"]);
    assert_eq!(cloud.ledger.slots().len(), 1, "the tick has the slot, and not its shards");
    for number in [1, 0] {
        ends(&cloud, &tick, number, 0);
        assert_eq!(cloud.known(&tick).state, State::Running);
    }
    ends(&cloud, &tick, 2, 0);
    let run = cloud.known(&tick);
    assert_eq!(
        (run.state, run.outcome.unwrap().reason),
        (State::Succeeded, "all 3 shards are done".into())
    );
    assert_eq!(cloud.ledger.slots(), []);
}

#[test]
fn a_shard_that_fails_is_tried_again_alone() {
    let (cloud, tick) = at_work("skip");
    ends(&cloud, &tick, 0, 0);
    drop(cloud.observe(&exit_of(&cloud, &tick, 1, 1)));
    ends(&cloud, &tick, 2, 0);
    cloud.minutes(1);
    assert_eq!(told(&cloud), ["0/3", "1/3", "1/3", "2/3"]);
    ends(&cloud, &tick, 1, 0);
    assert_eq!(cloud.known(&tick).state, State::Succeeded);
}

#[test]
fn a_tick_tells_once_which_shards_failed_and_those_alone_are_redriven() {
    let (cloud, tick) = at_work("skip");
    for (number, code) in [(0, 0), (1, 3), (2, 0)] {
        ends(&cloud, &tick, number, code);
    }
    let outcome = cloud.known(&tick).outcome.unwrap();
    assert_eq!((outcome.class, outcome.exit_code), (Class::Rejected, Some(3)));
    assert!(outcome.reason.starts_with("1 of 3 shards are not done: shard 1 (run "), "{outcome:?}");
    cloud.minutes(1);
    let failed = cloud.outlet.sent(Addressee::Failed);
    assert_eq!(failed.len(), 1, "{failed:?}");

    let run = cloud.known(&tick);
    let redriven = ready(redrive(&cloud.ledger, &*cloud.world, run, 1)).unwrap();
    assert!(matches!(redriven, Advanced::Done(_)), "{redriven:?}");
    cloud.minutes(1);
    assert_eq!(told(&cloud), ["0/3", "1/3", "1/3", "2/3"]);
    ends(&cloud, &tick, 1, 0);
    assert_eq!(cloud.known(&tick).state, State::Succeeded);
}

#[test]
fn a_redriven_tick_has_no_shard_begin_before_its_turn() {
    let (cloud, first) = at_work("skip");
    for (number, code) in [(0, 0), (1, 3), (2, 0)] {
        ends(&cloud, &first, number, code);
    }
    cloud.minutes(1);
    let Handled::Launched(other) = cloud.deliver(&tick("01:00:00", &three("skip"))).unwrap() else {
        panic!("it is not launched");
    };
    let run = cloud.known(&first);
    ready(redrive(&cloud.ledger, &*cloud.world, run, 1)).unwrap();
    cloud.minutes(3);
    assert_eq!(cloud.ecs.tasks().len(), 6, "the other tick is at work");
    for number in 0..3 {
        ends(&cloud, &other, number, 0);
    }
    assert_eq!(told(&cloud).iter().filter(|it| *it == "1/3").count(), 3, "its turn has come");
}

#[test]
fn a_shard_that_was_redriven_without_its_tick_ends() {
    let (cloud, tick) = at_work("skip");
    for (number, code) in [(0, 0), (1, 3), (2, 0)] {
        ends(&cloud, &tick, number, code);
    }
    cloud.minutes(1);
    cloud.take(&shard(&cloud, &tick, 1).id, &Step::Redrive { attempt: 1 });
    cloud.minutes(14);
    assert_eq!(shard(&cloud, &tick, 1).state, State::Admitted, "its tick may follow");
    cloud.minutes(3);
    let reason = shard(&cloud, &tick, 1).outcome.unwrap().reason;
    assert_eq!(reason, "cancelled by the end of its tick");
    assert_eq!(cloud.ecs.tasks().len(), 3);
}

#[test]
fn a_tick_whose_shards_are_at_work_is_at_work() {
    let (cloud, first) = at_work("skip");
    ends(&cloud, &first, 0, 0);
    cloud.world.pass(3_600);
    cloud.deliver(&tick("01:00:00", &three("skip"))).unwrap();
    let is_skipped = |run: &Run| run.outcome.as_ref().is_some_and(|it| it.class == Class::Skipped);
    assert_eq!(cloud.ledger.runs().iter().filter(|run| is_skipped(run)).count(), 1);
    assert_eq!(cloud.ecs.tasks().len(), 3, "no shard of the other has begun");
}

#[test]
fn a_tick_that_is_replaced_has_all_its_shards_stopped_first() {
    let (cloud, first) = at_work("replace");
    ends(&cloud, &first, 0, 0);
    cloud.world.pass(3_600);
    cloud.deliver(&tick("01:00:00", &three("replace"))).unwrap();
    let tasks = cloud.ecs.tasks();
    assert_eq!(tasks.len(), 3);
    for number in [1, 2] {
        let run = shard(&cloud, &first, number);
        assert!(matches!(run.stopping, Some(Stopping::Replace { .. })), "{run:?}");
        cloud.observe(&cloud.stop_of(&run.task_arn.unwrap())).unwrap();
    }
    assert_eq!(cloud.known(&first).state, State::Superseded);
    assert_eq!(shard(&cloud, &first, 0).state, State::Succeeded, "what is done is done");
    cloud.minutes(1);
    assert_eq!(cloud.ecs.tasks().len(), 6, "the three of the later tick");
}

#[test]
fn a_tick_that_is_cancelled_stops_all_its_shards() {
    let (cloud, tick) = at_work("skip");
    cloud.take(&tick, &Step::Stop { why: Stopping::Cancel { by: "ann".into() } });
    cloud.minutes(1);
    for number in 0..3 {
        let task = shard(&cloud, &tick, number).task_arn.unwrap();
        cloud.observe(&cloud.stop_of(&task)).unwrap();
    }
    assert_eq!(cloud.known(&tick).outcome.unwrap().reason, "cancelled by ann");
}

#[test]
fn a_pause_lets_a_tick_that_has_begun_come_to_its_end() {
    let (cloud, tick) = at_work("skip");
    cloud.ledger.pause("hourly", Some(crate::ports::Clock::now(&*cloud.world)));
    drop(cloud.observe(&exit_of(&cloud, &tick, 1, 1)));
    cloud.minutes(2);
    for number in [0, 1, 2] {
        ends(&cloud, &tick, number, 0);
    }
    assert_eq!(cloud.known(&tick).state, State::Succeeded);
}

#[test]
fn more_shards_than_permits_come_one_after_the_other() {
    let cloud = Cloud::with_permits(4);
    let schedule = json!({"shards": 64});
    cloud.deliver(&tick("00:00:00", &schedule)).unwrap();
    cloud.minutes(1);
    assert_eq!(cloud.ecs.tasks().len(), 64);
}

#[test]
fn a_death_at_any_call_neither_loses_nor_doubles_a_shard() {
    let body = tick("00:00:00", &three("skip"));
    let deaths = at_every_call(
        || (Cloud::new(), ()),
        |cloud, ()| cloud.deliver(&body),
        |cloud, (), first, at| {
            if first.is_err() {
                cloud.deliver(&body).unwrap();
            }
            cloud.minutes(4);
            assert_eq!(told(cloud), ["0/3", "1/3", "2/3"], "{at}");
        },
    );
    assert!(deaths > 20, "{deaths}");
}

#[test]
fn a_death_at_any_call_of_the_last_end_leaves_no_tick_at_work() {
    let scene = || {
        let (cloud, tick) = at_work("skip");
        ends(&cloud, &tick, 0, 0);
        ends(&cloud, &tick, 1, 3);
        let last = exit_of(&cloud, &tick, 2, 0);
        (cloud, (tick, last))
    };
    at_every_call(
        scene,
        |cloud, (_, last)| cloud.observe(last).map(drop),
        |cloud, (tick, last), first, at| {
            if first.is_err() {
                cloud.observe(last).unwrap();
            }
            cloud.minutes(6);
            assert_eq!(cloud.known(tick).state, State::Failed, "{at}");
            assert_eq!(cloud.outlet.read(Addressee::Failed).len(), 1, "{at}");
            assert_eq!(cloud.ledger.slots(), [], "{at}");
        },
    );
}

#[test]
fn two_shards_that_end_at_once_end_their_tick_once() {
    for way in ways() {
        let (cloud, tick) = at_work("skip");
        ends(&cloud, &tick, 0, 0);
        let [first, other] = [1, 2].map(|number| exit_of(&cloud, &tick, number, 0));
        let (a, b) = (cloud.fresh(), cloud.fresh());
        let (one, two) =
            together(cloud.observation(&a, &first), cloud.observation(&b, &other), way);
        assert!(one.is_ok() && two.is_ok(), "{way:?}");
        assert_eq!(cloud.known(&tick).state, State::Succeeded, "{way:?}");
        let ends = cloud.ledger.counts().iter().filter(|it| **it == Class::Succeeded).count();
        assert_eq!(ends, 4, "{way:?}: three shards and their tick");
    }
}
