use expect_test::expect;
use longshore::{
    fleet::{Decided, Queue, Stages},
    scale::{Decision, Reason},
};

use super::*;

/// A queue of which something was decided at `at`.
pub(in super::super) fn sample(at: Timestamp) -> Scaled {
    let fleet = json!({"service": {"cluster": "main", "service": "work"}});
    let settings = json!({"queue": "https://sqs/1/work", "fleet": fleet});
    let queue = Queue::parse("queue", settings).unwrap();
    let (from, to, launch, drain, reason) = (4, 6, 2, 0, Reason::Steady);
    let numbers = Numbers {
        visible: 12.0,
        in_flight: 7.0,
        arrivals_per_sec: 2.5,
        completions_per_sec: 1.75,
        service_secs: 2.0,
        launch_secs: 22.0,
        ..Numbers::default()
    };
    let decision = Decision { from, to, launch, drain, reason, numbers };
    let stages = Stages { starting: 1, receiving: 3, draining: 0 };
    let decided = Some(Decided { at, delayed: 0.0, decision });
    Scaled { stages, decided, ..Scaled::new(&queue) }
}

/// Two changes of its fleet: one that was only written down, and the last decision.
pub(in super::super) fn changes(queue: &Scaled) -> [Change; 2] {
    let Decided { at, decision, .. } = queue.decided.clone().unwrap();
    let before = Decision { to: 4, launch: 0, reason: Reason::Hold, ..decision.clone() };
    let earlier = at - SignedDuration::from_mins(5);
    [Change { at: earlier, decision: before, shadow: true }, Change { at, decision, shadow: false }]
}

fn ten() -> Timestamp {
    "2026-11-23T10:00:00Z".parse().unwrap()
}

#[test]
fn a_queue_is_a_row_and_its_last_decisions() {
    let queue = sample(ten());
    let row = row(&queue);
    let cells: Vec<_> = COLUMNS.iter().filter_map(|name| row[*name].as_str()).collect();
    let tasks = "3 receive, 1 start";
    let expected =
        ["work", "12", "7", "2.50", "1.75", "2.0 s", "22 s assumed", tasks, "6", "service"];
    assert_eq!(cells, expected);
    let told =
        |changes: &[Change]| decisions(&queue, changes, ten() + SignedDuration::from_secs(8));
    expect![[r#"

        work, last decision, 8s ago: Scale out from 4 tasks to 6: 2.50 messages come per second, of 2.0 s of work each
          its last changes, of which `longshore why work` tells more:
          2026-11-23T09:55:00Z    5m ago  would: Stay at 4 tasks: they are at work, or were needed a moment ago
          2026-11-23T10:00:00Z    8s ago  Scale out from 4 tasks to 6: 2.50 messages come per second, of 2.0 s of work each"#]]
    .assert_eq(&told(&changes(&queue)));
    assert!(told(&[]).ends_with("of 2.0 s of work each"), "{}", told(&[]));
}

#[test]
fn what_ecs_does_not_do_is_told() {
    let queue = Scaled { trouble: Some("ECS: there is no cluster".into()), ..sample(ten()) };
    let told = decisions(&queue, &[], ten());
    assert!(told.ends_with("of work each\n  ECS: there is no cluster"), "{told}");
    assert_eq!(as_json(&queue, &[])["trouble"], "ECS: there is no cluster");
}

#[test]
fn a_decision_that_is_old_says_what_to_look_at() {
    let said = |secs| decided(&sample(ten()), ten() + SignedDuration::from_secs(secs));
    assert!(said(150).ends_with("of work each"));
    assert!(said(151).starts_with("2m ago: Scale out from 4 tasks to 6: "));
    assert!(said(151).contains("; since then no scaler has looked: see the function's log"));
}

#[test]
fn the_units_are_in_the_names_of_json() {
    let queue = sample(ten());
    let members = as_json(&queue, &changes(&queue));
    let names = ["arrivalsPerSecond", "completionsPerSecond", "serviceSeconds", "launchSeconds"];
    assert_eq!(names.map(|name| members[name].clone()), [2.5, 1.75, 2.0, 22.0].map(Value::from));
    let whys = [0, 1].map(|nth| members["changes"][nth]["why"].as_str().unwrap().to_owned());
    assert!(whys[0].starts_with("Stay at 4 tasks") && whys[1].starts_with("Scale out from 4"));
    assert_eq!(members["changes"][0]["at"], "2026-11-23T09:55:00Z");
}
