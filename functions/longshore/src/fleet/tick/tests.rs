use serde_json::json;

use super::*;
use crate::fleet::{
    Queue,
    samples::{at, worker},
};

fn queue() -> Queue {
    let fleet = json!({"tasks": {"task": {
        "definition": "worker:3", "cluster": "main", "container": "app",
    }}});
    let scale = json!({"maxTasks": 200});
    let settings = json!({"queue": "http://127.0.0.1/1/work", "scale": scale, "fleet": fleet});
    Queue::parse("q", settings).unwrap()
}

fn depth(now: i64, visible: f64) -> Depth {
    let reading = Reading { at_secs: secs(at(now)), visible, in_flight: 0.0 };
    Depth { reading, delayed: 0.0 }
}

/// A tick where so many messages wait.
fn tick(scaled: &Scaled, now: i64, visible: f64, workers: &[Worker], answers: &[Answer]) -> Ticked {
    let tokens = scaled.asks.iter().map(|ask| ask.token.clone());
    let answers = tokens.zip(answers.iter().cloned()).collect();
    let seen = Sighting {
        at: at(now),
        depth: Some(depth(now, visible)),
        workers,
        answers: &answers,
        fates: &BTreeMap::new(),
        service: None,
        is_told: false,
    };
    scaled.tick(&queue().policy, &seen)
}

#[test]
fn launches_are_asked_for_by_tens_each_with_a_token_of_its_own() {
    let ticked = tick(&Scaled::new(&queue()), 0, 1e6, &[], &[]);
    let asks = ticked.next.asks;
    assert_eq!(asks.iter().map(|ask| ask.count).collect::<Vec<_>>(), [10; 9]);
    let tokens: std::collections::BTreeSet<_> = asks.iter().map(|ask| ask.token.clone()).collect();
    assert!(tokens.len() == 9 && tokens.iter().all(|token| token.len() == TOKEN_CHARS));
    assert_eq!(ticked.observation.launches_max, Some(LAUNCHES_MAX));
    assert!(!ticked.is_idle);
}

#[test]
fn the_pace_falls_where_there_is_no_room_and_doubles_where_there_is() {
    let paces = |answers: &[Answer], pace| {
        let mut scaled = tick(&Scaled::new(&queue()), 0, 1e6, &[], &[]).next;
        scaled.asks.truncate(2);
        scaled.pace = pace;
        let ticked = tick(&scaled, 5, 1e6, &[], answers);
        (ticked.next.pace, ticked.observation.failed)
    };
    let started = |count| Answer::Started((0..count).map(|nth| format!("t/{nth}")).collect());
    let refused = |is_capacity| Answer::Refused { is_capacity };
    assert_eq!(paces(&[started(10), started(10)], None), (None, 0));
    assert_eq!(paces(&[started(10), refused(true)], None), (Some(5), 0));
    assert_eq!(paces(&[started(7), refused(false)], None), (Some(3), 10));
    assert_eq!(paces(&[refused(true), refused(true)], Some(8)), (Some(1), 0));
    assert_eq!(paces(&[Answer::Unknown, started(10)], Some(40)), (Some(5), 0));
    assert_eq!(paces(&[started(10), started(10)], Some(20)), (Some(40), 0));
    assert_eq!(paces(&[started(10), started(10)], Some(45)), (None, 0));
    assert_eq!(paces(&[], Some(20)), (Some(20), 0));
}

#[test]
fn a_victim_is_told_until_its_row_shows_it() {
    let old = |told: bool| {
        let mut worker = worker("a", -900, 0);
        worker.drain = told.then(|| at(0));
        worker.beat.at = at(300);
        worker
    };
    let mut scaled = Scaled::new(&queue());
    scaled.victims.push("a".into());
    let ticked = tick(&scaled, 300, 0.0, &[old(false)], &[]);
    assert_eq!((ticked.next.victims.len(), ticked.observation.running), (1, 0));
    assert_eq!(ticked.observation.draining.tasks, 1);
    let ticked = tick(&ticked.next, 305, 0.0, &[old(true)], &[]);
    assert_eq!((ticked.next.victims.len(), ticked.observation.draining.tasks), (0, 1));
    assert!(!ticked.is_idle, "it still works");
    let ticked = tick(&scaled, 300, 0.0, &[], &[]);
    assert!(ticked.next.victims.is_empty() && ticked.is_idle, "it is gone");
}

#[test]
fn a_change_is_owed_until_it_is_told() {
    let first = tick(&Scaled::new(&queue()), 0, 0.0, &[], &[]).next;
    assert!(first.untold.is_some(), "the first decision is one");
    let same = tick(&first, 5, 0.0, &[], &[]).next;
    assert_eq!(same.untold, first.untold, "nothing changed, and nobody was told");
    let answers = BTreeMap::new();
    let seen = Sighting {
        at: at(10),
        depth: Some(depth(10, 0.0)),
        workers: &[],
        answers: &answers,
        fates: &BTreeMap::new(),
        service: None,
        is_told: true,
    };
    assert_eq!(same.tick(&queue().policy, &seen).next.untold, None);
    let more = tick(&same, 10, 500.0, &[], &[]).next;
    assert!(more.untold.unwrap().decision.to > 0);
}

#[test]
fn a_service_where_one_drained_and_another_is_wanted_keeps_its_count() {
    let fleet = json!({"service": {"cluster": "main", "service": "work"}});
    let settings = json!({"queue": "http://127.0.0.1/1/work", "scale": {"maxTasks": 1},
                          "fleet": fleet});
    let queue = Queue::parse("q", settings).unwrap();
    let ecs = Service { desired: 1, ..Service::default() };
    let tick = |scaled: &Scaled, now: i64, workers: &[Worker]| {
        let seen = Sighting {
            at: at(now),
            depth: Some(depth(now, 6.0)),
            workers,
            answers: &BTreeMap::new(),
            fates: &BTreeMap::new(),
            service: Some(&ecs),
            is_told: true,
        };
        scaled.tick(&queue.policy, &seen).next
    };
    let drained = |said| {
        let mut worker = worker("a", -600, said);
        (worker.beat.stage, worker.drain) = (crate::fleet::Stage::Drained, Some(at(-30)));
        worker
    };
    let mut scaled = tick(&Scaled::new(&queue), 0, &[drained(0)]);
    assert_eq!((scaled.staff.desired, scaled.stages.starting), (Some(1), 0), "it is wanted now");
    assert_eq!((scaled.asks.len(), scaled.asks[0].count), (1, 1));
    // It has left, ECS has replaced it, and nobody is asked for twice.
    for now in [5, 10, 15, 20, 25] {
        scaled = tick(&scaled, now, &[drained(now.min(15))]);
        assert_eq!((scaled.staff.desired, scaled.stages.starting), (Some(1), 1), "at {now}");
        assert_eq!(scaled.acts(Some(&ecs)).desired, None);
    }
    let begun = worker("b", 40, 40);
    let scaled = tick(&scaled, 45, &[drained(15), begun]);
    assert_eq!((scaled.stages.receiving, scaled.stages.starting), (1, 0));
    assert_eq!((scaled.staff.desired, scaled.asks.len()), (Some(1), 0));
}
