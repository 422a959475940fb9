//! The decisions themselves.

use std::{collections::BTreeMap, fmt::Debug};

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::{super::calls::said, chaos};
use crate::{
    Call, Verdict,
    chaos::{
        Chaos,
        calls::{CALLS, RUN_TASK},
        deliveries::{DELETIONS, DELIVERIES},
        draw::{Kind, Rate, Sequence},
        tasks::{LOOKS, PLACEMENTS, TASK_EVENTS, TOKENS},
    },
};

/// Draws of which a rate is judged.
const DRAWS: u64 = 10_000;

fn call<'a>(service: &'a str, operation: &'a str) -> Call<'a> {
    Call { service, operation }
}

/// The troubles among the first `count` calls of an operation, each with its number.
fn troubles(chaos: &Chaos, call: Call<'_>, count: u64) -> Vec<String> {
    let decided = (0..count).map(|n| (n, chaos.call(call)));
    let troubles = decided.filter(|(_, verdict)| *verdict != Verdict::Serve);
    troubles.map(|(n, verdict)| format!("{n} {}", said(&verdict))).collect()
}

fn check(seed: u64, service: &str, operation: &str, expected: &Expect) {
    expected.assert_eq(&troubles(&chaos(seed), call(service, operation), 150).join("\n"));
}

