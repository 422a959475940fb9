//! Step 7: the most that was wanted within some time.
//!
//! A task that is kept until it has not been needed for as long as starting one costs is never
//! more than twice as dear as the best choice would have been (Lin and Wierman; ski rental).

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// Most steps of it that are remembered; above, the two oldest become one.
const STEPS_MAX: usize = 64;

/// A peak over a sliding time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Peak {
    /// Ever lower, ever newer: what was lower and older can no longer be the most.
    steps: VecDeque<Step>,
}

/// So many tasks, last wanted then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Step {
    /// Milliseconds since 1970.
    at_ms: i64,
    tasks: u32,
}

impl Peak {
    /// The most within the last `hold_secs`, `tasks` now included.
    pub(super) fn push(&mut self, at_secs: f64, tasks: u32, hold_secs: f64) -> u32 {
        let at_ms = millis(at_secs);
        let begin_ms = at_ms.saturating_sub(millis(hold_secs));
        while self.steps.front().is_some_and(|step| step.at_ms < begin_ms) {
            self.steps.pop_front();
        }
        while self.steps.back().is_some_and(|step| step.tasks <= tasks) {
            self.steps.pop_back();
        }
        self.steps.push_back(Step { at_ms, tasks });
        if self.steps.len() > STEPS_MAX
            && let Some(oldest) = self.steps.pop_front()
            && let Some(next) = self.steps.front_mut()
        {
            next.tasks = oldest.tasks;
        }
        self.steps.front().map_or(tasks, |step| step.tasks)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the cast saturates")]
fn millis(secs: f64) -> i64 {
    (secs * 1_000.0).round() as i64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_most_is_held_for_its_time() {
        let mut peak = Peak::default();
        let wanted = [(0, 5), (10, 9), (20, 3), (40, 2), (54, 1), (56, 1), (66, 4)];
        let held = wanted.map(|(at, tasks)| peak.push(f64::from(at), tasks, 45.0));
        assert_eq!(held, [5, 9, 9, 9, 9, 3, 4]);
    }

    proptest! {
        #[test]
        fn it_is_the_most_of_the_window(wanted in proptest::collection::vec((1..9_i32, 0..50_u32), 1..60)) {
            let (mut peak, mut at, mut all) = (Peak::default(), 0, Vec::new());
            for (step, tasks) in wanted {
                at += step;
                all.push((at, tasks));
                let window = all.iter().filter(|(then, _)| *then >= at - 45);
                let most = window.map(|(_, tasks)| *tasks).max().unwrap();
                prop_assert_eq!(peak.push(f64::from(at), tasks, 45.0), most);
            }
        }

        #[test]
        fn it_stays_small_and_never_forgets_too_early(wanted in proptest::collection::vec(0..5_000_u32, 1..400)) {
            let mut peak = Peak::default();
            for (at, tasks) in wanted.iter().enumerate() {
                let at = f64::from(u32::try_from(at).unwrap());
                let held = peak.push(at, *tasks, 1e9);
                prop_assert!(peak.steps.len() <= STEPS_MAX);
                prop_assert_eq!(Some(&held), wanted[..=peak_index(at)].iter().max());
            }
        }
    }

    fn peak_index(at: f64) -> usize {
        crate::scale::number::whole(at).try_into().unwrap()
    }
}
