mod asked;
mod times;

use longshore::run::{Class, State, TaskChange, TaskStatus};
use serde_json::{Value, json};

use super::*;
use crate::{
    Handled,
    fakes::{Cloud, at_every_call, ready, tick, together, ways},
    ports::Clock,
};

const HOUR: i64 = 3_600;

fn overlap(word: &str) -> Value {
    json!({"overlap": word})
}

/// A cloud in which the tick of midnight is at work, and an hour has passed; its run.
fn at_work(settings: &Value) -> (Cloud, RunId) {
    let cloud = Cloud::new();
    let Handled::Launched(first) = cloud.deliver(&tick("00:00:00", settings)).unwrap() else {
        panic!("it is not launched");
    };
    minute(&cloud);
    cloud.world.pass(HOUR - 60);
    (cloud, first)
}

/// A minute in which all tasks that were started come to run.
fn minute(cloud: &Cloud) {
    for task in cloud.ecs.tasks() {
        if task.known.is_some_and(|it| it.status != TaskStatus::Stopped) {
            cloud.runs(&task.arn);
        }
    }
    cloud.minutes(1);
}

/// Delivers a tick; its run.
fn next(cloud: &Cloud, time: &str, settings: &Value) -> RunId {
    match cloud.deliver(&tick(time, settings)) {
        Ok(
            Handled::Launched(id)
            | Handled::Admitted(id)
            | Handled::Superseded(id)
            | Handled::Duplicate(id),
        )
        | Err(Trouble::Wait { run: id, .. }) => id,
        other => panic!("{other:?}"),
    }
}

fn class(cloud: &Cloud, run: &RunId) -> Class {
    cloud.known(run).outcome.expect("it has ended").class
}

/// The task of the run stops by itself, and its event comes.
fn ends(cloud: &Cloud, run: &RunId) {
    let task = cloud.known(run).task_arn.unwrap();
    cloud.observe(&cloud.exit_of(&task, 0)).unwrap();
}

/// Tasks that work.
fn working(cloud: &Cloud) -> usize {
    let is_over = |change: &TaskChange| change.status == TaskStatus::Stopped;
    cloud.ecs.tasks().iter().filter(|task| !task.known.as_ref().is_none_or(is_over)).count()
}

#[test]
fn one_tick_is_one_run_however_often_it_comes() {
    let (cloud, first) = at_work(&json!({}));
    for _ in 0..3 {
        assert_eq!(next(&cloud, "00:00:00", &json!({})), first);
    }
    assert_eq!((cloud.ledger.runs().len(), cloud.ecs.tasks().len()), (1, 1));
}

#[test]
fn by_itself_a_tick_is_skipped_while_another_is_at_work() {
    for settings in [json!({}), overlap("skip")] {
        let (cloud, first) = at_work(&settings);
        let second = next(&cloud, "01:00:00", &settings);
        assert_eq!(class(&cloud, &second), Class::Skipped);
        cloud.minutes(2);
        assert_eq!(cloud.ecs.tasks().len(), 1);
        ends(&cloud, &first);
        let third = next(&cloud, "02:00:00", &settings);
        assert_eq!(cloud.known(&third).state, State::Launched);
    }
}

#[test]
fn a_tick_between_two_attempts_is_at_work_too() {
    let (cloud, first) = at_work(&overlap("skip"));
    let task = cloud.known(&first).task_arn.unwrap();
    drop(cloud.observe(&cloud.exit_of(&task, 1)));
    assert_eq!(cloud.known(&first).state, State::Backoff);
    let second = next(&cloud, "01:00:00", &overlap("skip"));
    assert_eq!(class(&cloud, &second), Class::Skipped);
}

#[test]
fn ticks_that_queue_come_one_after_the_other() {
    let (cloud, first) = at_work(&overlap("queue"));
    let second = next(&cloud, "01:00:00", &overlap("queue"));
    cloud.world.pass(1);
    let third = next(&cloud, "02:00:00", &overlap("queue"));
    cloud.minutes(2);
    assert_eq!(cloud.ecs.tasks().len(), 1);
    ends(&cloud, &first);
    assert_eq!(cloud.known(&second).state, State::Launched);
    assert_eq!(cloud.known(&third).waits, Some(Wait::Slot));
    ends(&cloud, &second);
    assert_eq!(cloud.known(&third).state, State::Launched);
}

#[test]
fn ticks_that_may_overlap_do() {
    let (cloud, _) = at_work(&overlap("allow"));
    next(&cloud, "01:00:00", &overlap("allow"));
    assert_eq!(working(&cloud), 2);
}

#[test]
fn a_tick_takes_the_place_of_the_one_before() {
    let (cloud, first) = at_work(&overlap("replace"));
    let second = next(&cloud, "01:00:00", &overlap("replace"));
    let task = cloud.known(&first).task_arn.unwrap();
    assert_eq!(cloud.known(&second).waits, Some(Wait::Slot), "until the other has stopped");
    assert_eq!(cloud.ecs.tasks().len(), 1);
    assert_eq!(cloud.ecs.tasks()[0].stops.len(), 1, "at once");
    cloud.observe(&cloud.stop_of(&task)).unwrap();
    assert_eq!(class(&cloud, &first), Class::Superseded);
    assert_eq!(cloud.known(&second).state, State::Launched);
}

#[test]
fn the_newest_of_many_ticks_is_the_one_that_runs() {
    let (cloud, first) = at_work(&overlap("replace"));
    let ticks = ["01:00:00", "02:00:00", "03:00:00"];
    let [second, third, last] = ticks.map(|time| next(&cloud, time, &overlap("replace")));
    cloud.minutes(2);
    assert_eq!(cloud.known(&last).state, State::Launched);
    for replaced in [first, second, third] {
        assert_eq!(class(&cloud, &replaced), Class::Superseded);
    }
    assert_eq!(cloud.ecs.tasks().len(), 2);
}

