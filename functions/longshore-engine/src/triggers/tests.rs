use longshore::trigger::Envelope;
use serde_json::json;

use super::*;
use crate::{
    Handled,
    fakes::{Cloud, UPLOADS, about, at_every_call, message, ready, together, ways, with_settings},
};

/// Longer than what was read of a trigger counts.
const STALE_SECS: i64 = 11;

fn by(owner: &str) -> String {
    about(owner, &json!({})).replace(r#""source":"rule""#, &format!(r#""source":"{owner}""#))
}

#[test]
fn a_second_owner_of_a_name_is_dead_lettered_and_told_what_to_do() {
    let cloud = Cloud::new();
    cloud.deliver(&by("rule/a")).unwrap();
    for process in ["the one that knows", "another"] {
        let Handled::DeadLettered(rejected) = cloud.deliver(&by("rule/b")).unwrap() else {
            panic!("{process}");
        };
        let said = rejected.to_string();
        for part in ["trigger.name", UPLOADS, "rule/a", "another name", "longshore forget"] {
            assert!(said.contains(part), "{process}: {said}");
        }
        cloud.restart();
    }
    assert_eq!((cloud.ledger.runs().len(), cloud.dead_letters.sent().len()), (1, 2));
    assert_eq!(cloud.ledger.trigger(UPLOADS).source, "rule/a");
}

#[test]
fn of_two_owners_at_once_one_gets_the_name() {
    for way in ways() {
        let cloud = Cloud::new();
        let (a, b, now) = (cloud.fresh(), cloud.fresh(), cloud.world.now());
        let (first, other) = (by("rule/a"), by("rule/b"));
        let (first, other) =
            together(cloud.delivery(&a, &first, now), cloud.delivery(&b, &other, now), way);
        let is_clash = |handled: &Handled| matches!(handled, Handled::DeadLettered(_));
        let clashes = [first.unwrap(), other.unwrap()].iter().filter(|one| is_clash(one)).count();
        assert_eq!((clashes, cloud.ledger.runs().len()), (1, 1), "{way:?}");
    }
}

#[test]
fn older_settings_of_a_late_message_do_not_replace_newer_ones() {
    for process_knows in [true, false] {
        let cloud = Cloud::new();
        let sent_at = cloud.world.now();
        cloud.world.pass(60);
        cloud.deliver(&about("new", &json!({"retry": {"attempts": 7}}))).unwrap();
        if !process_knows {
            cloud.restart();
        }
        let late = about("old", &json!({"retry": {"attempts": 1}}));
        let memory = cloud.fresh();
        ready(cloud.delivery(&memory, &late, sent_at)).unwrap();
        let known = cloud.ledger.trigger(UPLOADS);
        assert_eq!(known.settings.retry.attempts, 7);
        let old = cloud
            .ledger
            .runs()
            .into_iter()
            .find(|run| run.input.object().unwrap().key == "old")
            .unwrap();
        assert_eq!(old.target.unwrap().retry.attempts, 7, "and it is launched by the newest");
    }
}

#[test]
fn newer_settings_are_remembered_whatever_this_process_has_seen() {
    let cloud = Cloud::new();
    cloud.deliver(&message("v1", "0A")).unwrap();
    cloud.world.pass(1);
    cloud.deliver(&with_settings("v2", "0B", &json!({"concurrency": 3}))).unwrap();
    assert_eq!(cloud.ledger.trigger(UPLOADS).settings.concurrency, Some(3));
}

#[test]
fn settings_are_seen_for_the_first_time_once() {
    let cloud = Cloud::new();
    let (one, other) = (Triggers::default(), Triggers::default());
    let settings = |body: &str| Envelope::parse(body).unwrap().trigger;
    let (old, new) = (settings(&message("v1", "0A")), {
        settings(&with_settings("v1", "0A", &json!({"concurrency": 3})))
    });
    let see = |process: &Triggers, settings: &Trigger| {
        let (sent_at, world) = (cloud.world.now(), &*cloud.world);
        ready(process.see(&cloud.ledger, world, settings, "rule", sent_at)).unwrap().unwrap()
    };
    assert_eq!(see(&one, &old), Sight::First);
    assert_eq!((see(&one, &old), see(&other, &old)), (Sight::Known, Sight::Known));
    cloud.world.pass(STALE_SECS);
    assert_eq!((see(&one, &old), see(&other, &old)), (Sight::Known, Sight::Known));
    assert_eq!((see(&other, &new), see(&one, &new)), (Sight::First, Sight::Known));
}

#[test]
fn of_messages_at_once_one_sees_the_settings_first() {
    for way in ways() {
        let cloud = Cloud::new();
        let process = Triggers::default();
        let settings = Envelope::parse(&message("v1", "0A")).unwrap().trigger;
        let (world, sent_at) = (&*cloud.world, cloud.world.now());
        let see = || process.see(&cloud.ledger, world, &settings, "rule", sent_at);
        let (one, other) = together(see(), see(), way);
        let first = [one, other].into_iter().filter(|seen| matches!(seen, Ok(Ok(Sight::First))));
        assert_eq!(first.count(), 1, "{way:?}");
    }
}

#[test]
fn a_paused_trigger_launches_nothing_and_all_once_it_is_resumed() {
    for concurrency in [None, Some(100)] {
        let settings = json!({"concurrency": concurrency});
        let cloud = Cloud::new();
        cloud.deliver(&about("first", &settings)).unwrap();
        cloud.ledger.pause(UPLOADS, Some(cloud.world.now()));
        cloud.world.pass(STALE_SECS);
        for nth in 0..70 {
            let handled = cloud.deliver(&about(&format!("object {nth}"), &settings)).unwrap();
            assert!(matches!(handled, Handled::Admitted(_)), "{handled:?}");
        }
        cloud.minutes(3);
        assert_eq!(cloud.ecs.tasks().len(), 1, "nothing is launched, {concurrency:?}");
        cloud.ledger.pause(UPLOADS, None);
        cloud.minutes(1);
        assert_eq!(cloud.ecs.tasks().len(), 71, "{concurrency:?}");
    }
}

#[test]
fn a_pause_takes_effect_in_a_process_that_knows_the_trigger() {
    let cloud = Cloud::new();
    cloud.deliver(&message("v1", "0A")).unwrap();
    cloud.ledger.pause(UPLOADS, Some(cloud.world.now()));
    cloud.world.pass(STALE_SECS);
    cloud.deliver(&about("another", &json!({}))).unwrap();
    assert_eq!(cloud.ecs.tasks().len(), 1);
}

#[test]
fn a_death_at_any_call_of_a_paused_trigger_launches_nothing_and_loses_nothing() {
    let body = about("second", &json!({}));
    let scene = || {
        let cloud = Cloud::new();
        cloud.deliver(&about("first", &json!({}))).unwrap();
        cloud.ledger.pause(UPLOADS, Some(cloud.world.now()));
        cloud.restart();
        (cloud, ())
    };
    let deaths = at_every_call(
        scene,
        |cloud, ()| cloud.deliver(&body),
        |cloud, (), first, at| {
            if first.is_err() {
                cloud.deliver(&body).unwrap();
            }
            cloud.minutes(2);
            assert_eq!(cloud.ecs.tasks().len(), 1, "{at}");
            cloud.ledger.pause(UPLOADS, None);
            cloud.world.pass(STALE_SECS);
            cloud.minutes(1);
            assert_eq!((cloud.ledger.runs().len(), cloud.ecs.tasks().len()), (2, 2), "{at}");
        },
    );
    assert_eq!(deaths, 2 * 3, "look, admit, wait");
}
