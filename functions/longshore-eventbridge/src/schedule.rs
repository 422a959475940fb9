//! A schedule expression: when a schedule, or a scheduled rule, fires.

use crate::{RateError, RateExpression};

/// A valid schedule expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Schedule {
    /// `rate(5 minutes)`
    Rate(RateExpression),
}

/// Why a schedule expression is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// AWS takes it, this program does not yet.
    #[error("`{kind}(…)` expressions are not served yet; rate(…) is")]
    NotServedYet {
        /// `cron` or `at`.
        kind: &'static str,
    },
    /// It is no schedule expression.
    #[error("`{0}` is no schedule expression; write rate(…), cron(…) or at(…)")]
    Unknown(String),
    /// The rate is wrong.
    #[error(transparent)]
    Rate(#[from] RateError),
}

impl Schedule {
    /// Reads `rate(…)`; `cron(…)` and `at(…)` are known but not served yet.
    pub fn parse(expression: &str) -> Result<Self, ScheduleError> {
        let unknown = || ScheduleError::Unknown(expression.into());
        let (kind, rest) = expression.trim().split_once('(').ok_or_else(unknown)?;
        let inside = rest.strip_suffix(')').ok_or_else(unknown)?;
        match kind {
            "rate" => Ok(Self::Rate(RateExpression::parse(inside)?)),
            "cron" => Err(ScheduleError::NotServedYet { kind: "cron" }),
            "at" => Err(ScheduleError::NotServedYet { kind: "at" }),
            _ => Err(unknown()),
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "expect![] gives an owned value")]
    fn check(expression: &str, expected: Expect) {
        let answer = match Schedule::parse(expression) {
            Ok(Schedule::Rate(rate)) => format!("{rate}: every {} s", rate.interval().as_secs()),
            Err(error) => error.to_string(),
        };
        expected.assert_eq(&answer);
    }

    #[test]
    fn a_rate_is_served() {
        check("rate(1 minute)", expect!["rate(1 minute): every 60 s"]);
        check("rate(2 hours)", expect!["rate(2 hours): every 7200 s"]);
    }

    #[test]
    fn what_is_not_served_says_so() {
        let cron = "cron(0 2 * * ? *)";
        check(cron, expect!["`cron(…)` expressions are not served yet; rate(…) is"]);
        let at = "at(2026-11-22T00:00:00)";
        check(at, expect!["`at(…)` expressions are not served yet; rate(…) is"]);
    }

    #[test]
    fn what_is_wrong_says_what_to_write() {
        let every = "every(5 minutes)";
        check(
            every,
            expect![
                "`every(5 minutes)` is no schedule expression; write rate(…), cron(…) or at(…)"
            ],
        );
        check(
            "rate(5 minutes",
            expect!["`rate(5 minutes` is no schedule expression; write rate(…), cron(…) or at(…)"],
        );
        check(
            "rate(1 minutes)",
            expect!["write `rate(1 minute)`: 1 takes the singular, every other number the plural"],
        );
    }

    proptest! {
        #[test]
        fn nothing_written_makes_it_panic(expression in ".*|(rate|cron|at)\\(.*\\)?") {
            drop(Schedule::parse(&expression));
        }
    }
}