#[test]
fn an_earlier_tick_that_comes_late_replaces_nothing() {
    let settings = overlap("replace");
    let cloud = Cloud::new();
    cloud.world.pass(HOUR);
    let later = next(&cloud, "01:00:00", &settings);
    let earlier = next(&cloud, "00:00:00", &settings);
    assert_eq!(class(&cloud, &earlier), Class::Superseded);
    assert_eq!(cloud.known(&later).state, State::Launched);
    assert!(cloud.ecs.tasks()[0].stops.is_empty());
}

#[test]
fn a_tick_in_backoff_gives_way_at_once() {
    let (cloud, first) = at_work(&overlap("replace"));
    let task = cloud.known(&first).task_arn.unwrap();
    drop(cloud.observe(&cloud.exit_of(&task, 1)));
    let second = next(&cloud, "01:00:00", &overlap("replace"));
    assert_eq!(cloud.known(&second).state, State::Launched);
    assert_eq!(class(&cloud, &first), Class::Superseded);
}

#[test]
fn ticks_of_a_paused_schedule_wait() {
    let (cloud, first) = at_work(&overlap("skip"));
    ends(&cloud, &first);
    cloud.ledger.pause("hourly", Some(cloud.world.now()));
    cloud.restart();
    let second = next(&cloud, "01:00:00", &overlap("skip"));
    assert_eq!(cloud.known(&second).waits, Some(Wait::Paused));
    cloud.ledger.pause("hourly", None);
    cloud.minutes(2);
    assert_eq!(cloud.known(&second).state, State::Launched);
}

#[test]
fn one_tick_waits_for_the_end_of_a_pause_and_the_others_are_skipped() {
    let settings = overlap("skip");
    let (cloud, first) = at_work(&settings);
    cloud.ledger.pause("hourly", Some(cloud.world.now()));
    cloud.restart();
    let during = next(&cloud, "01:00:00", &settings);
    assert_eq!(class(&cloud, &during), Class::Skipped, "one is at work");
    ends(&cloud, &first);
    let [waiting, later] = ["02:00:00", "03:00:00"].map(|time| {
        cloud.world.pass(1);
        next(&cloud, time, &settings)
    });
    assert_eq!(cloud.known(&waiting).waits, Some(Wait::Paused));
    assert_eq!(class(&cloud, &later), Class::Skipped, "one waits");
    cloud.minutes(2);
    cloud.ledger.pause("hourly", None);
    cloud.minutes(2);
    assert_eq!(cloud.known(&waiting).state, State::Launched);
}

#[test]
fn ticks_that_came_to_wait_together_do_not_run_one_after_the_other() {
    let settings = overlap("skip");
    let (cloud, first) = at_work(&settings);
    ends(&cloud, &first);
    cloud.ledger.pause("hourly", Some(cloud.world.now()));
    cloud.restart();
    let waiting = ["01:00:00", "02:00:00"].map(|time| {
        cloud.world.pass(1);
        next(&cloud, time, &overlap("queue"))
    });
    assert!(waiting.iter().all(|run| cloud.known(run).waits == Some(Wait::Paused)));
    // The newest settings count.
    next(&cloud, "03:00:00", &settings);
    cloud.minutes(2);
    assert_eq!(class(&cloud, &waiting[1]), Class::Skipped, "the sweep sees to it");
    assert_eq!(cloud.known(&waiting[0]).state, State::Admitted);
}

#[test]
fn a_death_at_any_call_of_a_tick_leaves_one_at_work() {
    for (word, ended) in [("skip", Class::Skipped), ("replace", Class::Superseded)] {
        let settings = overlap(word);
        let deliver =
            |cloud: &Cloud, _: &RunId| cloud.deliver(&tick("01:00:00", &settings)).is_ok();
        let deaths = at_every_call(
            || at_work(&settings),
            deliver,
            |cloud, first, is_heard, at| {
                if !is_heard {
                    drop(cloud.deliver(&tick("01:00:00", &settings)));
                }
                for _ in 0..6 {
                    minute(cloud);
                    assert!(working(cloud) <= 1, "{word}, {at}: two at once");
                }
                let second = cloud.ledger.runs().into_iter().find(|run| run.id != *first).unwrap();
                let (over, at_work) =
                    if word == "skip" { (&second.id, first) } else { (first, &second.id) };
                assert_eq!(class(cloud, over), ended, "{word}, {at}");
                assert_eq!(cloud.known(at_work).state, State::Running, "{word}, {at}");
                assert_eq!(working(cloud), 1, "{word}, {at}");
            },
        );
        assert!(deaths > 8, "{word}: {deaths}");
    }
}

#[test]
fn two_ticks_at_once_are_one_at_work() {
    for word in ["skip", "queue", "replace"] {
        let settings = overlap(word);
        for way in ways() {
            let cloud = Cloud::new();
            cloud.world.pass(2 * HOUR);
            let memories = [cloud.fresh(), cloud.fresh()];
            let bodies = [tick("01:00:00", &settings), tick("02:00:00", &settings)];
            let now = cloud.world.now();
            let deliver = |nth: usize| cloud.delivery(&memories[nth], &bodies[nth], now);
            let handled = ready(async { together(deliver(0), deliver(1), way) });
            for (nth, handled) in [handled.0, handled.1].into_iter().enumerate() {
                if handled.is_err() {
                    drop(cloud.deliver(&bodies[nth]));
                }
            }
            for _ in 0..6 {
                minute(&cloud);
                assert!(working(&cloud) <= 1, "{word}, {way:?}: two at once");
            }
            assert_eq!(working(&cloud), 1, "{word}, {way:?}: one is at work");
        }
    }
}
