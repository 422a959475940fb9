use longshore::run::{Addressee, RefusalKind, State};
use serde_json::{Value, json};

use crate::fakes::{Answer, Cloud, DEFINITION, about, event};

/// Settings under which the first failure is the end.
fn once() -> Value {
    json!({"retry": {"attempts": 1}})
}

/// The bodies of what was told of the only run, to somebody who looks and to the bus.
fn told(cloud: &Cloud) -> [Value; 2] {
    [Addressee::Failed, Addressee::Bus].map(|to| {
        let mut told = cloud.outlet.read(to);
        assert_eq!(told.len(), 1, "{to:?}");
        told.remove(0).body
    })
}

/// A cloud whose only run is launched and has one attempt, and the event that its work failed.
fn about_to_fail() -> (Cloud, String) {
    let (cloud, task) = Cloud::with_a_launch_of(&about("a", &once()));
    let failed = event(&cloud.run(), &task, "STOPPED", 5, 1);
    (cloud, failed)
}

#[test]
fn a_failure_is_told_with_the_log_stream_of_its_task() {
    let (cloud, failed) = about_to_fail();
    cloud.observe(&failed).unwrap();
    for body in told(&cloud) {
        assert_eq!((&body["state"], &body["logs"]["group"]), (&json!("failed"), &json!("logs")));
        assert_eq!(body["logs"]["stream"], "work/app/0");
        assert_eq!(body["logs"]["region"], "eu-west-1");
        assert_eq!(body["logs"].get("why"), None);
    }
}

#[test]
fn a_failure_that_the_sweep_finds_is_told_with_its_log_stream_too() {
    let (cloud, task) = Cloud::with_a_launch_of(&about("a", &once()));
    cloud.runs(&task);
    cloud.exits(&task, 1);
    cloud.minutes(6);
    assert_eq!(told(&cloud)[0]["logs"]["stream"], "work/app/0");
}

#[test]
fn ecs_that_cannot_say_where_a_task_logs_keeps_no_run_from_its_end() {
    let (cloud, failed) = about_to_fail();
    cloud.ecs.cannot_say(DEFINITION);
    cloud.observe(&failed).unwrap();
    assert_eq!((cloud.run().state, cloud.run().due), (State::Failed, None));
    for body in told(&cloud) {
        let logs = &body["logs"];
        assert_eq!((&logs["task"], &logs["container"]), (&json!("0"), &json!("app")));
        let why = logs["why"].as_str().unwrap();
        assert!(why.contains("AccessDeniedException"), "{why}");
        assert_eq!((logs.get("group"), logs.get("stream")), (None, None));
    }
}

#[test]
fn only_a_failure_is_looked_up() {
    let (cloud, task) = Cloud::with_a_launch_of(&about("a", &json!({})));
    cloud.ecs.cannot_say(DEFINITION);
    cloud.observe(&event(&cloud.run(), &task, "STOPPED", 5, 0)).unwrap();
    let told = cloud.outlet.read(Addressee::Bus).remove(0).body;
    assert_eq!((&told["state"], told["logs"].get("why")), (&json!("succeeded"), None));
    assert_eq!(told["logs"]["task"], "0");
}

#[test]
fn a_run_that_never_had_a_task_has_no_log() {
    let cloud = Cloud::new();
    cloud.ecs.answers([Answer::Refused(RefusalKind::Permanent)]);
    cloud.deliver(&about("a", &once())).unwrap();
    assert_eq!(cloud.run().state, State::Failed);
    cloud.minutes(2);
    assert_eq!(told(&cloud)[0]["logs"], Value::Null);
}
