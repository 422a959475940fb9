//! A burst that is worked off by workers who tell what they did up to twelve seconds late, each in
//! its own time, where the counts of the queue are exact: what is inferred is what came.

use proptest::prelude::*;

use crate::scale::{
    Finished, Observation, Policy, Settings, State, decide,
    number::whole,
    samples::{POLL_SECS, seen},
};

/// Time between two looks at the workers.
const STEP_SECS: f64 = 0.25;
/// When the tasks that the burst needs begin to receive.
const STARTED_SECS: f64 = 20.0;
/// How long the empty queue is watched.
const WATCHED_SECS: f64 = 180.0;
/// How long after the last message its rate must be forgotten, and what may be left: a burst is no
/// rate, and a few messages since it came are too few for one.
const STILL_SECS: f64 = 60.0;
const STILL_MESSAGES: f64 = 4.0;
/// When everybody has told all, and it is reckoned with; from then on the rate only falls. Until then
/// it may turn out that a few more came: how many, the sum says.
const ALL_TOLD_SECS: f64 = 25.0;
/// How far off the sum may be: a share that is left in doubt, as the counts might waver.
const OFF_SHARE: f64 = 0.035;
const OFF_MESSAGES: f64 = 1.0;

/// A burst, and who works it off.
#[derive(Clone, Debug)]
struct Burst {
    messages: f64,
    work_secs: f64,
    expected_secs: Option<f64>,
    slots: u32,
    /// How long after one another each task tells what it did, and when it begins to.
    tells_secs: Vec<(f64, f64)>,
    /// When nobody observes.
    unseen_secs: (f64, f64),
}

/// What a task holds, and has not told.
#[derive(Debug, Default)]
struct Task {
    done_at_secs: Vec<f64>,
    finished: Finished,
    tells_at_secs: f64,
}

/// What was inferred of it.
#[derive(Debug, Default)]
struct Inferred {
    came: f64,
    /// Rates on the empty queue, with the time for which it has been watched.
    after: Vec<(f64, f64)>,
}

impl Burst {
    fn watch(&self) -> Inferred {
        let (policy, mut tasks) = (self.policy(), self.tasks());
        let (mut waiting, mut told) = (self.messages, Finished::default());
        let (mut state, mut inferred) = (State::default(), Inferred::default());
        let mut empty_at = None;
        for step in 0_u32.. {
            let at_secs = f64::from(step) * STEP_SECS;
            if at_secs >= STARTED_SECS {
                self.work(&mut tasks, &mut waiting, &mut told, at_secs);
            }
            let in_flight = count(tasks.iter().map(|task| task.done_at_secs.len()).sum());
            if waiting + in_flight == 0.0 && empty_at.is_none() {
                empty_at = Some(at_secs);
            }
            let (from, until) = self.unseen_secs;
            if at_secs % POLL_SECS != 0.0 || (from..until).contains(&at_secs) {
                continue;
            }
            // The burst comes after the first look.
            let visible = if step == 0 { 0.0 } else { waiting };
            let running = if at_secs >= STARTED_SECS { whole(count(tasks.len())) } else { 0 };
            let workers = Some(std::mem::take(&mut told));
            let seen = Observation { workers, ..seen(1e9 + at_secs, visible, in_flight, running) };
            let (decision, next) = decide(&seen, state, &policy);
            state = next;
            inferred.came += state.arrivals.recent.back().unwrap().arrivals;
            if let Some(empty_at) = empty_at {
                let watched_secs = at_secs - f64::max(empty_at, until);
                inferred.after.push((watched_secs, decision.numbers.arrivals_per_sec));
                if watched_secs > WATCHED_SECS {
                    break;
                }
            }
        }
        inferred
    }

    fn policy(&self) -> Policy {
        let settings = Settings {
            messages_per_task: self.slots,
            max_tasks: 5_000,
            expected_seconds: self.expected_secs,
            ..Settings::default()
        };
        Policy::new("queue", &settings).unwrap()
    }

