//! A time as a person writes it ─▶ an instant.

use jiff::{Timestamp, civil::DateTime};
use longshore_eventbridge::Zone;

use crate::printable::printable;

/// How much of what was written is repeated.
const TEXT_CHARS_MAX: usize = 60;

/// Why something is no time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// It is written in another way.
    #[error(
        "`{0}` is no time; write 2026-11-01, 2026-11-01T09:00 or 2026-11-01T09:00:00Z (without an \
         offset it is on the clocks of the schedule's zone)"
    )]
    Unknown(String),
    /// The clocks go forward over it.
    #[error("`{text}` does not exist: the clocks of {zone} skip it; write another, or an offset")]
    Skipped {
        /// What was written.
        text: String,
        /// The zone.
        zone: String,
    },
}

/// Reads RFC 3339, or a date with or without a time, which is on the clocks of `zone` (the first
/// time, if they show it twice). In whole seconds, as ticks are.
pub fn time(text: &str, zone: &Zone) -> Result<Timestamp, TimeError> {
    let shown = || printable(text, TEXT_CHARS_MAX);
    let at = match (text.parse::<Timestamp>(), text.parse::<DateTime>()) {
        (Ok(at), _) => at,
        (_, Ok(local)) => zone
            .instant(local)
            .ok_or_else(|| TimeError::Skipped { text: shown(), zone: zone.to_string() })?,
        _ => return Err(TimeError::Unknown(shown())),
    };
    Timestamp::from_second(at.as_second()).map_err(|_| TimeError::Unknown(shown()))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(text: &str, expected: &Expect) {
        let berlin = Zone::parse("Europe/Berlin").unwrap();
        let said = match time(text, &berlin) {
            Ok(at) => at.to_string(),
            Err(error) => error.to_string(),
        };
        expected.assert_eq(&said);
    }

    #[test]
    fn a_time_is_on_the_clocks_of_the_zone_unless_it_says_its_offset() {
        check("2026-11-01", &expect!["2026-10-31T23:00:00Z"]);
        check("2026-11-01T09:00", &expect!["2026-11-01T08:00:00Z"]);
        check("2026-07-01 09:00:05", &expect!["2026-07-01T07:00:05Z"]);
        check("2026-11-01T09:00:00Z", &expect!["2026-11-01T09:00:00Z"]);
        check("2026-11-01T09:00:00.7-05:00", &expect!["2026-11-01T14:00:00Z"]);
        check("2026-10-25T02:30", &expect!["2026-10-25T00:30:00Z"]);
    }

    #[test]
    fn what_is_no_time_says_how_to_write_one() {
        check(
            "2026-03-29T02:30",
            &expect![
                "`2026-03-29T02:30` does not exist: the clocks of Europe/Berlin skip it; write another, or an offset"
            ],
        );
        let advice = "is no time; write 2026-11-01, 2026-11-01T09:00 or 2026-11-01T09:00:00Z";
        for text in
            ["", "yesterday", "2026-13-01", "2026-02-30", "09:00", "1732352400", "\u{1b}[31m"]
        {
            let error = time(text, &Zone::default()).unwrap_err().to_string();
            assert!(error.contains(advice) && !error.contains('\u{1b}'), "{text}: {error}");
        }
    }
}
