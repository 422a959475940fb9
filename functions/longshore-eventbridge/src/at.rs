//! `at(2026-11-20T13:00:00)`: once, on the clock of a zone.

use std::fmt;

use jiff::civil::DateTime;

/// A valid `at(yyyy-mm-ddThh:mm:ss)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtExpression {
    local: DateTime,
}

/// Why an `at(…)` is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`at({0})` is no date and time; write at(yyyy-mm-ddThh:mm:ss) with a date that there is, and \
     the zone in ScheduleExpressionTimezone"
)]
pub struct AtError(String);

impl AtExpression {
    /// Reads what stands between the brackets ("Schedule types in EventBridge Scheduler",
    /// one-time).
    pub fn parse(inside: &str) -> Result<Self, AtError> {
        let local = inside.parse().ok().map(|local| Self { local });
        let written_so =
            |at: &Self| at.local.to_string() == inside && at.local.subsec_nanosecond() == 0;
        local.filter(written_so).ok_or_else(|| AtError(inside.into()))
    }

    /// The time on the clock of the schedule's zone.
    #[must_use]
    pub fn local(&self) -> DateTime {
        self.local
    }
}

impl fmt::Display for AtExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at({})", self.local)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_and_a_time_are_taken_and_nothing_else() {
        for (inside, taken) in [
            ("2022-11-20T13:00:00", true),
            ("2028-02-29T23:59:59", true),
            ("2027-02-29T00:00:00", false),
            ("2022-11-31T13:00:00", false),
            ("2022-11-20T24:00:00", false),
            ("2022-11-20T13:00:60", false),
            ("2022-11-20T13:00", false),
            ("2022-11-20T13:00:00.5", false),
            ("2022-11-20T13:00:00Z", false),
            ("2022-11-20T13:00:00+01:00", false),
            ("2022-11-20 13:00:00", false),
            (" 2022-11-20T13:00:00", false),
            ("20221120T130000", false),
            ("tomorrow", false),
            ("", false),
        ] {
            let read = AtExpression::parse(inside);
            assert_eq!(read.is_ok(), taken, "{inside}");
            if let Ok(at) = read {
                assert_eq!(at.to_string(), format!("at({inside})"));
            }
        }
    }
}
