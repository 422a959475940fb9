use std::collections::{BTreeMap, BTreeSet};

use longshore::run::{Addressee, LaunchId, Places, Run, RunId, State, WorkResult, WorkStatus};
use serde_json::{Value, json};

use super::*;
use crate::{
    claim_fence,
    fakes::{Cloud, FakeTask, about, at_every_call, ready, together},
    inputs,
    ports::Clock,
    report,
};

mod takeovers;
mod work;

fn batch(objects: u32) -> Value {
    json!({"batch": {"objects": objects}, "retry": {"attempts": 2}})
}

fn bodies(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| about(key, &batch(100))).collect()
}

/// Keys and versions that the run works on.
fn objects(cloud: &Cloud, run: &RunId) -> Vec<(String, String)> {
    let name = |key: &str, sequencer: Option<&String>| {
        (key.to_owned(), sequencer.cloned().unwrap_or_default())
    };
    let known = cloud.known(run);
    if let Some(object) = known.input.object() {
        return vec![name(&object.key, object.sequencer.as_ref())];
    }
    let inputs = ready(inputs(&cloud.ledger, run)).unwrap().unwrap();
    let named = inputs.objects.iter().map(|object| name(&object.key, object.sequencer.as_ref()));
    named.collect()
}

/// How many tasks were started for each object version.
fn tasks_by_object(cloud: &Cloud) -> BTreeMap<(String, String), usize> {
    let mut tasks = BTreeMap::new();
    for task in cloud.ecs.tasks() {
        for object in objects(cloud, &task.launch.id.run) {
            *tasks.entry(object).or_default() += 1;
        }
    }
    tasks
}

/// The task does its work, or says which places failed, and exits.
fn works(cloud: &Cloud, task: &FakeTask, failed: Option<&str>, exit_code: i32) {
    let LaunchId { run, .. } = &task.launch.id;
    ready(claim_fence(&cloud.ledger, &*cloud.world, &task.launch.id, &task.arn)).unwrap();
    if let Some(failed) = failed {
        let status = if exit_code == 0 { WorkStatus::Done } else { WorkStatus::Failed };
        let result = WorkResult { failed: failed.parse().unwrap(), ..WorkResult::new(status, "") };
        assert!(ready(report(&cloud.ledger, &*cloud.world, run, &task.arn, result)).unwrap());
    }
    drop(cloud.observe(&cloud.exit_of(&task.arn, exit_code)));
}

fn live(cloud: &Cloud) -> Vec<Run> {
    let runs = cloud.ledger.runs().into_iter();
    runs.filter(|run| !run.state.is_terminal()).collect()
}

#[test]
fn messages_that_come_together_are_one_run_and_one_task() {
    let cloud = Cloud::new();
    let handled = cloud.deliver_all(&bodies(&["k", "l", "m"]));
    let id = cloud.run().id;
    for handled in handled {
        assert_eq!(handled.unwrap(), Handled::Launched(id.clone()));
    }
    let launch = cloud.task().launch;
    let named = launch.environment.keys().any(|name| name == "LONGSHORE_KEY");
    assert!(!named, "its task reads more than one from the ledger");
    let keys: BTreeSet<_> = objects(&cloud, &id).into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["k", "l", "m"].map(str::to_owned).into());
    assert_eq!(cloud.run().input.objects().unwrap().left, Places::first(3));

    works(&cloud, &cloud.task(), Some(""), 0);
    assert_eq!(cloud.run().state, State::Succeeded);
}

#[test]
fn a_message_that_comes_alone_is_a_run_of_one_object() {
    let cloud = Cloud::new();
    cloud.deliver_all(&bodies(&["k"])).remove(0).unwrap();
    assert_eq!(cloud.run().input.object().unwrap().key, "k");
    assert_eq!(cloud.task().launch.environment["LONGSHORE_KEY"], "k");
    assert!(cloud.run().holds, "and it is held like any other");
}

