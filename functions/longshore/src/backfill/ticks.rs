//! Timetable, from, to ─▶ the ticks of that time.

use jiff::{SignedDuration, Timestamp};
use longshore_eventbridge::Timetable;

/// Most ticks of one backfill: each becomes a task, and some seventy days of minutes are more
/// likely a slip of the pen than a wish.
pub const TICKS_MAX: usize = 100_000;

/// Why no ticks are named.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TicksError {
    /// The times are the wrong way round.
    #[error("--from {from} is not before --to {to}; exchange them")]
    Backwards {
        /// The first time.
        from: Timestamp,
        /// The end.
        to: Timestamp,
    },
    /// The schedule sends these itself.
    #[error(
        "--to {to} lies ahead: the schedule sends its ticks from now on by itself; leave --to out \
         for all until now"
    )]
    Ahead {
        /// The end.
        to: Timestamp,
    },
    /// There are too many.
    #[error(
        "there are more than {TICKS_MAX} ticks from {from} to {to}; go in parts, the first with \
         --to {upto}"
    )]
    TooMany {
        /// The first time.
        from: Timestamp,
        /// The end.
        to: Timestamp,
        /// The end of a part that is not too large.
        upto: Timestamp,
    },
}

/// The ticks of `timetable` from `from` on and before `to`, which has passed at `now`.
pub fn ticks(
    timetable: &Timetable,
    from: Timestamp,
    to: Timestamp,
    now: Timestamp,
) -> Result<Vec<Timestamp>, TicksError> {
    if from >= to {
        return Err(TicksError::Backwards { from, to });
    }
    if to > now {
        return Err(TicksError::Ahead { to });
    }
    let before = |at: Timestamp| at.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(at);
    let ticks: Vec<_> = timetable.ticks(before(from), before(to)).take(TICKS_MAX + 1).collect();
    match ticks.get(TICKS_MAX) {
        Some(&upto) => Err(TicksError::TooMany { from, to, upto }),
        None => Ok(ticks),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::{backfill::timetable, trigger::Schedule};

    fn schedule(expression: &str, timezone: &str) -> Schedule {
        let json = serde_json::json!({"expression": expression, "timezone": timezone});
        serde_json::from_value(json).unwrap()
    }

    fn check(expression: &str, from: &str, to: &str, expected: &Expect) {
        let [from, to, now, heard] = [from, to, "2026-11-23T09:00:00Z", "2026-11-23T08:30:00Z"]
            .map(|at| at.parse().unwrap());
        let table = timetable(&schedule(expression, "Europe/Berlin"), heard, from).unwrap();
        let said = match ticks(&table, from, to, now) {
            Ok(ticks) => ticks.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
            Err(error) => error.to_string(),
        };
        expected.assert_eq(&said);
    }

    #[test]
    fn the_first_time_is_in_and_the_last_is_not() {
        let (from, to) = ("2026-10-24T07:00:00Z", "2026-10-26T08:00:00Z");
        check(
            "cron(0 9 * * ? *)",
            from,
            to,
            &expect![[r#"
                2026-10-24T07:00:00Z
                2026-10-25T08:00:00Z"#]],
        );
        check("at(2026-10-25T02:30:00)", from, to, &expect!["2026-10-25T00:30:00Z"]);
        check("at(2026-10-26T09:00:00)", from, to, &expect![""]);
    }

    #[test]
    fn a_rate_has_the_times_of_the_tick_that_was_heard_before_it_too() {
        let (from, to) = ("2026-11-22T22:30:00Z", "2026-11-23T01:30:00Z");
        check(
            "rate(1 hour)",
            from,
            to,
            &expect![[r#"
                2026-11-22T22:30:00Z
                2026-11-22T23:30:00Z
                2026-11-23T00:30:00Z"#]],
        );
    }

    #[test]
    fn what_cannot_be_meant_is_answered_with_what_to_write() {
        let (early, late) = ("2025-11-23T08:00:00Z", "2026-11-23T08:00:00Z");
        let hourly = "rate(1 hour)";
        check(
            hourly,
            late,
            early,
            &expect![
                "--from 2026-11-23T08:00:00Z is not before --to 2025-11-23T08:00:00Z; exchange them"
            ],
        );
        check(
            hourly,
            late,
            late,
            &expect![
                "--from 2026-11-23T08:00:00Z is not before --to 2026-11-23T08:00:00Z; exchange them"
            ],
        );
        check(
            hourly,
            late,
            "2026-11-23T09:00:01Z",
            &expect![
                "--to 2026-11-23T09:00:01Z lies ahead: the schedule sends its ticks from now on by itself; leave --to out for all until now"
            ],
        );
        check(
            "rate(1 minute)",
            early,
            late,
            &expect![
                "there are more than 100000 ticks from 2025-11-23T08:00:00Z to 2026-11-23T08:00:00Z; go in parts, the first with --to 2026-01-31T18:40:00Z"
            ],
        );
    }
}