    fn tasks(&self) -> Vec<Task> {
        let first_told = self.tells_secs.iter().map(|(_, first)| STARTED_SECS + first);
        first_told.map(|tells_at_secs| Task { tells_at_secs, ..Task::default() }).collect()
    }

    fn work(&self, tasks: &mut [Task], waiting: &mut f64, told: &mut Finished, at_secs: f64) {
        for (task, (every_secs, _)) in tasks.iter_mut().zip(&self.tells_secs) {
            let held = task.done_at_secs.len();
            task.finished.busy_secs += count(held) * STEP_SECS;
            task.done_at_secs.retain(|done| *done > at_secs);
            task.finished.messages += count(held - task.done_at_secs.len());
            while *waiting >= 1.0 && task.done_at_secs.len() < self.slots as usize {
                *waiting -= 1.0;
                // Work takes from half to one and a half times its mean.
                let share = 0.5 + (*waiting * 0.618_034).fract();
                task.done_at_secs.push(at_secs + share * self.work_secs);
            }
            if at_secs >= task.tells_at_secs {
                task.tells_at_secs = at_secs + every_secs;
                told.messages += task.finished.messages;
                told.busy_secs += task.finished.busy_secs;
                task.finished = Finished::default();
            }
        }
    }

    fn check(&self) {
        let Inferred { came, after } = self.watch();
        let off = (came - self.messages).abs();
        assert!(off <= OFF_SHARE * self.messages + OFF_MESSAGES, "{came} of {}", self.messages);
        for pair in after.windows(2) {
            let falls = pair[0].0 < ALL_TOLD_SECS || pair[1].1 <= pair[0].1;
            assert!(falls, "it rises on an empty queue: {after:?}");
        }
        for (secs, rate) in after.iter().filter(|(secs, _)| *secs >= STILL_SECS) {
            assert!(rate * secs <= STILL_MESSAGES, "{rate} a second after {secs} s");
        }
    }
}

fn count(length: usize) -> f64 {
    f64::from(u32::try_from(length).unwrap())
}

fn bursts() -> impl Strategy<Value = Burst> {
    let tells = proptest::collection::vec((10.0..12.0_f64, 0.0..12.0_f64), 1..40);
    let expected = proptest::option::of(0.5..20.0_f64);
    let gap = proptest::option::of(0.0..120.0_f64);
    (1..3_000_u32, 0.3..15.0_f64, expected, 1..8_u32, tells, gap).prop_map(
        |(messages, work_secs, expected_secs, slots, tells_secs, gap)| Burst {
            messages: f64::from(
                messages.min(600 * slots * u32::try_from(tells_secs.len()).unwrap()),
            ),
            work_secs,
            expected_secs,
            slots,
            tells_secs,
            unseen_secs: gap.map_or((0.0, 0.0), |at| (STARTED_SECS + at, STARTED_SECS + at + 60.0)),
        },
    )
}

fn burst() -> Burst {
    let tells = |n: u32| (10.0 + f64::from(n % 5) / 2.0, f64::from(n * 7 % 48) / 4.0);
    Burst {
        messages: 2_000.0,
        work_secs: 2.0,
        expected_secs: Some(2.0),
        slots: 4,
        tells_secs: (0..20).map(tells).collect(),
        unseen_secs: (0.0, 0.0),
    }
}

#[test]
fn what_came_is_known_although_it_is_told_late_that_it_is_done() {
    burst().check();
    Burst { work_secs: 0.5, ..burst() }.check();
    Burst { work_secs: 8.0, expected_secs: None, ..burst() }.check();
}

#[test]
fn what_nobody_watched_did_not_come_twice() {
    for from in [30.0, 50.0, 60.0, 70.0] {
        Burst { unseen_secs: (from, from + 60.0), ..burst() }.check();
    }
}

proptest! {
    #[test]
    fn what_came_is_known_of_any_burst(burst in bursts()) {
        burst.check();
    }
}
