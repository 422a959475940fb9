//! Settings that can be followed, and that will disappoint.

use std::fmt;

use super::{launches::EXPECTED_SECS, policy::Policy};

/// Share of the wait that is planned with, as in a decision.
const WAIT_SHARE: f64 = 0.8;
/// Time that passes between an arrival and the request for a task, and some.
const MARGIN_SECS: f64 = 10.0;

/// A wait that a cold start cannot meet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Warning {
    max_wait_secs: f64,
    /// As measured; none if none was.
    launch_secs: Option<f64>,
}

impl Policy {
    /// Whether a queue without messages and tasks can be left alone for so long, where a task takes
    /// `launch_secs` to start: a message that comes meanwhile still begins in time.
    #[must_use]
    pub fn may_be_left(&self, secs: f64, launch_secs: f64) -> bool {
        self.min_tasks == 0 && WAIT_SHARE * self.max_wait_secs >= secs + launch_secs + MARGIN_SECS
    }

    /// What is wrong with the settings where a task was measured to take `launch_secs` to start, or
    /// as long as is expected. With a task that is always there nothing is.
    #[must_use]
    pub fn warning(&self, launch_secs: Option<f64>) -> Option<Warning> {
        let max_wait_secs = self.max_wait_secs;
        let secs = launch_secs.unwrap_or(EXPECTED_SECS);
        let is_short = WAIT_SHARE * max_wait_secs < secs + MARGIN_SECS;
        (is_short && self.min_tasks == 0).then_some(Warning { max_wait_secs, launch_secs })
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { max_wait_secs, launch_secs } = self;
        let secs = launch_secs.unwrap_or(EXPECTED_SECS);
        let enough_secs = ((secs + MARGIN_SECS) / WAIT_SHARE).ceil();
        let (takes, or) = match launch_secs {
            Some(_) => ("takes", "make the image smaller"),
            None => (
                "is assumed to take",
                "leave it so if your image starts sooner: `longshore scale` shows what was measured",
            ),
        };
        write!(
            f,
            "maxWait is {max_wait_secs} s, and a task {takes} {secs:.0} s to start: set minTasks \
             to 1 or more, raise maxWait to {enough_secs} s, or {or}"
        )
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::{
        scale::{Policy, Settings},
        trigger::Seconds,
    };

    fn warned(max_wait: u32, min_tasks: u32, launch_secs: impl Into<Option<f64>>) -> String {
        let max_wait = Seconds::new(max_wait);
        let settings = Settings { max_wait, min_tasks, ..Settings::default() };
        let policy = Policy::new("queue", &settings).unwrap();
        policy
            .warning(launch_secs.into())
            .map_or_else(String::new, |warning| format!("{warning}\n"))
    }

    #[test]
    fn a_wait_that_a_cold_start_cannot_meet_is_warned_of() {
        expect![[r#"
            maxWait is 60 s, and a task takes 39 s to start: set minTasks to 1 or more, raise maxWait to 62 s, or make the image smaller
        "#]].assert_eq(&warned(60, 0, 39.0));
        assert_eq!(warned(60, 0, 38.0), "");
        assert_eq!(warned(62, 0, 39.0), "");
        assert_eq!(warned(60, 1, 39.0), "");
    }

    #[test]
    fn a_start_that_was_never_measured_is_called_an_assumption() {
        expect![[r#"
            maxWait is 60 s, and a task is assumed to take 40 s to start: set minTasks to 1 or more, raise maxWait to 63 s, or leave it so if your image starts sooner: `longshore scale` shows what was measured
        "#]]
        .assert_eq(&warned(60, 0, None));
        assert_eq!(warned(63, 0, None), "");
    }

    #[test]
    fn an_idle_queue_is_left_alone_only_if_its_wait_allows_it() {
        let left = |max_wait: u32, min_tasks: u32| {
            let max_wait = Seconds::new(max_wait);
            let settings = Settings { max_wait, min_tasks, ..Settings::default() };
            Policy::new("queue", &settings).unwrap().may_be_left(60.0, 40.0)
        };
        assert_eq!([60, 136, 137, 138].map(|wait| left(wait, 0)), [false, false, false, true]);
        assert!(!left(138, 1), "the tasks that are kept are looked after");
    }
}
