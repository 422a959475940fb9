use longshore::run::Addressee;
use serde_json::json;

use super::*;
use crate::fakes::{Cloud, Death, at_every_call, ready, with_settings};

/// A cloud whose run has failed and owes both its messages.
fn owing() -> (Cloud, ()) {
    let body = with_settings("v1", "0A", &json!({"retry": {"attempts": 1}}));
    let (cloud, task) = Cloud::with_a_launch_of(&body);
    // Read, look up where the task logs, and settle; the process dies before it asks what is owed.
    cloud.process.at(2, Death::After);
    assert!(cloud.observe(&cloud.exit_of(&task, 1)).is_err());
    cloud.restart();
    (cloud, ())
}

fn deliver_now(cloud: &Cloud) -> Result<(), Trouble> {
    ready(deliver(&cloud.ledger, &cloud.outlet, &*cloud.world, cloud.run()))
}

fn sent(cloud: &Cloud) -> [usize; 2] {
    [Addressee::Failed, Addressee::Bus].map(|to| cloud.outlet.sent(to).len())
}

#[test]
fn each_message_is_sent_once_and_then_nothing_is_owed() {
    let (cloud, ()) = owing();
    assert_eq!(sent(&cloud), [0, 0]);
    for _ in 0..3 {
        deliver_now(&cloud).unwrap();
        assert_eq!(sent(&cloud), [1, 1]);
        assert_eq!(cloud.run().due, None);
    }
}

#[test]
fn a_run_that_goes_on_sends_nothing_and_a_success_tells_the_bus_alone() {
    let (cloud, task) = Cloud::with_a_launched_run();
    deliver_now(&cloud).unwrap();
    assert_eq!(sent(&cloud), [0, 0]);
    cloud.observe(&cloud.exit_of(&task, 0)).unwrap();
    deliver_now(&cloud).unwrap();
    assert_eq!(sent(&cloud), [0, 1]);
}

#[test]
fn an_owed_message_is_sent_by_the_next_sweep() {
    let (cloud, ()) = owing();
    cloud.minutes(2);
    assert_eq!(sent(&cloud), [1, 1]);
}

#[test]
fn both_are_told_whatever_call_the_process_dies_at() {
    let deaths = at_every_call(
        owing,
        |cloud, ()| deliver_now(cloud),
        |cloud, (), first, at| {
            assert!(first.is_err(), "{at}");
            cloud.minutes(2);
            for to in [Addressee::Failed, Addressee::Bus] {
                let read = cloud.outlet.read(to);
                assert_eq!(read.len(), 1, "{at}");
                assert_eq!((&read[0].run, read[0].attempt), (&cloud.run().id, 1), "{at}");
            }
            assert!(sent(cloud).into_iter().sum::<usize>() <= 3, "only what was under way, {at}");
            assert_eq!(cloud.run().due, None, "{at}");
        },
    );
    assert_eq!(deaths, 2 * 5, "what is owed, send and record, send and record");
}

#[test]
fn a_message_says_what_somebody_needs_who_looks() {
    let (cloud, ()) = owing();
    deliver_now(&cloud).unwrap();
    let body = cloud.outlet.sent(Addressee::Failed).remove(0).body;
    let run = cloud.run();
    assert_eq!(body["run"], run.id.as_str());
    assert_eq!(body["trigger"], "uploads");
    assert_eq!(body["outcome"]["exitCode"], 1);
    assert!(body["outcome"]["reason"].as_str().unwrap().contains("exited with code 1"));
    assert_eq!(body["task"], run.task_arn.unwrap());
    assert_eq!(body["input"]["key"], "a b+c");
}

#[test]
fn what_cannot_be_sent_is_owed_until_it_can() {
    let (cloud, ()) = owing();
    cloud.outlet.close(true);
    assert!(deliver_now(&cloud).is_err());
    cloud.minutes(3);
    assert!(cloud.run().due.is_some());
    cloud.outlet.close(false);
    cloud.minutes(5);
    assert_eq!(sent(&cloud), [1, 1]);
}
