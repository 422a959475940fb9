//! Newer versions, and what ended runs leave behind.

use longshore::run::{Step, Wait};

use super::*;
use crate::fakes::about_version;

/// Objects k and l at their first version are being worked on.
fn at_work() -> (Cloud, FakeTask) {
    let cloud = Cloud::new();
    cloud.deliver_all(&bodies(&["k", "l"]));
    let task = cloud.task();
    ready(claim_fence(&cloud.ledger, &*cloud.world, &task.launch.id, &task.arn)).unwrap();
    (cloud, task)
}

fn newer(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| about_version(key, "0B", &batch(100))).collect()
}

fn version(key: &str, sequencer: &str) -> (String, String) {
    (key.to_owned(), sequencer.to_owned())
}

fn waiting(cloud: &Cloud) -> Vec<Run> {
    live(cloud).into_iter().filter(|run| matches!(run.waits, Some(Wait::Older(_)))).collect()
}

#[test]
fn a_newer_version_waits_until_the_older_one_is_done() {
    let (cloud, task) = at_work();
    for handled in cloud.deliver_all(&newer(&["l", "m"])) {
        assert!(matches!(handled, Ok(Handled::Admitted(_))), "{handled:?}");
    }
    cloud.minutes(3);
    let waits = waiting(&cloud);
    assert_eq!((waits.len(), waits[0].state), (1, State::Forming));
    assert_eq!(cloud.ecs.tasks().len(), 1);
    works(&cloud, &task, Some(""), 0);
    cloud.minutes(2);
    assert_eq!(cloud.ecs.tasks().len(), 2);
    assert_eq!(objects(&cloud, &waits[0].id).len(), 2);
}

#[test]
fn an_older_version_that_comes_late_is_left_out() {
    let cloud = Cloud::new();
    cloud.deliver_all(&newer(&["k"]));
    cloud.deliver_all(&bodies(&["k", "l"]));
    cloud.minutes(2);
    let tasks: Vec<_> = tasks_by_object(&cloud).into_keys().collect();
    assert_eq!(tasks, [version("k", "0B"), version("l", "0A")]);
}

#[test]
fn of_two_versions_that_come_together_the_newest_counts() {
    let cloud = Cloud::new();
    let messages = [bodies(&["k", "l"]), newer(&["k"])].concat();
    assert!(cloud.deliver_all(&messages).iter().all(Result::is_ok));
    let all = objects(&cloud, &cloud.run().id);
    assert_eq!(all.len(), 2);
    assert!(all.contains(&version("k", "0B")), "{all:?}");
    assert!(cloud.run().history.iter().any(|entry| entry.note.contains("2 of 3 objects")));
}

#[test]
fn runs_that_each_want_what_the_other_has_do_not_wait_for_ever() {
    // Each has the newer version of one object and the older of the other.
    let one = [newer(&["k"]), bodies(&["l"])].concat();
    let other = [bodies(&["k"]), newer(&["l"])].concat();
    for way in (0..30).flat_map(|first| (0..30).step_by(2).map(move |other| (first, other))) {
        let cloud = Cloud::new();
        let (a, b) = (cloud.fresh(), cloud.fresh());
        let now = cloud.world.now();
        let one: Vec<_> = one.iter().map(String::as_str).collect();
        let other: Vec<_> = other.iter().map(String::as_str).collect();
        let (first, second) =
            together(cloud.delivery_of(&a, &one, now), cloud.delivery_of(&b, &other, now), way);
        assert!(first.iter().chain(&second).all(Result::is_ok), "{way:?}");
        for _ in 0..6 {
            let tasks = cloud.ecs.tasks().into_iter();
            for task in tasks
                .filter(|task| cloud.known(&task.launch.id.run).state == State::Launched)
                .collect::<Vec<_>>()
            {
                works(&cloud, &task, Some(""), 0);
            }
            cloud.minutes(1);
        }
        assert!(live(&cloud).is_empty(), "{way:?}: {:?}", live(&cloud));
        let done = tasks_by_object(&cloud);
        for key in ["k", "l"] {
            assert_eq!(done.get(&version(key, "0B")), Some(&1), "{way:?}");
        }
    }
}

#[test]
fn a_redriven_run_leaves_what_a_newer_one_has() {
    let (cloud, task) = at_work();
    works(&cloud, &task, Some("0-1"), 3);
    let failed = cloud.run();
    assert_eq!(failed.state, State::Failed);
    cloud.deliver_all(&newer(&["k"]));
    cloud.minutes(2);
    cloud.take(&failed.id, &Step::Redrive { attempt: 1 });
    cloud.minutes(2);
    let again = cloud.known(&failed.id);
    assert_eq!(again.state, State::Launched);
    assert_eq!(again.input.object().unwrap().key, "l");
}