#[test]
fn every_message_has_its_outcome_in_its_place() {
    let cloud = Cloud::new();
    let other = json!({"name": "other"});
    let mixed = vec![
        about("k", &batch(2)),
        "poison".to_owned(),
        about("k", &other),
        about("l", &batch(2)),
        about("m", &batch(2)),
        about("k", &batch(2)),
        about("k", &json!({"name": "third", "batch": {"objects": 9}})),
    ];
    let handled: Vec<Handled> = cloud.deliver_all(&mixed).into_iter().map(Result::unwrap).collect();
    let run = |nth: usize| match &handled[nth] {
        Handled::Launched(run) => cloud.known(run),
        other => panic!("{nth}: {other:?}"),
    };
    assert!(matches!(handled[1], Handled::DeadLettered(_)));
    assert_eq!(run(2).trigger, "other");
    assert_eq!(run(6).trigger, "third");
    assert_eq!(run(0).id, run(5).id, "the same event");
    assert_eq!(cloud.ledger.runs().len(), 4, "two runs of two objects at most");
    assert!(tasks_by_object(&cloud).values().sum::<usize>() == 5);
}

#[test]
fn copies_in_other_company_are_no_further_work() {
    let cloud = Cloud::new();
    cloud.deliver_all(&bodies(&["k", "l", "m"]));
    for company in [&["k", "l"][..], &["l"], &["k", "l", "m"], &["l", "m", "n"]] {
        for handled in cloud.deliver_all(&bodies(company)) {
            handled.unwrap();
        }
    }
    cloud.minutes(3);
    let tasks = tasks_by_object(&cloud);
    assert_eq!(tasks.len(), 4);
    assert!(tasks.values().all(|count| *count == 1), "{tasks:?}");
}

#[test]
fn a_clash_dead_letters_its_own_message_only() {
    let cloud = Cloud::new();
    let mut messages = bodies(&["k", "l"]);
    let mut other: Value = serde_json::from_str(&about("m", &batch(100))).unwrap();
    other["source"] = json!("another rule");
    messages.push(other.to_string());
    let handled = cloud.deliver_all(&messages);
    assert!(matches!(handled[2], Ok(Handled::DeadLettered(_))), "{handled:?}");
    assert_eq!(objects(&cloud, &cloud.run().id).len(), 2);
}

#[test]
fn whoever_dies_while_it_gathers_loses_and_doubles_nothing() {
    let all = bodies(&["k", "l", "m", "n"]);
    let deaths = at_every_call(
        || (Cloud::new(), ()),
        |cloud, ()| cloud.deliver_all(&all),
        |cloud, (), first, at| {
            if first.iter().any(Result::is_err) {
                // They come again in other company.
                cloud.deliver_all(&all[..3]);
                cloud.deliver_all(&all[1..]);
            }
            cloud.minutes(4);
            let tasks = tasks_by_object(cloud);
            assert_eq!(tasks.len(), 4, "{at}: {tasks:?}");
            assert!(tasks.values().all(|count| *count == 1), "{at}: {tasks:?}");
            assert!(live(cloud).iter().all(|run| run.state == State::Launched), "{at}");
        },
    );
    assert!(deaths > 20, "{deaths}");
}

#[test]
fn two_who_gather_some_of_the_same_share_them_out() {
    for way in (0..30).flat_map(|first| (0..30).step_by(3).map(move |other| (first, other))) {
        let cloud = Cloud::new();
        let (a, b) = (cloud.fresh(), cloud.fresh());
        let bodies = [bodies(&["k", "l", "m"]), bodies(&["m", "l", "n"])];
        let [one, another] =
            bodies.each_ref().map(|bodies| bodies.iter().map(String::as_str).collect::<Vec<_>>());
        let now = cloud.world.now();
        let (first, other) =
            together(cloud.delivery_of(&a, &one, now), cloud.delivery_of(&b, &another, now), way);
        assert!(first.iter().chain(&other).all(Result::is_ok), "{way:?}");
        cloud.minutes(3);
        let tasks = tasks_by_object(&cloud);
        assert_eq!(tasks.len(), 4, "{way:?}");
        assert!(tasks.values().all(|count| *count == 1), "{way:?}: {tasks:?}");
    }
}

#[test]
fn the_settings_of_the_newest_message_count() {
    let cloud = Cloud::new();
    let memory = cloud.fresh();
    let old = about("k", &json!({"batch": {"objects": 1}}));
    let (older, newer) =
        (cloud.world.now(), cloud.world.now() + jiff::SignedDuration::from_secs(1));
    ready(cloud.delivery_of(&memory, &[&about("first", &batch(2))], newer)).remove(0).unwrap();
    ready(cloud.delivery_of(&memory, &[&old], older)).remove(0).unwrap();
    let known = cloud.ledger.trigger("uploads").settings.batch.unwrap();
    assert_eq!(known.objects, 2);
}
