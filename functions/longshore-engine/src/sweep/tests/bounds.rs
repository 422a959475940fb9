//! What a sweep leaves to the next one, and what it does not let stand in its way.

use std::time::Duration;

use longshore::run::RunId;

use super::*;
use crate::{
    fakes::{Answer, about, shard},
    ports::{Clock, Pause},
};

/// Runs of one shard whose answer was lost, the oldest first, a second apart.
fn crowd(cloud: &Cloud, of: u8, count: usize) -> Vec<RunId> {
    let mut crowd = Vec::new();
    for nth in 0.. {
        let body = about(&format!("object {nth}"), &json!({}));
        let id = run_of(&body);
        if shard(&id) == of {
            cloud.ecs.answers([Answer::TimedOut]);
            cloud.deliver(&body).unwrap();
            cloud.world.pass(1);
            crowd.push(id);
        }
        if crowd.len() == count {
            break;
        }
    }
    crowd
}

fn run_of(body: &str) -> RunId {
    let envelope = longshore::trigger::Envelope::parse(body).unwrap();
    longshore::trigger::plan(&envelope.trigger, &envelope.event).run
}

fn launched(cloud: &Cloud) -> Vec<RunId> {
    let is_launched = |run: &Run| run.state == State::Launched;
    cloud.ledger.runs().into_iter().filter(is_launched).map(|run| run.id).collect()
}

#[test]
fn the_oldest_come_first_and_no_shard_takes_more_than_its_share_of_a_round() {
    let cloud = Cloud::new();
    let many = crowd(&cloud, 7, RUNS_PER_SHARD_MAX + 3);
    let last = crowd(&cloud, 8, 1).remove(0);
    let calls_before = cloud.ecs.calls().len();
    cloud.world.pass(200);
    let swept = ready(cloud.sweeping(&cloud.fresh(), 7..=8, 60)).unwrap();
    assert_eq!((swept.seen, swept.launched), (12, 12));
    let when = |id: &RunId| {
        let run = cloud.known(id);
        run.history.last().unwrap().at
    };
    let (first_round, next_round) = many.split_at(RUNS_PER_SHARD_MAX);
    let first = when(&last);
    assert!(first_round.iter().all(|id| when(id) == first), "it comes with the oldest");
    assert!(next_round.iter().all(|id| when(id) > first), "and before the rest");
    assert_eq!(cloud.ecs.calls().len(), 2 * calls_before);
}

#[test]
fn it_stops_in_time_and_the_next_one_goes_on() {
    let cloud = Cloud::new();
    for shard in 0..6 {
        crowd(&cloud, shard, 1);
    }
    cloud.world.pass(200);
    *crate::fakes::lock(&cloud.ledger.write_secs) = 10;
    let began = cloud.world.now();
    let swept = ready(cloud.sweeping(&cloud.fresh(), 0..=5, 30)).unwrap();
    let took = cloud.world.now().duration_since(began).as_secs();
    assert!((30..60).contains(&took), "no more than the run it was at: {took} s");
    assert!((1..6).contains(&swept.seen), "{swept:?}");
    *crate::fakes::lock(&cloud.ledger.write_secs) = 0;
    cloud.minutes(4);
    assert_eq!(launched(&cloud).len(), 6);
}

#[test]
fn a_sweep_whose_time_is_over_does_nothing() {
    let cloud = Cloud::new();
    crowd(&cloud, 0, 1);
    cloud.world.pass(200);
    assert_eq!(ready(cloud.sweeping(&cloud.fresh(), 0..=5, 0)).unwrap(), Swept::default());
}

#[test]
fn it_waits_for_permits_no_longer_than_it_has() {
    let cloud = Cloud::new();
    crowd(&cloud, 1, 8);
    cloud.world.pass(200);
    let began = cloud.world.now();
    let swept = ready(cloud.sweeping(&Cloud::slower(1), 1..=1, 5)).unwrap();
    assert!((4..=6).contains(&swept.launched), "{swept:?}");
    assert!(cloud.world.now().duration_since(began).as_secs() <= 6);
    ready(cloud.world.sleep(Duration::from_secs(1)));
    let swept = ready(cloud.sweeping(&Cloud::slower(1), 1..=1, 60)).unwrap();
    assert_eq!(launched(&cloud).len(), 8, "{swept:?}");
}

#[test]
fn runs_that_cannot_be_looked_at_keep_no_other_waiting() {
    let cloud = Cloud::new();
    let crowd = crowd(&cloud, 3, RUNS_PER_SHARD_MAX + 1);
    cloud.world.pass(200);
    cloud.minutes(2);
    let tasks = cloud.ecs.tasks();
    let last = crowd.last().unwrap();
    for task in &tasks {
        cloud.exits(&task.arn, 0);
        if task.launch.id.run != *last {
            cloud.ecs.cannot_say(&task.arn);
        }
    }
    cloud.minutes(6);
    assert_eq!(cloud.known(last).state, State::Succeeded);
    assert!(cloud.known(&crowd[0]).due.is_some(), "and they are looked at again");
}

#[test]
fn runs_whose_rows_are_broken_keep_no_other_waiting() {
    let cloud = Cloud::new();
    let mut broken = crowd(&cloud, 7, RUNS_PER_SHARD_MAX + 1);
    let good = broken.pop().unwrap();
    for id in &broken {
        cloud.ledger.lose_launches(id);
    }
    cloud.world.pass(200);
    cloud.minutes(3);
    assert_eq!(launched(&cloud), [good]);
}

#[test]
fn a_bus_that_takes_nothing_keeps_no_launch_waiting() {
    let cloud = Cloud::new();
    let crowd = crowd(&cloud, 3, RUNS_PER_SHARD_MAX);
    cloud.world.pass(200);
    cloud.sweep().unwrap();
    cloud.outlet.close(true);
    for task in cloud.ecs.tasks() {
        cloud.observe(&cloud.exit_of(&task.arn, 0)).unwrap_err();
    }
    assert!(crowd.iter().all(|id| cloud.known(id).state == State::Succeeded));
    let keys = (0..).map(|nth| about(&format!("late {nth}"), &json!({})));
    let body = keys.into_iter().find(|body| shard(&run_of(body)) == 3).unwrap();
    cloud.ecs.answers([Answer::TimedOut]);
    cloud.deliver(&body).unwrap();
    cloud.minutes(6);
    assert_eq!(launched(&cloud), [run_of(&body)]);
    cloud.outlet.close(false);
    cloud.minutes(5);
    assert_eq!(cloud.outlet.read(Addressee::Bus).len(), crowd.len());
}

#[test]
fn whoever_waits_for_an_older_version_keeps_no_other_of_the_trigger_waiting() {
    let cloud = Cloud::new();
    let settings = json!({"concurrency": 2});
    cloud.deliver(&with_settings("v1", "0A", &settings)).unwrap();
    cloud.world.pass(1);
    cloud.ledger.pause("uploads", Some(cloud.world.now()));
    cloud.restart();
    cloud.deliver(&with_settings("v2", "0B", &settings)).unwrap();
    cloud.world.pass(1);
    cloud.deliver(&about("another", &settings)).unwrap();
    cloud.ledger.pause("uploads", None);
    cloud.restart();
    ready(cloud.sweeping(&cloud.fresh(), 0..=0, 60)).unwrap();
    assert_eq!(cloud.ecs.tasks().len(), 2);
}
