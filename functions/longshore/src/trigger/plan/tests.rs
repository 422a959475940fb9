use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::trigger::samples::{envelope, parse, parsed, tick, with, without};

fn planned(envelope: &serde_json::Value) -> Plan {
    let (trigger, object) = parsed(envelope);
    plan(&trigger, &Event::Object(object))
}

#[test]
fn an_event_has_one_run_under_each_trigger() {
    let first = planned(&envelope());
    assert_eq!(planned(&envelope()), first);
    assert_ne!(planned(&with("/trigger/name", json!("other"))).run, first.run);
    let redeployed = with("/trigger/task/definition", json!("worker:8"));
    assert_eq!(planned(&redeployed), first, "settings do not make a run");
    let other_version = with("/event/detail/object/version-id", json!("v2"));
    assert_ne!(planned(&other_version).run, first.run);
}

#[test]
fn another_event_under_the_same_identity_is_told_apart() {
    let first = planned(&envelope());
    let forged = planned(&with("/event/detail/object/etag", json!("other")));
    assert_eq!(forged.run, first.run);
    assert_ne!(forged.input_digest, first.input_digest);
}

#[test]
fn only_the_newest_version_counts_unless_all_do() {
    let order = |envelope| planned(&envelope).order.unwrap();
    let first = order(envelope());
    let newer = order(with("/event/detail/object/sequencer", json!("617f08299329d18a")));
    assert_eq!(newer.object, first.object);
    assert!(newer.sequence > first.sequence);
    let other = order(with("/event/detail/object/key", json!("other")));
    assert_ne!(other.object, first.object);
    for order in [
        order(with("/trigger/order", json!("all"))),
        order(without(&["/event/detail/object/sequencer"])),
    ] {
        assert!(!order.is_of_versions() && order.object != first.object, "a row of its own");
    }
}

#[test]
fn a_tick_is_the_same_however_it_is_delivered() {
    let planned = |envelope: &serde_json::Value| {
        let envelope = parse(envelope).unwrap();
        plan(&envelope.trigger, &envelope.event)
    };
    let first = planned(&tick());
    let mut again = tick();
    again["event"]["id"] = json!("another execution");
    again["trigger"]["schedule"]["overlap"] = json!("queue");
    again["event"]["time"] = json!("2026-11-23T08:00:00+01:00");
    assert_eq!(planned(&again), first);
    let mut others = [tick(), tick(), tick()];
    others[0]["event"]["time"] = json!("2026-11-23T07:00:01Z");
    others[1]["event"]["resources"] = json!(["arn:aws:scheduler:::schedule/default/other"]);
    others[2]["trigger"]["name"] = json!("other");
    for other in others {
        assert_ne!(planned(&other).run, first.run, "{other}");
    }
}

proptest! {
    #[test]
    fn the_input_is_the_event(key in "[^\n\0]{1,200}", version in "[ -~]{1,40}") {
        let mut event = with("/event/detail/object/key", json!(key));
        event["event"]["detail"]["object"]["version-id"] = json!(version);
        let planned = planned(&event);
        let object = planned.input.object().unwrap().clone();
        prop_assert_eq!(object.key, key);
        prop_assert_eq!(object.version_id, Some(version).filter(|text| text != "null"));
    }
}
