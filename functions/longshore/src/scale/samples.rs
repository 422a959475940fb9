//! Observations and settings for tests.

use proptest::prelude::*;

use super::{Bias, Draining, Finished, Observation, Policy, Reading, Settings};
use crate::trigger::Seconds;

/// Usual time between two observations in tests.
pub(super) const POLL_SECS: f64 = 5.0;

/// A queue with so many messages that wait and are in flight, and so many tasks.
pub(super) fn seen(at_secs: f64, visible: f64, in_flight: f64, running: u32) -> Observation {
    Observation {
        at_secs,
        queue: Some(Reading { at_secs, visible, in_flight }),
        running,
        may_leave: running,
        workers: Some(Finished::default()),
        ..Observation::default()
    }
}

/// Policies of all kinds.
pub(super) fn policies() -> impl Strategy<Value = Policy> {
    let bias = prop_oneof![Just(Bias::Cheap), Just(Bias::Balanced), Just(Bias::Fast)];
    (1..2_000_u32, 0..5_u32, 1..200_u32, 1..20_u32, bias, 0.01..900.0_f64).prop_map(
        |(max_wait, min_tasks, more, messages_per_task, bias, expected)| {
            let settings = Settings {
                max_wait: Seconds::new(max_wait),
                min_tasks,
                max_tasks: min_tasks + more,
                messages_per_task,
                bias,
                expected_seconds: Some(expected),
            };
            Policy::new("queue", &settings).unwrap()
        },
    )
}

/// Mostly a count, now and then nonsense.
fn count(max: f64) -> impl Strategy<Value = f64> {
    prop_oneof![
        12 => (0.0..max).prop_map(f64::round),
        4 => Just(0.0),
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(-3.0),
        1 => Just(1e12),
    ]
}

/// Whatever may come: counts and nonsense, gaps, a clock that jumps, readings that are old.
pub(super) fn histories(length: usize) -> impl Strategy<Value = Vec<Observation>> {
    let step = prop_oneof![10 => 1.0..10.0_f64, 1 => Just(0.0), 1 => Just(1_800.0), 1 => -4_000.0..0.0_f64];
    let moment = (
        (step, prop_oneof![8 => 0.0..6.0_f64, 1 => Just(20.0), 1 => Just(1_800.0)]),
        (count(1e5), count(300.0), any::<Option<()>>()),
        (0..300_u32, 0..300_u32, proptest::collection::vec(count(150.0), 0..8)),
        (0..9_u32, count(40.0)),
        (proptest::option::of((count(500.0), count(1e4))), proptest::option::of(count(500.0))),
        (proptest::collection::vec(count(200.0), 0..3), 0..4_u32, proptest::option::of(0..9_u32)),
    );
    proptest::collection::vec(moment, 1..length).prop_map(|moments| {
        let mut at_secs = 1.8e9;
        let mut history = Vec::new();
        for (times, queue, tasks, draining, finished, launches) in moments {
            at_secs += times.0;
            let finish = |(messages, busy_secs)| Finished { messages, busy_secs };
            let (visible, in_flight) = (queue.0, queue.1);
            history.push(Observation {
                at_secs,
                queue: queue.2.map(|()| Reading { at_secs: at_secs - times.1, visible, in_flight }),
                running: tasks.0,
                may_leave: tasks.1,
                starting_secs: tasks.2,
                draining: Draining { tasks: draining.0, in_flight: draining.1 },
                workers: finished.0.map(finish),
                cloudwatch: finished.1.map(|messages| finish((messages, 60.0 * messages))),
                started_secs: launches.0,
                failed: launches.1,
                launches_max: launches.2,
            });
        }
        history
    })
}
