//! The load of a queue, by what its scaler recorded of it.

use std::collections::VecDeque;

use longshore::scale::{Finished, Observation, Reading};

use crate::{
    arrivals::{BadLine, MESSAGES_MAX},
    number::{real, whole},
};

/// How far the counts of a queue may be too low without messages being taken for gone, as a share of
/// them; they are approximate (GetQueueAttributes API reference).
const NOISE: f64 = 0.05;
/// The same of a few messages.
const NOISE_MESSAGES: f64 = 10.0;
/// How late workers may tell what they finished: three of their words.
const TOLD_LATE_SECS: f64 = 30.0;
/// Believable counts.
const COUNT_MAX: f64 = 1e9;
/// Largest believable launch or observation gap.
const SECS_MAX: f64 = 2_592_000.0;

const FORM: &str = "write an observation a line, as `longshore recommend QUEUE --log` prints them";
const FEWER: &str = "take a shorter time";

/// What was recorded of a queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recorded {
    /// When each message came, in seconds from the first observation on, ascending.
    pub arrivals: Vec<f64>,
    /// Mean seconds of work on a message, if workers told of any.
    pub work_secs: Option<f64>,
    /// Median seconds from asking for a task until it received, if any was asked for.
    pub launch_secs: Option<f64>,
    /// From the first observation to the last.
    pub secs: f64,
}

/// Observations, one a line as JSON; empty lines are left out.
pub fn observations(text: &str) -> Result<Vec<Observation>, BadLine> {
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(line, json)| {
            let read = serde_json::from_str(json);
            read.map_err(|error| BadLine { line, why: error.to_string(), todo: FORM })
        })
        .collect()
}

impl Recorded {
    /// What `observations`, in their order, say; what cannot be believed is left out.
    ///
    /// Arrivals are not observed: they are what came in so that, with what was finished, the queue
    /// holds what it holds. Those between two readings are taken to come evenly.
    pub fn of(observations: &[Observation]) -> Result<Self, BadLine> {
        let mut known = Self::default();
        let (mut last, mut begin): (Option<Reading>, f64) = (None, 0.0);
        let (mut owed, mut finished) = (0.0, Finished::default());
        let mut gone = VecDeque::new();
        let (mut work, mut starts) = (Finished::default(), Vec::new());
        for (nth, seen) in observations.iter().enumerate() {
            starts.extend(
                seen.started_secs.iter().copied().filter(|secs| is_within(*secs, SECS_MAX)),
            );
            if let Some(done) = seen.workers.filter(is_believable) {
                finished.messages += done.messages;
                work.messages += done.messages;
                work.busy_secs += done.busy_secs;
            }
            let Some(reading) = seen.queue.filter(is_a_reading) else { continue };
            let before = match last {
                None => {
                    begin = reading.at_secs;
                    Reading { at_secs: begin, ..Reading::default() }
                }
                Some(last) if reading.at_secs > last.at_secs => last,
                Some(_) => continue,
            };
            let held = |it: Reading| it.visible + it.in_flight;
            let growth = held(reading) - held(before);
            owed += growth + std::mem::take(&mut finished).messages;
            // Fewer than nothing came: the counts are too low, what was finished is not told yet, or
            // the queue was purged.
            let noise = NOISE * held(reading) + NOISE_MESSAGES;
            owed = f64::max(owed, -noise - lately(&mut gone, reading.at_secs, -growth));
            let count = whole(owed);
            if count > MESSAGES_MAX.saturating_sub(known.arrivals.len()) {
                let why = format!("makes it more than {MESSAGES_MAX} messages");
                return Err(BadLine { line: nth + 1, why, todo: FEWER });
            }
            let secs = reading.at_secs - before.at_secs;
            let at = |nth| before.at_secs - begin + secs * (real(nth) + 0.5) / real(count);
            known.arrivals.extend((0..count).map(at));
            owed -= real(count);
            known.secs = reading.at_secs - begin;
            last = Some(reading);
        }
        starts.sort_by(f64::total_cmp);
        known.launch_secs = starts.get(starts.len() / 2).copied();
        known.work_secs = (work.messages >= 1.0).then(|| work.busy_secs / work.messages);
        Ok(known)
    }
}

/// Messages that went within the time in which their end is told, with those that went just now.
fn lately(gone: &mut VecDeque<(f64, f64)>, at_secs: f64, messages: f64) -> f64 {
    gone.push_back((at_secs, messages.max(0.0)));
    while gone.front().is_some_and(|(then, _)| *then <= at_secs - TOLD_LATE_SECS) {
        gone.pop_front();
    }
    gone.iter().map(|(_, messages)| messages).sum()
}

fn is_within(number: f64, max: f64) -> bool {
    (0.0..=max).contains(&number)
}

fn is_believable(done: &Finished) -> bool {
    is_within(done.messages, COUNT_MAX) && is_within(done.busy_secs, COUNT_MAX)
}

fn is_a_reading(reading: &Reading) -> bool {
    let counts = [reading.visible, reading.in_flight];
    reading.at_secs.is_finite() && counts.iter().all(|count| is_within(*count, COUNT_MAX))
}

#[cfg(test)]
mod tests {
    use longshore::scale::{Policy, Settings, State, decide};
    use proptest::prelude::*;

