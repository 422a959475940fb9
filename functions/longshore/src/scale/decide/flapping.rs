//! Counts that flip, of a queue that nobody works off: how often the fleet is changed for it.

use crate::{
    scale::{
        Bias, Observation, Policy, Reading, Settings, State, decide,
        number::whole,
        samples::{POLL_SECS, seen},
    },
    trigger::Seconds,
};

/// How long a queue is watched; changes are counted in the second half, which is an hour.
const WATCHED_SECS: u32 = 7_200;
/// Time from asking for a task until it receives.
const LAUNCH_SECS: f64 = 35.0;
/// Time for which a task is paid in any case.
const PAID_SECS: f64 = 54.0;
/// Share by which counts waver, both ways.
const WAVER: f64 = 0.2;

/// Launches and departures, each as often as there was a decision for one.
#[derive(Debug, Default, PartialEq, Eq)]
struct Changes {
    launches: u32,
    drains: u32,
}

/// Changes in an hour, of a queue that holds as many messages as `depths` in turn, each for so long.
fn changes(depths: [f64; 2], flip_secs: f64, bias: Bias) -> Changes {
    let max_wait = Seconds::new(60);
    let settings = Settings { max_wait, max_tasks: 50, bias, ..Settings::default() };
    let policy = Policy::new("queue", &settings).unwrap();
    let (mut state, mut tasks, mut changes) = (State::default(), Vec::new(), Changes::default());
    for step in 0..WATCHED_SECS / whole(POLL_SECS) {
        let at_secs = f64::from(step) * POLL_SECS;
        let depth = depths[usize::from((at_secs / flip_secs) % 2.0 >= 1.0)];
        let sign = [1.0, -0.3, -1.0, 0.5][step as usize % 4];
        let visible = (depth * (1.0 + WAVER * sign)).round();
        let (decision, next) = decide(&moment(at_secs, visible, &tasks), state, &policy);
        state = next;
        if at_secs >= f64::from(WATCHED_SECS / 2) {
            changes.launches += u32::from(decision.launch > 0);
            changes.drains += u32::from(decision.drain > 0);
        }
        tasks.drain(..decision.drain as usize);
        tasks.extend(std::iter::repeat_n(at_secs, decision.launch as usize));
    }
    changes
}

/// What is seen of a queue and its tasks, by when each was asked for, the oldest first.
fn moment(at_secs: f64, visible: f64, tasks: &[f64]) -> Observation {
    let older = |secs: f64| tasks.iter().filter(|asked| at_secs - **asked >= secs).count();
    let count = |length: usize| u32::try_from(length).unwrap();
    let starting = tasks[older(LAUNCH_SECS)..].iter();
    Observation {
        queue: Some(Reading { at_secs, visible, in_flight: 0.0 }),
        running: count(older(LAUNCH_SECS)),
        may_leave: count(older(PAID_SECS)),
        starting_secs: starting.map(|asked| at_secs - asked).collect(),
        ..seen(at_secs, visible, 0.0, 0)
    }
}

/// A minute, and even a quarter of it, is longer than a task is held for what may come, and a cold
/// start is all that it costs to let it go: at most one change for each of the queue's own rises and
/// falls, which are thirty and thirty in an hour of minutes.
#[test]
fn a_depth_that_flips_changes_the_fleet_no_more_often_than_itself() {
    for depths in [[1.0, 1_000.0], [0.0, 1.0], [0.0, 1_000.0]] {
        for (bias, flip_secs, most) in [
            (Bias::Cheap, 60.0, 30),
            (Bias::Balanced, 60.0, 30),
            (Bias::Cheap, 15.0, 120),
            (Bias::Balanced, 30.0, 60),
        ] {
            let changes = changes(depths, flip_secs, bias);
            assert!(changes.launches <= most && changes.drains <= most, "{depths:?} {changes:?}");
        }
    }
}

/// A count that comes back within the time that tasks are held for it changes nothing; nor does one
/// that wavers without going away.
#[test]
fn a_depth_that_flips_faster_than_tasks_are_held_changes_nothing() {
    for (bias, flip_secs) in [(Bias::Cheap, 5.0), (Bias::Balanced, 15.0), (Bias::Fast, 60.0)] {
        for depths in [[1.0, 1_000.0], [0.0, 1.0]] {
            assert_eq!(changes(depths, flip_secs, bias), Changes::default(), "{depths:?} {bias:?}");
        }
        for depths in [[800.0, 1_000.0], [1_000.0; 2]] {
            assert_eq!(changes(depths, 60.0, bias), Changes::default(), "{depths:?} {bias:?}");
        }
    }
}
