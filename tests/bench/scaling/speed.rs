//! How long a decision takes at its worst: 64 segments of backlog, 200 tasks that start.

use std::{hint::black_box, time::Instant};

use longshore::scale::{Finished, Observation, Policy, Reading, Settings, State, decide};

use crate::bars::judge;

/// Moments of a queue that grows and never is empty.
const MOMENTS: u32 = 200;
/// Decisions that are timed.
const TIMES: u32 = 2_000;

/// Prints the microseconds that a decision takes; whether they are few enough.
pub(crate) fn print() -> bool {
    let settings = Settings { max_tasks: 1_000, messages_per_task: 4, ..Settings::default() };
    let policy = Policy::new("queue", &settings).expect("settings of a benchmark");
    let mut state = State::default();
    for moment in 1..MOMENTS {
        state = decide(&seen(moment), state, &policy).1;
    }
    let last = seen(MOMENTS);
    let begin = Instant::now();
    for _ in 0..TIMES {
        black_box(decide(black_box(&last), state.clone(), &policy));
    }
    let micros = begin.elapsed().as_secs_f64() * 1e6 / f64::from(TIMES);
    judge("µs per decision, copy of the state included", micros, 50.0)
}

fn seen(moment: u32) -> Observation {
    let at_secs = 5.0 * f64::from(moment);
    let visible = 1_000.0 * f64::from(moment);
    Observation {
        at_secs,
        queue: Some(Reading { at_secs, visible, in_flight: 400.0 }),
        running: 100,
        may_leave: 100,
        starting_secs: (0..200_u32).map(|age| f64::from(age) / 5.0).collect(),
        workers: Some(Finished { messages: 50.0, busy_secs: 2_000.0 }),
        ..Observation::default()
    }
}
