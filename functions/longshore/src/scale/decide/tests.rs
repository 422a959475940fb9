use expect_test::{Expect, expect};

use super::*;
use crate::{
    scale::{
        Bias, Draining, Finished, Reading, Settings,
        samples::{POLL_SECS, seen},
    },
    trigger::Seconds,
};

fn settings() -> Settings {
    Settings {
        max_wait: Seconds::new(300),
        max_tasks: 50,
        messages_per_task: 4,
        expected_seconds: Some(2.0),
        ..Settings::default()
    }
}

fn policy() -> Policy {
    Policy::new("queue", &settings()).unwrap()
}

/// Decides one after another, from nothing; the last decision.
fn last(policy: &Policy, history: impl IntoIterator<Item = Observation>) -> (Decision, State) {
    let mut decided = None;
    let mut state = State::default();
    for seen in history {
        let (decision, next) = decide(&seen, state, policy);
        state = next;
        decided = Some(decision);
    }
    (decided.unwrap(), state)
}

/// A steady stream of 8 messages a second, that ten tasks work off, until second 300.
fn stream() -> Vec<Observation> {
    let moment = |n: u32| Observation {
        workers: Some(Finished { messages: 40.0, busy_secs: 80.0 }),
        ..seen(f64::from(n) * POLL_SECS, 0.0, if n.is_multiple_of(4) { 30.0 } else { 12.0 }, 10)
    };
    (1..=60).map(moment).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "expect![] gives an owned value")]
fn check(decision: &Decision, expected: Expect) {
    expected.assert_eq(&format!("{decision}\n"));
}

