use super::*;
use crate::fakes::{Cloud, Death, event, ready};

fn deliver_now(cloud: &Cloud) -> Result<(), Trouble> {
    ready(deliver(&cloud.ledger, &cloud.failed, &*cloud.world, cloud.run()))
}

#[test]
fn a_run_that_owes_nothing_sends_nothing() {
    let (cloud, task) = Cloud::with_a_launched_run();
    deliver_now(&cloud).unwrap();
    cloud.observe(&event(&cloud.run(), &task, "STOPPED", 5, 0)).unwrap();
    deliver_now(&cloud).unwrap();
    assert!(cloud.failed.sent().is_empty());
}

#[test]
fn a_message_whose_sending_was_not_recorded_is_sent_again_under_the_same_name() {
    let (cloud, task) = Cloud::with_a_launched_run();
    // Read, settle, ask what is owed, send: the process dies before it records so.
    cloud.process.at(4, Death::Before);
    assert!(cloud.observe(&event(&cloud.run(), &task, "STOPPED", 5, 1)).is_err());
    cloud.process.restart();
    deliver_now(&cloud).unwrap();
    deliver_now(&cloud).unwrap();
    let sent = cloud.failed.sent();
    assert_eq!(sent.len(), 2, "{sent:?}");
    assert_eq!(sent[0], sent[1]);
    let body: serde_json::Value = serde_json::from_str(&sent[0].0).unwrap();
    assert_eq!(
        (body["run"].as_str(), body["attempt"].as_u64()),
        (Some(cloud.run().id.as_str()), Some(1))
    );
}
