use expect_test::{Expect, expect};

use super::*;
use crate::scale::Urgent;

#[expect(clippy::needless_pass_by_value, reason = "expect![] gives an owned value")]
fn check(from: u32, to: u32, now: u32, reasons: &[Reason], expected: Expect) {
    let numbers = Numbers {
        visible: 1_200.0,
        in_flight: 8.0,
        running: from,
        arrivals_per_sec: 2.5,
        service_secs: 1.94,
        launch_secs: 36.6,
        longest_wait_secs: Some(71.3),
        urgent: Some(Urgent { messages: 900.2, waited_secs: 31.0 }),
        launches_failed: 6,
        read_secs_ago: Some(21.0),
        ..Numbers::default()
    };
    let (launch, drain) = if to > from { (now, 0) } else { (0, now) };
    let say =
        |&reason: &Reason| format!("{}\n", Decision { from, to, launch, drain, reason, numbers });
    expected.assert_eq(&reasons.iter().map(say).collect::<String>());
}

#[test]
fn more_tasks_are_explained() {
    use Reason::{Deadline, Failing, Forecast, Min, Steady, Throttled};
    check(
        3,
        9,
        6,
        &[Steady, Deadline, Forecast, Min],
        expect![[r#"
            Scale out from 3 tasks to 9: 2.50 messages come per second, of 1.9 s of work each
            Scale out from 3 tasks to 9: 900 messages wait, for 31 s or more, and must begin in time; work on one takes 1.9 s
            Scale out from 3 tasks to 9: 1200 messages wait and 2.50 come per second, and a task is expected to take 37 s to start
            Scale out from 3 tasks to 9: minTasks are kept
        "#]],
    );
    check(
        1,
        9,
        2,
        &[Throttled],
        expect![[r#"
        Scale out from 1 task to 9, 2 now: ECS takes no more launches now, the rest follow; 1200 messages wait up to 71 s
    "#]],
    );
    check(
        0,
        9,
        0,
        &[Failing, Reason::Max],
        expect![[r#"
        Scale out from 0 tasks to 9, 0 now: 6 of the last 10 launches failed, so one is tried every 5 minutes; see the stopped reason of its tasks
        Scale out from 0 tasks to 9, 0 now: maxTasks allows no more, 1200 messages wait up to 71 s
    "#]],
    );
}

#[test]
fn fewer_tasks_are_explained() {
    check(
        9,
        3,
        6,
        &[Reason::Steady, Reason::Cap],
        expect![[r#"
            Scale in from 9 tasks to 3: 2.50 messages come per second, of 1.9 s of work each
            Scale in from 9 tasks to 3: no more than there is to do: 1200 messages wait and 8 are in flight
        "#]],
    );
    check(
        9,
        3,
        4,
        &[Reason::PaidMinute],
        expect![[r#"
        Scale in from 9 tasks to 3, 4 leave now: the others are at work, or in their first minute, which is paid already
    "#]],
    );
    check(
        5,
        5,
        0,
        &[Reason::Hold, Reason::Stale, Reason::Max, Reason::Later],
        expect![[r#"
        Stay at 5 tasks: they are at work, or were needed a moment ago
        Stay at 5 tasks: the queue was last read 21 s ago, so nothing leaves
        Stay at 5 tasks: maxTasks allows no more, 1200 messages wait up to 71 s
        Stay at 5 tasks: 1200 messages wait and can, until others have come that share a task
    "#]],
    );
}

#[test]
fn an_empty_queue_is_called_empty() {
    let (from, to, launch, drain, reason) = (2, 0, 0, 2, Reason::Cap);
    let decision = Decision { from, to, launch, drain, reason, numbers: Numbers::default() };
    expect![[r#"
        Scale in from 2 tasks to 0: no message waits and none is in flight
    "#]]
    .assert_eq(&format!(
        "{decision}
"
    ));
    let numbers = Numbers { visible: 1.0, ..Numbers::default() };
    let decision = Decision { reason: Reason::Max, to: 2, drain: 0, numbers, ..decision };
    expect![[r#"
        Stay at 2 tasks: maxTasks allows no more, 1 message waits until there is a task
    "#]]
    .assert_eq(&format!(
        "{decision}
"
    ));
}
