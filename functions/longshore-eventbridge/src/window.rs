//! `FlexibleTimeWindow`: how long after its time Scheduler may invoke the target.

use jiff::{SignedDuration, Timestamp};

/// Longest window: a day (FlexibleTimeWindow API reference).
pub const WINDOW_MINUTES_MAX: u16 = 1_440;

/// `OFF`, or `FLEXIBLE` with its `MaximumWindowInMinutes`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlexibleTimeWindow {
    minutes: u16,
}

/// Why a window is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WindowError {
    /// The mode is none that there is.
    #[error("`{0}` is no mode of a flexible time window; write OFF or FLEXIBLE")]
    Mode(String),
    /// A flexible window has no length.
    #[error("a FLEXIBLE time window needs MaximumWindowInMinutes, from 1 to {WINDOW_MINUTES_MAX}")]
    NoLength,
    /// A length is given where there is no window.
    #[error("MaximumWindowInMinutes is {0} and the mode is OFF; write FLEXIBLE, or leave it out")]
    LengthOfOff(i64),
    /// The length is out of bounds.
    #[error("MaximumWindowInMinutes is {0}; it must be from 1 to {WINDOW_MINUTES_MAX}")]
    Length(i64),
}

impl FlexibleTimeWindow {
    /// Reads `Mode` and `MaximumWindowInMinutes`.
    pub fn parse(mode: &str, minutes: Option<i64>) -> Result<Self, WindowError> {
        match (mode, minutes) {
            ("OFF", None) => Ok(Self { minutes: 0 }),
            ("OFF", Some(minutes)) => Err(WindowError::LengthOfOff(minutes)),
            ("FLEXIBLE", None) => Err(WindowError::NoLength),
            ("FLEXIBLE", Some(given)) => match u16::try_from(given) {
                Ok(minutes @ 1..=WINDOW_MINUTES_MAX) => Ok(Self { minutes }),
                _ => Err(WindowError::Length(given)),
            },
            _ => Err(WindowError::Mode(mode.into())),
        }
    }

    /// Its length; none is 0.
    #[must_use]
    pub fn minutes(self) -> u16 {
        self.minutes
    }

    /// When the window of a tick closes.
    #[must_use]
    pub fn closes(self, tick: Timestamp) -> Timestamp {
        tick.saturating_add(SignedDuration::from_mins(self.minutes.into())).unwrap_or(tick)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_has_its_bounds() {
        for (mode, minutes, answer) in [
            ("OFF", None, "0"),
            ("FLEXIBLE", Some(1), "1"),
            ("FLEXIBLE", Some(1_440), "1440"),
            ("FLEXIBLE", Some(0), "must be from 1 to 1440"),
            ("FLEXIBLE", Some(1_441), "must be from 1 to 1440"),
            ("FLEXIBLE", Some(-5), "is -5; it must be"),
            ("FLEXIBLE", Some(i64::MAX), "must be from 1 to 1440"),
            ("FLEXIBLE", None, "needs MaximumWindowInMinutes"),
            ("OFF", Some(5), "write FLEXIBLE, or leave it out"),
            ("flexible", Some(5), "write OFF or FLEXIBLE"),
        ] {
            let read = match FlexibleTimeWindow::parse(mode, minutes) {
                Ok(window) => window.minutes().to_string(),
                Err(error) => error.to_string(),
            };
            assert!(read.contains(answer), "{mode} {minutes:?}: {read}");
        }
    }

    #[test]
    fn a_window_closes_after_its_minutes() {
        let tick: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let window = FlexibleTimeWindow::parse("FLEXIBLE", Some(15)).unwrap();
        assert_eq!(window.closes(tick).to_string(), "2026-11-22T10:15:00Z");
        assert_eq!(FlexibleTimeWindow::default().closes(tick), tick);
    }
}
