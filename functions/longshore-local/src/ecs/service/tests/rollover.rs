//! A new revision takes the place of an old one, step by step.

use expect_test::{Expect, expect};
use serde_json::json;

use super::{at, service, task};
use crate::ecs::service::decide::{Aim, Blocked, Decision, Seen, decide};

/// Time between two looks, in which what was told to start runs and what was told to stop ends.
const STEP_SECS: i64 = 50;

/// Three tasks of an old revision, the first `protected` of them protected, and what is done about
/// them until nothing is left to do: what starts and stops, and what there is after it.
fn roll(minimum: u32, maximum: u32, protected: usize) -> String {
    let configuration = json!({"minimumHealthyPercent": minimum, "maximumPercent": maximum});
    let mut service = service(3, &configuration);
    service.deploy("ecs-svc/2", json!({"taskDefinition": "app:2"}), at(100));
    let old = |n: usize| Seen {
        is_protected: n < protected,
        ..task(&format!("old-{n}"), "ecs-svc/1", Some(0))
    };
    let mut seen: Vec<Seen> = (0..3).map(old).collect();
    let (mut lines, mut made) = (Vec::new(), 0);
    for step in 0..20 {
        let now = at(100 + step * STEP_SECS);
        let aim = service.aim(now).unwrap();
        let Decision { starts, stops, blocked } = decide(&aim, &seen, now);
        for one in &mut seen {
            one.running_since.get_or_insert(now);
            one.is_stopping |= stops.contains(&one.id);
        }
        for _ in 0..starts {
            seen.push(task(&format!("new-{made}"), "ecs-svc/2", None));
            made += 1;
        }
        let alive = seen.len();
        seen.retain(|one| !one.is_stopping);
        let (new, old): (Vec<_>, Vec<_>) =
            seen.iter().partition(|one| one.deployment == "ecs-svc/2");
        let running = seen.iter().filter(|one| one.is_running()).count();
        lines.push(format!(
            "start {starts} stop {} | alive {alive}, then old {} new {} running {running}{}",
            stops.len(),
            old.len(),
            new.len(),
            blocked.map(|blocked| format!(", blocked by {blocked:?}")).unwrap_or_default(),
        ));
        if blocked.is_some() || (starts == 0 && stops.is_empty() && old.is_empty()) {
            break;
        }
    }
    lines.join("\n")
}

fn check(minimum: u32, maximum: u32, protected: usize, expected: &Expect) {
    expected.assert_eq(&roll(minimum, maximum, protected));
}

#[test]
fn with_100_and_200_new_tasks_run_before_old_ones_stop() {
    check(
        100,
        200,
        0,
        &expect![[r#"
        start 3 stop 0 | alive 6, then old 3 new 3 running 3
        start 0 stop 0 | alive 6, then old 3 new 3 running 6
        start 0 stop 3 | alive 6, then old 0 new 3 running 3
        start 0 stop 0 | alive 3, then old 0 new 3 running 3"#]],
    );
}

#[test]
fn with_50_and_100_old_tasks_make_room_and_two_of_three_keep_running() {
    check(
        50,
        100,
        0,
        &expect![[r#"
        start 0 stop 1 | alive 3, then old 2 new 0 running 2
        start 1 stop 0 | alive 3, then old 2 new 1 running 2
        start 0 stop 0 | alive 3, then old 2 new 1 running 3
        start 0 stop 1 | alive 3, then old 1 new 1 running 2
        start 1 stop 0 | alive 3, then old 1 new 2 running 2
        start 0 stop 0 | alive 3, then old 1 new 2 running 3
        start 0 stop 1 | alive 3, then old 0 new 2 running 2
        start 1 stop 0 | alive 3, then old 0 new 3 running 2
        start 0 stop 0 | alive 3, then old 0 new 3 running 3"#]],
    );
}

#[test]
fn with_0_and_100_all_old_tasks_stop_before_new_ones_start() {
    check(
        0,
        100,
        0,
        &expect![[r#"
        start 0 stop 3 | alive 3, then old 0 new 0 running 0
        start 3 stop 0 | alive 3, then old 0 new 3 running 0
        start 0 stop 0 | alive 3, then old 0 new 3 running 3"#]],
    );
}

#[test]
fn protected_tasks_stay_and_the_deployment_waits_for_them() {
    check(
        100,
        200,
        2,
        &expect![[r#"
        start 3 stop 0 | alive 6, then old 3 new 3 running 3
        start 0 stop 0 | alive 6, then old 3 new 3 running 6
        start 0 stop 1 | alive 6, then old 2 new 3 running 5
        start 0 stop 0 | alive 5, then old 2 new 3 running 5, blocked by Protection"#]],
    );
    check(
        0,
        100,
        3,
        &expect!["start 0 stop 0 | alive 3, then old 3 new 0 running 3, blocked by Protection"],
    );
}

#[test]
fn percentages_that_leave_no_room_are_told_of() {
    check(
        100,
        120,
        0,
        &expect!["start 0 stop 0 | alive 3, then old 3 new 0 running 3, blocked by Percentages"],
    );
}

/// Tasks of one deployment, of which there shall be `desired`.
fn steady(desired: usize, seen: &[Seen]) -> Decision {
    let aim = Aim {
        desired,
        healthy_min: desired,
        alive_max: 2 * desired,
        primary: "d",
        may_start: true,
        replaces: true,
    };
    decide(&aim, seen, at(1_000))
}

#[test]
fn a_scale_in_stops_as_many_as_it_may() {
    let mut seen: Vec<Seen> = (0..5).map(|n| task(&n.to_string(), "d", Some(0))).collect();
    seen[0].is_protected = true;
    seen[1].is_stopping = true;
    assert_eq!(steady(2, &seen).stops, ["2", "3"]);
    assert_eq!(steady(0, &seen).stops, ["2", "3", "4"]);
    assert_eq!(steady(0, &seen[..1]).blocked, Some(Blocked::Protection));
    assert_eq!(steady(1, &seen[..1]), Decision::default());
}

#[test]
fn a_task_that_ends_is_replaced_and_one_that_stops_is_no_longer_counted() {
    let mut seen: Vec<Seen> = (0..3).map(|n| task(&n.to_string(), "d", None)).collect();
    assert_eq!(steady(4, &seen).starts, 1);
    seen[0].is_stopping = true;
    assert_eq!(steady(4, &seen).starts, 2);
    let aim = |may_start| Aim {
        desired: 4,
        healthy_min: 4,
        alive_max: 8,
        primary: "d",
        may_start,
        replaces: true,
    };
    assert_eq!(decide(&aim(false), &seen, at(1_000)), Decision::default(), "throttled");
}
