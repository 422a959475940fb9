use proptest::{collection::vec, prelude::*};
use serde_json::json;

use super::*;
use crate::trigger::{
    Order,
    samples::{envelope, parsed, with},
};

/// The trigger that gathers so many objects and bytes at most.
fn gatherer(objects: u32, bytes: Option<&str>) -> Trigger {
    parsed(&with("/trigger/batch", json!({"objects": objects, "bytes": bytes}))).0
}

fn event(key: &str, sequencer: &str, size: u64) -> ObjectEvent {
    ObjectEvent {
        key: key.into(),
        version_id: Some(format!("v{sequencer}")),
        sequencer: Some(sequencer.into()),
        size: Some(size),
        ..parsed(&envelope()).1
    }
}

fn gathered(trigger: &Trigger, events: &[ObjectEvent]) -> Vec<Gathering> {
    gather(trigger, &events.iter().collect::<Vec<_>>())
}

fn keys(gathering: &Gathering) -> Vec<&str> {
    gathering.list.iter().map(|listed| listed.input.key.as_str()).collect()
}

#[test]
fn a_run_holds_no_more_objects_and_bytes_than_allowed() {
    let events: Vec<_> = (0..10).map(|nth| event(&format!("k{nth}"), "0A", 10)).collect();
    let sizes = |trigger: &Trigger| -> Vec<usize> {
        gathered(trigger, &events).iter().map(|gathering| gathering.list.len()).collect()
    };
    assert_eq!(sizes(&gatherer(1_000, None)), [10]);
    assert_eq!(sizes(&gatherer(4, None)), [4, 4, 2]);
    assert_eq!(sizes(&gatherer(1_000, Some("30 B"))), [3, 3, 3, 1]);
    assert_eq!(sizes(&gatherer(1_000, Some("9 B"))), [1; 10], "one alone may be larger");
    assert_eq!(sizes(&gatherer(2, Some("30 B"))), [2; 5]);
}

#[test]
fn the_same_events_are_the_same_run_in_whatever_order_and_number() {
    let trigger = gatherer(100, None);
    let events = ["k", "l", "m"].map(|key| event(key, "0A", 1));
    let first = gathered(&trigger, &events).remove(0);
    let mut others = events.to_vec();
    others.reverse();
    others.push(events[1].clone());
    let again = gathered(&trigger, &others).remove(0);
    assert_eq!((&again.run, &again.list), (&first.run, &first.list));
    assert_eq!(again.events.len(), 4, "every event has its outcome");
    assert_ne!(gathered(&trigger, &events[..2])[0].run, first.run);
    let other_trigger = Trigger { name: "other".into(), ..trigger };
    assert_ne!(gathered(&other_trigger, &events)[0].run, first.run);
}

#[test]
fn the_newest_version_is_claimed_first() {
    let trigger = gatherer(100, None);
    let events = ["0B", "0C", "0A"].map(|sequencer| event("k", sequencer, 1));
    let all = gathered(&trigger, &events).remove(0);
    let versions: Vec<_> =
        all.list.iter().filter_map(|listed| listed.input.version_id.as_deref()).collect();
    assert_eq!(versions, ["v0C", "v0B", "v0A"]);
    assert!(all.list.iter().all(|listed| listed.order.object == all.list[0].order.object));
    let every = Trigger { order: Order::All, ..trigger };
    let every = gathered(&every, &events).remove(0);
    assert!(every.list.iter().all(|listed| !listed.order.is_of_versions()));
    assert_ne!(every.list[0].order.object, every.list[1].order.object, "each has its own row");
}

proptest! {
    #[test]
    fn every_event_is_in_one_list_and_all_lists_are_claimed_in_one_order(
        objects in vec((0..20_u8, 0..4_u8), 0..60),
        objects_max in 1..20_u32,
    ) {
        let events: Vec<_> = objects
            .iter()
            .map(|(key, version)| event(&format!("k{key}"), &format!("0{version}"), 1))
            .collect();
        let gatherings = gathered(&gatherer(objects_max, None), &events);
        let mut seen: Vec<usize> = gatherings.iter().flat_map(|it| it.events.clone()).collect();
        seen.sort_unstable();
        prop_assert_eq!(seen, (0..events.len()).collect::<Vec<_>>());
        for gathering in &gatherings {
            prop_assert!(!gathering.list.is_empty() && gathering.list.len() <= objects_max as usize);
            prop_assert!(gathering.list.is_sorted_by_key(|listed| &listed.order.object));
            let left = &gathering.input.objects().unwrap().left;
            prop_assert_eq!(left, &Places::first(gathering.list.len()));
            for nth in &gathering.events {
                prop_assert!(keys(gathering).contains(&events[*nth].key.as_str()));
            }
        }
    }
}