#[test]
fn an_empty_queue_needs_no_task() {
    let (decision, _) = last(&policy(), [seen(5.0, 0.0, 0.0, 0)]);
    check(
        &decision,
        expect![[r#"
        Stay at 0 tasks: no message waits and none is in flight
    "#]],
    );
    assert_eq!((decision.to, decision.launch, decision.drain), (0, 0, 0));
}

#[test]
fn messages_on_an_empty_queue_are_begun_in_time() {
    let (decision, state) = last(&policy(), [seen(5.0, 0.0, 0.0, 0), seen(10.0, 2_000.0, 0.0, 0)]);
    check(
        &decision,
        expect![[r#"
        Scale out from 0 tasks to 11: 2000 messages wait, for 2 s or more, and must begin in time; work on one takes 4.0 s
    "#]],
    );
    let wait = decision.numbers.longest_wait_secs.unwrap();
    assert!(wait < 300.0, "{wait}");
    let mut starting = seen(15.0, 2_000.0, 0.0, 0);
    starting.starting_secs = vec![5.0; usize::try_from(decision.to).unwrap()];
    let (again, _) = decide(&starting, state, &policy());
    assert_eq!((again.from, again.launch), (decision.to, 0), "{again}: those that start count");
}

#[test]
fn a_single_message_gets_a_task() {
    let (decision, _) = last(&policy(), [seen(5.0, 1.0, 0.0, 0)]);
    check(
        &decision,
        expect![[r#"
        Scale out from 0 tasks to 1: 1 message waits, for 2 s or more, and must begin in time; work on one takes 4.0 s
    "#]],
    );
}

#[test]
fn no_more_slots_than_messages() {
    let max_wait = Seconds::new(60);
    let long = Settings { expected_seconds: Some(600.0), max_wait, ..settings() };
    let policy = Policy::new("queue", &long).unwrap();
    let (decision, _) = last(&policy, [seen(5.0, 9.0, 0.0, 0)]);
    check(
        &decision,
        expect![[r#"
            Scale out from 0 tasks to 3: no more than there is to do: 9 messages wait and 0 are in flight
        "#]],
    );
}

#[test]
fn a_stream_is_worked_off_by_a_few_tasks_more_than_its_load() {
    let (decision, _) = last(&policy(), stream());
    check(
        &decision,
        expect![[r#"
            Scale in from 10 tasks to 8: the others are at work, or were needed a moment ago
        "#]],
    );
}

#[test]
fn a_queue_that_looks_empty_once_keeps_its_tasks() {
    let empty = seen(305.0, 0.0, 0.0, 10);
    let (decision, state) = last(&policy(), stream().into_iter().chain([empty]));
    assert!(decision.to >= 4, "{decision}");
    let moments = (62..=90_u32).map(|n| seen(f64::from(n) * POLL_SECS, 0.0, 0.0, 10));
    let decide_next = |(_, state): (u32, State), seen| {
        let (decision, state) = decide(&seen, state, &policy());
        (decision.to, state)
    };
    let (to, _) = moments.fold((decision.to, state), decide_next);
    assert_eq!(to, 0, "but not for ever");
}

#[test]
fn tasks_at_work_stay_and_those_that_leave_count_apart() {
    let at_work = |draining: Draining| {
        let moment =
            |n: u32| Observation { draining, ..seen(f64::from(n) * POLL_SECS, 0.0, 12.0, 10) };
        last(&policy(), (1..=20).map(moment)).0
    };
    assert_eq!(at_work(Draining::default()).to, 3);
    assert_eq!(at_work(Draining { tasks: 2, in_flight: 8.0 }).to, 1);
}

#[test]
fn settings_bound_the_fleet() {
    let bounded = Settings { min_tasks: 2, max_tasks: 3, ..settings() };
    let policy = Policy::new("queue", &bounded).unwrap();
    let (decision, state) = last(&policy, [seen(5.0, 0.0, 0.0, 0)]);
    check(
        &decision,
        expect![[r#"
        Scale out from 0 tasks to 2: minTasks are kept
    "#]],
    );
    let (decision, _) = decide(&seen(10.0, 9_000.0, 0.0, 2), state.clone(), &policy);
    check(
        &decision,
        expect![[r#"
        Scale out from 2 tasks to 3: maxTasks allows no more, 9000 messages wait up to 3012 s
    "#]],
    );
    let leaving = Observation {
        draining: Draining { tasks: 1, in_flight: 4.0 },
        ..seen(10.0, 9_000.0, 4.0, 2)
    };
    let (decision, _) = decide(&leaving, state, &policy);
    assert_eq!((decision.to, decision.launch), (3, 0), "who leaves is still there");
}

#[test]
fn a_first_minute_is_used_up() {
    let moment =
        |n: u32| Observation { may_leave: 4, ..seen(f64::from(n) * POLL_SECS, 0.0, 0.0, 10) };
    let (decision, _) = last(&policy(), (1..=20).map(moment));
    check(
        &decision,
        expect![[r#"
        Scale in from 10 tasks to 0, 4 leave now: the others are at work, or in their first minute, which is paid already
    "#]],
    );
    assert_eq!((decision.to, decision.drain), (0, 4));
}

#[test]
fn without_a_reading_nothing_leaves_and_what_was_decided_stands_for_a_while() {
    let (decision, state) = last(&policy(), stream());
    let blind = |at_secs: f64, running| {
        let unread = Observation { queue: None, ..seen(at_secs, 0.0, 0.0, running) };
        decide(&unread, state.clone(), &policy()).0
    };
    check(
        &blind(330.0, 10),
        expect![[r#"
        Stay at 10 tasks: the queue was last read 30 s ago, so nothing leaves
    "#]],
    );
    assert_eq!((blind(330.0, 2).to, blind(351.0, 2).to), (decision.to, 2));
    let queue = Some(Reading { at_secs: 304.0, visible: 0.0, in_flight: 0.0 });
    let old = Observation { queue, ..seen(320.0, 0.0, 0.0, 10) };
    assert_eq!(decide(&old, state, &policy()).0.reason, Reason::Stale);
}

#[test]
fn launches_keep_the_pace_of_ecs() {
    let throttled = Observation { launches_max: Some(3), ..seen(5.0, 2_000.0, 0.0, 0) };
    let (decision, _) = last(&policy(), [throttled]);
    check(
        &decision,
        expect![[r#"
        Scale out from 0 tasks to 11, 3 now: ECS takes no more launches now, the rest follow; 2000 messages wait up to 705 s
    "#]],
    );
}

#[test]
fn an_image_that_does_not_start_is_not_launched_for_ever() {
    let failing = Observation { failed: 6, ..seen(5.0, 2_000.0, 0.0, 0) };
    let (decision, state) = last(&policy(), [failing]);
    check(
        &decision,
        expect![[r#"
        Scale out from 0 tasks to 11, 0 now: 6 of the last 10 launches failed, so one is tried every 5 minutes; see the stopped reason of its tasks
    "#]],
    );
    let (decision, _) = decide(&seen(306.0, 2_000.0, 0.0, 0), state, &policy());
    assert_eq!(decision.launch, 1, "{decision}");
}

#[test]
fn a_task_that_never_starts_is_made_up_for_within_the_maximum() {
    let lost = Observation { starting_secs: vec![121.0; 48], ..seen(5.0, 2_000.0, 0.0, 0) };
    let (decision, _) = last(&policy(), [lost]);
    assert_eq!((decision.from, decision.launch), (0, 2), "{decision}");
}

#[test]
fn a_clock_that_was_wrong_is_forgotten() {
    let (_, state) = last(&policy(), [seen(9e9, 0.0, 0.0, 0)]);
    let (decision, _) = decide(&seen(5.0, 2_000.0, 0.0, 0), state, &policy());
    assert!(decision.launch > 0, "{decision}");
}

#[test]
fn a_bias_is_cheaper_or_faster() {
    let to = |bias| {
        let max_wait = Seconds::new(60);
        let policy = Policy::new("queue", &Settings { max_wait, bias, ..settings() }).unwrap();
        last(&policy, stream().into_iter().chain([seen(305.0, 0.0, 12.0, 10)])).0.to
    };
    assert_eq!([Bias::Cheap, Bias::Balanced, Bias::Fast].map(to), [5, 5, 6]);
}
