//! A schedule expression: when a schedule, or a scheduled rule, fires.

use std::fmt;

use crate::{AtError, AtExpression, CronError, CronExpression, RateError, RateExpression};

/// A valid schedule expression. It is written as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Schedule {
    /// `rate(5 minutes)`
    Rate(RateExpression),
    /// `cron(0 2 * * ? *)`
    Cron(CronExpression),
    /// `at(2026-11-20T13:00:00)`
    At(AtExpression),
}

/// Why a schedule expression is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// It is no schedule expression.
    #[error("`{0}` is no schedule expression; write rate(…), cron(…) or at(…)")]
    Unknown(String),
    /// The rate is wrong.
    #[error(transparent)]
    Rate(#[from] RateError),
    /// The cron expression is wrong.
    #[error(transparent)]
    Cron(#[from] CronError),
    /// The date and time are wrong.
    #[error(transparent)]
    At(#[from] AtError),
    /// EventBridge Scheduler takes it, a rule does not.
    #[error("a rule does not take `at(…)`; use AWS::Scheduler::Schedule for what happens once")]
    AtInRule,
    /// EventBridge Scheduler takes it, a rule does not.
    #[error("`{0}` has no year, which a rule needs; add `*` at its end")]
    NoYearInRule(String),
}

impl Schedule {
    /// Reads what `ScheduleExpression` of a schedule takes ("Schedule types in EventBridge
    /// Scheduler").
    pub fn parse(expression: &str) -> Result<Self, ScheduleError> {
        let unknown = || ScheduleError::Unknown(expression.into());
        let (kind, rest) = expression.trim().split_once('(').ok_or_else(unknown)?;
        let inside = rest.strip_suffix(')').ok_or_else(unknown)?;
        match kind {
            "rate" => Ok(Self::Rate(RateExpression::parse(inside)?)),
            "cron" => Ok(Self::Cron(CronExpression::parse(inside)?)),
            "at" => Ok(Self::At(AtExpression::parse(inside)?)),
            _ => Err(unknown()),
        }
    }

    /// Reads what `ScheduleExpression` of a rule takes: no `at`, and the year is not optional
    /// ("Setting a schedule pattern for scheduled rules (legacy)"). A rule's clock shows UTC.
    pub fn parse_of_rule(expression: &str) -> Result<Self, ScheduleError> {
        match Self::parse(expression)? {
            Self::At(_) => Err(ScheduleError::AtInRule),
            Self::Cron(cron) if !cron.year_given() => {
                Err(ScheduleError::NoYearInRule(cron.to_string()))
            }
            schedule => Ok(schedule),
        }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rate(rate) => rate.fmt(f),
            Self::Cron(cron) => cron.fmt(f),
            Self::At(at) => at.fmt(f),
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
            Ok(schedule) => format!("{schedule}"),
            Err(error) => error.to_string(),
        };
        expected.assert_eq(&answer);
    }

    #[test]
    fn the_three_kinds_are_read() {
        check("rate(1 minute)", expect!["rate(1 minute)"]);
        check(" rate(2  hours) ", expect!["rate(2 hours)"]);
        check("cron( 0 2 ? jan mon-Fri * )", expect!["cron(0 2 ? JAN MON-FRI *)"]);
        check("cron(0 2 * * ?)", expect!["cron(0 2 * * ?)"]);
        check("at(2026-11-22T00:00:00)", expect!["at(2026-11-22T00:00:00)"]);
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

    #[test]
    fn a_rule_takes_less_than_a_schedule() {
        for (expression, answer) in [
            ("rate(5 minutes)", "rate(5 minutes)"),
            ("cron(0 2 * * ? *)", "cron(0 2 * * ? *)"),
            ("cron(0 2 * * ?)", "add `*` at its end"),
            ("at(2026-11-22T00:00:00)", "use AWS::Scheduler::Schedule"),
            ("rate(1 minutes)", "write `rate(1 minute)`"),
        ] {
            let read = match Schedule::parse_of_rule(expression) {
                Ok(schedule) => schedule.to_string(),
                Err(error) => error.to_string(),
            };
            assert!(read.contains(answer), "{expression}: {read}");
        }
    }

    proptest! {
        #[test]
        fn nothing_written_makes_it_panic(
            expression in prop_oneof![
                ".*|(rate|cron|at)\\(.*\\)?",
                "cron\\(([-0-9*,/?LW#A-Z]{1,6} ){5}[-0-9*,/]{1,9}\\)",
                "cron\\([0-9*] [0-9*] [-0-9*,/LW]{1,4} [0-9*] \\? [*]\\)",
                "cron\\([0-9*] [0-9*] \\? [0-9*] [-1-7*,/L#]{1,4} [*]\\)",
            ]
        ) {
            if let Ok(schedule) = Schedule::parse(&expression) {
                prop_assert_eq!(Schedule::parse(&schedule.to_string()), Ok(schedule));
            }
        }
    }
}