    use super::*;
    use crate::{Longshore, Observing, Shape, World, watch};

    fn seen(at_secs: f64, visible: f64, in_flight: f64, done: f64) -> Observation {
        Observation {
            at_secs,
            queue: Some(Reading { at_secs, visible, in_flight }),
            workers: Some(Finished { messages: done, busy_secs: 2.0 * done }),
            ..Observation::default()
        }
    }

    #[test]
    fn what_came_is_what_is_there_and_what_was_finished() {
        let log = [
            seen(100.0, 2.0, 0.0, 0.0),
            seen(110.0, 1.0, 1.0, 0.0),
            seen(120.0, 3.0, 1.0, 2.0),
            seen(130.0, 0.0, 0.0, 4.0),
        ];
        let known = Recorded::of(&log).unwrap();
        assert_eq!(known.arrivals, [0.0, 0.0, 11.25, 13.75, 16.25, 18.75]);
        assert_eq!((known.work_secs, known.secs), (Some(2.0), 30.0));
    }

    #[test]
    fn noise_makes_no_messages_and_a_purge_takes_none_from_later() {
        let wave =
            (0..100).map(|nth| seen(f64::from(nth), 1_000.0 + 20.0 * f64::from(nth % 2), 0.0, 0.0));
        let log: Vec<_> = wave.collect();
        let came = Recorded::of(&log).unwrap().arrivals.len();
        assert_eq!(came, 1_020, "a count that goes up and down is no arrivals");
        let purged = [(0.0, 500.0), (10.0, 0.0), (45.0, 0.0), (60.0, 50.0)];
        let purged = purged.map(|(at_secs, visible)| seen(at_secs, visible, 0.0, 0.0));
        assert_eq!(
            Recorded::of(&purged).unwrap().arrivals.len(),
            540,
            "but for the noise of a few"
        );
    }

    #[test]
    fn what_is_told_late_did_not_come_late() {
        let log = [
            seen(0.0, 300.0, 0.0, 0.0),
            seen(5.0, 100.0, 10.0, 0.0),
            seen(10.0, 0.0, 0.0, 150.0),
            seen(20.0, 0.0, 0.0, 150.0),
            seen(30.0, 1.0, 0.0, 0.0),
        ];
        assert_eq!(Recorded::of(&log).unwrap().arrivals.len(), 301);
    }

    #[test]
    fn a_long_burst_that_is_told_late_came_once() {
        let left = |nth: i32| f64::from((3_500 - 50 * (nth - 4).max(0)).max(0));
        let told = |nth: i32| left(nth - 3) - left(nth - 2);
        let moment = |nth| seen(5.0 * f64::from(nth), left(nth), 0.0, told(nth));
        let log: Vec<_> = (0..90).map(moment).collect();
        assert_eq!(Recorded::of(&log).unwrap().arrivals.len(), 3_500);
    }

    #[test]
    fn what_a_simulated_scaler_recorded_is_the_load_it_was_recorded_of() {
        let trace = Shape::Flash.trace(7);
        let settings = Longshore::settings(&trace, longshore::scale::Bias::Balanced);
        let scaler = Longshore::new("it", &settings, Observing::Workers).unwrap();
        let mut scaler = scaler.recording();
        watch(&trace, &World { count_noise: 0.0, ..World::default() }, &mut scaler, 7);
        let log: Vec<_> = scaler.recorded().iter().map(|(seen, _)| seen.clone()).collect();
        let known = Recorded::of(&log).unwrap();
        let share = real(known.arrivals.len()) / real(trace.arrivals.len());
        assert!((0.99..=1.01).contains(&share), "{share}");
        let work = known.work_secs.unwrap() / trace.mean_work_secs();
        assert!((0.9..=1.1).contains(&work), "{work}");
        let text: String =
            log.iter().map(|seen| serde_json::to_string(seen).unwrap() + "\n\n").collect();
        let read = observations(&text).unwrap();
        let policy = Policy::new("it", &Settings::default()).unwrap();
        let replay = |log: &[Observation]| {
            let step = |state, seen: &Observation| decide(seen, state, &policy).1;
            log.iter().fold(State::default(), step)
        };
        assert_eq!(replay(&read), replay(&log), "a log says the same when it is read again");
    }

    #[test]
    fn a_bad_line_is_named() {
        let said = observations("{}\n\nno\n").unwrap_err();
        assert_eq!(said.line, 3, "{said}");
        let many = Recorded::of(&[seen(0.0, 9e8, 0.0, 0.0)]).unwrap_err().to_string();
        assert!(many.contains("more than 5000000 messages; take a shorter time"), "{many}");
    }

    proptest! {
        #[test]
        fn whatever_was_recorded_arrivals_are_in_order(
            log in prop::collection::vec((any::<f64>(), any::<f64>(), 0.0..1e4, any::<f64>()), 0..20)
        ) {
            let log: Vec<_> = log.into_iter().map(|(at, v, f, done)| seen(at, v, f, done)).collect();
            if let Ok(known) = Recorded::of(&log) {
                prop_assert!(known.arrivals.iter().all(|at| *at >= 0.0) && known.arrivals.is_sorted());
            }
        }
    }
}