#[test]
fn a_trigger_that_gathers_no_more_takes_over_what_was_gathered() {
    let (cloud, task) = at_work();
    let alone = |sequencer| about_version("k", sequencer, &json!({"retry": {"attempts": 2}}));
    assert!(matches!(cloud.deliver(&alone("0A")), Ok(Handled::Superseded(_))), "a copy");
    assert!(matches!(cloud.deliver(&alone("0B")), Ok(Handled::Admitted(_))));
    cloud.minutes(2);
    assert_eq!((cloud.ecs.tasks().len(), waiting(&cloud).len()), (1, 1));
    works(&cloud, &task, Some(""), 0);
    cloud.minutes(2);
    assert_eq!(cloud.ecs.tasks().len(), 2, "the ended run holds nothing");
    let task = cloud.ecs.tasks().pop().unwrap();
    assert_eq!(task.launch.environment["LONGSHORE_VERSION_ID"], "v0B");
}

#[test]
fn a_trigger_that_gathers_from_now_on_waits_for_what_is_under_way() {
    let cloud = Cloud::new();
    cloud.deliver(&about("k", &json!({}))).unwrap();
    cloud.deliver_all(&newer(&["k", "l"]));
    cloud.minutes(2);
    assert_eq!((cloud.ecs.tasks().len(), waiting(&cloud).len()), (1, 1));
    works(&cloud, &cloud.task(), None, 0);
    cloud.minutes(2);
    assert_eq!(cloud.ecs.tasks().len(), 2);
    cloud.deliver_all(&bodies(&["k"]));
    cloud.minutes(2);
    assert_eq!(tasks_by_object(&cloud)[&version("k", "0A")], 1, "a late copy");
}

#[test]
fn every_version_counts_where_all_do_and_only_once() {
    let cloud = Cloud::new();
    let all = json!({"order": "all", "batch": {"objects": 100}});
    let k = |sequencer: &str| about_version("k", sequencer, &all);
    cloud.deliver_all(&[k("0A"), k("0B"), about("l", &all)]);
    cloud.deliver_all(&[k("0B"), k("0C")]);
    cloud.deliver(&about_version("k", "0C", &json!({"order": "all"}))).unwrap();
    cloud.deliver(&about_version("k", "0D", &json!({"order": "all"}))).unwrap();
    cloud.deliver_all(&[k("0D")]);
    cloud.minutes(2);
    let tasks = tasks_by_object(&cloud);
    assert_eq!(tasks.len(), 5, "{tasks:?}");
    assert!(tasks.values().all(|count| *count == 1), "{tasks:?}");
}

#[test]
fn a_limit_holds_for_runs_of_several_objects_too() {
    let cloud = Cloud::new();
    let limited = json!({"batch": {"objects": 2}, "concurrency": 1});
    let messages: Vec<_> = (0..6).map(|nth| about(&format!("k{nth}"), &limited)).collect();
    cloud.deliver_all(&messages);
    assert_eq!((cloud.ledger.runs().len(), cloud.ecs.tasks().len()), (3, 1));
    for nth in 1..3 {
        works(&cloud, &cloud.ecs.tasks().pop().unwrap(), Some(""), 0);
        assert_eq!(cloud.ecs.tasks().len(), nth + 1, "the next begins at once");
    }
}

#[test]
fn an_event_that_is_replayed_after_its_run_was_forgotten_is_worked_on_again() {
    let (cloud, task) = at_work();
    works(&cloud, &task, Some(""), 0);
    cloud.minutes(1);
    cloud.ledger.forget(&task.launch.id.run);
    cloud.deliver_all(&bodies(&["k", "m"]));
    let again = cloud.run();
    assert_eq!((again.state, objects(&cloud, &again.id).len()), (State::Launched, 2));
}

#[test]
fn a_run_that_waits_claims_nothing_again_while_the_other_is_at_work() {
    let (cloud, _task) = at_work();
    cloud.deliver_all(&newer(&["l", "m"]));
    let waits = waiting(&cloud).remove(0);
    for _ in 0..30 {
        cloud.minutes(1);
    }
    let later = waiting(&cloud).remove(0);
    assert!(later.ver - waits.ver <= 6, "looked at ever more seldom: {}", later.ver - waits.ver);
    assert_eq!(later.since, waits.since);
}