#[test]
fn a_seed_is_these_troubles() {
    check(
        7,
        "ecs",
        "RunTask",
        &expect![[r#"
        1 400 ClientException before its effect
        4 400 ClientException before its effect
        19 connection closed before its effect
        20 400 ClientException before its effect
        37 connection closed before its effect
        42 400 ThrottlingException before its effect
        54 400 ThrottlingException before its effect
        68 connection closed before its effect
        85 400 ThrottlingException before its effect
        111 500 ServerException after its effect
        139 400 ThrottlingException before its effect"#]],
    );
    check(
        7,
        "ecs",
        "DescribeTasks",
        &expect![[r#"
        25 400 ThrottlingException before its effect
        36 connection closed after its effect
        52 connection closed before its effect
        72 connection closed after its effect
        116 connection closed after its effect
        130 connection closed before its effect
        137 connection closed before its effect
        140 400 ThrottlingException before its effect
        149 connection closed after its effect"#]],
    );
    check(
        8,
        "ecs",
        "DescribeTasks",
        &expect![[r#"
        4 connection closed before its effect
        15 connection closed after its effect
        48 400 ThrottlingException before its effect
        75 connection closed before its effect
        89 connection closed before its effect
        95 500 ServerException after its effect
        102 connection closed before its effect
        105 connection closed before its effect
        106 400 ThrottlingException before its effect"#]],
    );
    check(
        7,
        "s3",
        "PUT",
        &expect![[r#"
        34 500 InternalError before its effect
        93 503 SlowDown before its effect
        109 connection closed after its effect
        115 503 SlowDown before its effect
        117 connection closed before its effect
        124 500 InternalError after its effect"#]],
    );
    check(
        7,
        "sqs",
        "SendMessage",
        &expect![[r#"
        11 400 com.amazon.coral.availability#ThrottlingException before its effect
        30 connection closed before its effect
        57 503 ServiceUnavailable after its effect
        148 500 com.amazon.coral.service#InternalFailure after its effect"#]],
    );
    check(
        7,
        "dynamodb",
        "PutItem",
        &expect![[r#"
        35 400 com.amazon.coral.availability#ThrottlingException before its effect
        115 connection closed after its effect
        147 connection closed after its effect"#]],
    );
    check(
        7,
        "events",
        "PutEvents",
        &expect![[r#"
        47 500 InternalException after its effect
        92 500 InternalException after its effect"#]],
    );
    check(
        7,
        "lambda",
        "Invoke",
        &expect![[r#"
        0 429 TooManyRequestsException before its effect
        8 connection closed before its effect
        25 503 ServiceUnavailable after its effect
        29 500 ServiceException before its effect
        75 429 TooManyRequestsException before its effect
        80 429 TooManyRequestsException before its effect
        104 connection closed after its effect
        117 connection closed before its effect"#]],
    );
}

#[test]
fn what_aws_would_not_fail_is_served() {
    let chaos = chaos(7);
    for (service, operation) in
        [("ecs-agent", "/_ecs/v4/task"), ("sts", "GetCallerIdentity"), ("iam", "GetRole")]
    {
        assert_eq!(troubles(&chaos, call(service, operation), 1_000), Vec::<String>::new());
    }
}

#[test]
fn a_seed_is_the_same_however_calls_interleave() {
    let operations = ["PutItem", "GetItem", "UpdateItem"].map(|name| call("dynamodb", name));
    let (together, alone) = (chaos(3), chaos(3));
    let mut interleaved: BTreeMap<&str, Vec<Verdict>> = BTreeMap::new();
    std::thread::scope(|scope| {
        let threads = operations.map(|call| {
            let chaos = together.clone();
            scope.spawn(move || (call, (0..500).map(|_| chaos.call(call)).collect::<Vec<_>>()))
        });
        for thread in threads {
            let (call, verdicts) = thread.join().unwrap();
            interleaved.insert(call.operation, verdicts);
        }
    });
    for call in operations {
        let verdicts: Vec<_> = (0..500).map(|_| alone.call(call)).collect();
        assert_eq!(verdicts, interleaved[call.operation]);
    }
    assert_ne!(interleaved["PutItem"], interleaved["GetItem"]);
}

/// Each rate is met: within a quarter of it and five of ten thousand.
fn judge_rates<T: Copy + Debug + PartialEq>(kind: Kind, rates: &[Rate<T>]) {
    let sequence = Sequence { seed: 1, kind, subject: "subject" };
    let hits: Vec<T> =
        (0..DRAWS).filter_map(|n| sequence.pick(n, rates)).map(|hit| hit.0).collect();
    for (rate, what) in rates {
        let count = hits.iter().filter(|hit| *hit == what).count() as u64;
        let expected = rate * DRAWS / 1_000;
        let tolerance = expected / 4 + 5;
        assert!(count.abs_diff(expected) <= tolerance, "{what:?}: {count}, not {expected}");
    }
}

#[test]
fn each_trouble_happens_about_as_often_as_stated() {
    judge_rates(Kind::Call, &CALLS);
    judge_rates(Kind::Call, &RUN_TASK);
    judge_rates(Kind::Delivery, &DELIVERIES);
    judge_rates(Kind::Deletion, &DELETIONS);
    judge_rates(Kind::Placement, &PLACEMENTS);
    judge_rates(Kind::TaskEvent, &TASK_EVENTS);
    judge_rates(Kind::Token, &TOKENS);
    judge_rates(Kind::Visibility, &LOOKS);
}

proptest! {
    #[test]
    fn no_more_than_two_in_a_row(seed: u64, rate in 0..=1_000_u64, from in 0..1_000_u64) {
        let sequence = Sequence { seed, kind: Kind::Call, subject: "s" };
        let is_hit = |n| sequence.pick(n, &[(rate, ())]).is_some();
        prop_assert!(!(from..from + 3).all(is_hit));
    }

    #[test]
    fn numbers_are_within_their_bounds(seed: u64, least in 0..100_u32, width in 0..100_u32) {
        let sequence = Sequence { seed, kind: Kind::Delivery, subject: "s" };
        let ((), draw) = sequence.pick(0, &[(1_000, ())]).unwrap();
        prop_assert!((least..=least + width).contains(&draw.between(least, least + width)));
        prop_assert_eq!(draw.of::<u8>(&[]), None);
    }
}

#[test]
fn numbers_reach_their_bounds() {
    let sequence = Sequence { seed: 1, kind: Kind::Delivery, subject: "s" };
    let draws = (0..200).filter_map(|n| sequence.pick(n, &[(1_000, ())]));
    let mut seen: Vec<u32> = draws.map(|((), draw)| draw.between(10, 13)).collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen, [10, 11, 12, 13]);
}

#[test]
fn names_without_end_are_left_in_peace() {
    let chaos = chaos(1);
    for n in 0..super::super::SUBJECTS_MAX {
        chaos.call(call("ecs", &n.to_string()));
    }
    assert_eq!(troubles(&chaos, call("ecs", "RunTask"), 500), Vec::<String>::new());
    assert_ne!(troubles(&chaos, call("ecs", "7"), 500), Vec::<String>::new());
}
