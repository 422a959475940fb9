//! What becomes of several objects when the work on some of them fails.

use super::*;

/// Plays tasks until no run goes on: those that hold `bad` fail without saying why.
fn until_over(cloud: &Cloud, bad: &[&str]) {
    for _ in 0..40 {
        cloud.minutes(1);
        let tasks = cloud.ecs.tasks().into_iter();
        let begun = tasks.filter(|task| {
            let run = cloud.known(&task.launch.id.run);
            run.state == State::Launched && run.launch_id() == task.launch.id
        });
        for task in begun.collect::<Vec<_>>() {
            let held = objects(cloud, &task.launch.id.run);
            let is_bad = held.iter().any(|(key, _)| bad.contains(&key.as_str()));
            works(cloud, &task, (!is_bad).then_some(""), i32::from(is_bad));
        }
        if live(cloud).is_empty() {
            return;
        }
    }
    panic!("{:?}", live(cloud));
}

fn keys(count: usize) -> Vec<String> {
    (0..count).map(|nth| about(&format!("k{nth:02}"), &batch(100))).collect()
}

fn ends(cloud: &Cloud, state: State) -> Vec<Run> {
    cloud.ledger.runs().into_iter().filter(|run| run.state == state).collect()
}

#[test]
fn one_bad_object_does_not_fail_the_others() {
    for count in [2, 3, 8, 21] {
        let cloud = Cloud::new();
        cloud.deliver_all(&keys(count));
        until_over(&cloud, &["k01"]);
        let failed = ends(&cloud, State::Failed);
        assert_eq!(failed.len(), 1, "{count}");
        assert_eq!(failed[0].input.object().unwrap().key, "k01", "its message names it");
        let done = ends(&cloud, State::Succeeded);
        let done: usize = done.iter().map(|run| objects(&cloud, &run.id).len()).sum();
        assert_eq!(done, count - 1);
        let halvings = usize::try_from(count.next_power_of_two().ilog2()).unwrap();
        let tasks = cloud.ecs.tasks().len();
        assert!(tasks <= 2 + 2 * halvings, "{count}: {tasks}");
    }
}

#[test]
fn bad_objects_end_alone_each_with_its_message() {
    let cloud = Cloud::new();
    cloud.deliver_all(&keys(10));
    until_over(&cloud, &["k02", "k03", "k07"]);
    let failed = ends(&cloud, State::Failed);
    let failed: BTreeSet<_> =
        failed.iter().map(|run| run.input.object().unwrap().key.clone()).collect();
    assert_eq!(failed, ["k02", "k03", "k07"].map(str::to_owned).into());
}

#[test]
fn only_those_that_failed_are_tried_again() {
    let cloud = Cloud::new();
    cloud.deliver_all(&keys(5));
    works(&cloud, &cloud.task(), Some("1,3"), 75);
    assert_eq!(cloud.run().state, State::Backoff);
    cloud.minutes(1);
    let second = cloud.ecs.tasks().pop().unwrap();
    assert_eq!(second.launch.id.attempt, 2);
    assert_eq!(objects(&cloud, &cloud.run().id).len(), 2);
    works(&cloud, &second, Some("3"), 75);
    assert_eq!(cloud.run().state, State::Failed);
    assert_eq!(objects(&cloud, &cloud.run().id).len(), 1, "the others are done");
    let told = cloud.outlet.read(Addressee::Failed).remove(0).body;
    let input = &told["input"];
    assert_eq!((&input["count"], input["objects"].as_array().unwrap().len()), (&json!(1), 1));
    let left = objects(&cloud, &cloud.run().id);
    assert_eq!(input["objects"][0]["key"], left[0].0, "its message names it");
    assert_eq!((&input["objects"][0]["bucket"], input.get("more")), (&json!("uploads"), None));
}

#[test]
fn whoever_dies_while_a_run_is_split_loses_and_doubles_nothing() {
    let scene = || {
        let cloud = Cloud::new();
        let once = json!({"batch": {"objects": 9}, "retry": {"attempts": 1}});
        cloud.deliver_all(&["k", "l", "m"].map(|key| about(key, &once)));
        let task = cloud.task();
        ready(claim_fence(&cloud.ledger, &*cloud.world, &task.launch.id, &task.arn)).unwrap();
        let stopped = cloud.exit_of(&task.arn, 1);
        (cloud, stopped)
    };
    let deaths = at_every_call(
        scene,
        |cloud, stopped| cloud.observe(stopped),
        |cloud, stopped, first, at| {
            if first.is_err() {
                drop(cloud.observe(stopped));
            }
            cloud.minutes(4);
            let parts = live(cloud);
            assert!(parts.iter().all(|run| run.state == State::Launched), "{at}: {parts:?}");
            assert_eq!((parts.len(), cloud.ecs.tasks().len()), (2, 3), "{at}");
            let of_parts: usize = parts.iter().map(|run| objects(cloud, &run.id).len()).sum();
            assert_eq!(of_parts, 3, "{at}");
        },
    );
    assert!(deaths > 20, "{deaths}");
}

#[test]
fn a_copy_of_an_event_whose_run_was_split_is_no_further_work() {
    let cloud = Cloud::new();
    cloud.deliver_all(&keys(4));
    until_over(&cloud, &["k00"]);
    let tasks = cloud.ecs.tasks().len();
    cloud.deliver_all(&keys(4)[..2]);
    cloud.minutes(2);
    assert_eq!(cloud.ecs.tasks().len(), tasks);
}
