//! `rate(5 minutes)`: again and again, by a fixed interval.

use std::time::Duration;

/// A valid `rate(value unit)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateExpression {
    value: u32,
    unit: RateUnit,
}

/// The units that EventBridge knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateUnit {
    /// `minute`, `minutes`
    Minutes,
    /// `hour`, `hours`
    Hours,
    /// `day`, `days`: 24 hours, whatever the clocks do
    Days,
}

/// Why a rate is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// It is not two words.
    #[error("`rate({0})` takes a number and a unit, such as rate(5 minutes)")]
    Form(String),
    /// The value is no positive whole number.
    #[error("`{0}` is no positive whole number; the shortest rate is rate(1 minute)")]
    Value(String),
    /// The unit is none that EventBridge knows.
    #[error("`{0}` is no unit of a rate; there are minutes, hours and days")]
    Unit(String),
    /// Singular and plural are mixed up.
    #[error("write `rate({value} {unit})`: 1 takes the singular, every other number the plural")]
    Number {
        /// The value as it was written.
        value: u32,
        /// The unit as it should be written.
        unit: &'static str,
    },
}

impl RateUnit {
    const ALL: [(&'static str, &'static str, Self); 3] = [
        ("minute", "minutes", Self::Minutes),
        ("hour", "hours", Self::Hours),
        ("day", "days", Self::Days),
    ];

    const fn secs(self) -> u64 {
        match self {
            Self::Minutes => 60,
            Self::Hours => 60 * 60,
            Self::Days => 24 * 60 * 60,
        }
    }
}

impl RateExpression {
    /// Reads what stands between the brackets ("Schedule expressions", rate-based).
    pub fn parse(inside: &str) -> Result<Self, RateError> {
        let mut words = inside.split_ascii_whitespace();
        let (Some(value), Some(word), None) = (words.next(), words.next(), words.next()) else {
            return Err(RateError::Form(inside.into()));
        };
        let number = value.parse::<u32>().ok().filter(|number| *number > 0);
        let number = number.ok_or_else(|| RateError::Value(value.into()))?;
        let (singular, plural, unit) = RateUnit::ALL
            .into_iter()
            .find(|(singular, plural, _)| word == *singular || word == *plural)
            .ok_or_else(|| RateError::Unit(word.into()))?;
        let right = if number == 1 { singular } else { plural };
        if word != right {
            return Err(RateError::Number { value: number, unit: right });
        }
        Ok(Self { value: number, unit })
    }

    /// The time from one tick to the next.
    #[must_use]
    pub fn interval(&self) -> Duration {
        Duration::from_secs(u64::from(self.value) * self.unit.secs())
    }

    /// How many units apart the ticks are.
    #[must_use]
    pub fn value(&self) -> u32 {
        self.value
    }

    /// The unit.
    #[must_use]
    pub fn unit(&self) -> RateUnit {
        self.unit
    }
}

impl std::fmt::Display for RateExpression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = match (self.unit, self.value) {
            (RateUnit::Minutes, 1) => "minute",
            (RateUnit::Minutes, _) => "minutes",
            (RateUnit::Hours, 1) => "hour",
            (RateUnit::Hours, _) => "hours",
            (RateUnit::Days, 1) => "day",
            (RateUnit::Days, _) => "days",
        };
        write!(f, "rate({} {word})", self.value)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_value_and_the_unit_give_the_interval() {
        for (inside, secs) in [
            ("1 minute", 60),
            ("5 minutes", 300),
            ("1 hour", 3_600),
            ("12 hours", 43_200),
            ("1 day", 86_400),
            (" 7  days ", 604_800),
        ] {
            let rate = RateExpression::parse(inside).unwrap();
            assert_eq!(rate.interval(), Duration::from_secs(secs), "{inside}");
        }
    }

    #[test]
    fn a_mistake_is_answered_with_what_to_write() {
        for (inside, answer) in [
            ("1 minutes", "write `rate(1 minute)`"),
            ("5 minute", "write `rate(5 minutes)`"),
            ("0 minutes", "no positive whole number"),
            ("-1 minutes", "no positive whole number"),
            ("1.5 hours", "no positive whole number"),
            ("5 seconds", "no unit of a rate"),
            ("5 Minutes", "no unit of a rate"),
            ("5", "a number and a unit"),
            ("5 minutes now", "a number and a unit"),
            ("", "a number and a unit"),
        ] {
            let error = RateExpression::parse(inside).unwrap_err().to_string();
            assert!(error.contains(answer), "{inside}: {error}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(value in 1_u32.., unit in 0_usize..3) {
            let rate = RateExpression { value, unit: RateUnit::ALL[unit].2 };
            let text = rate.to_string();
            let inside = text.strip_prefix("rate(").and_then(|text| text.strip_suffix(')'));
            prop_assert_eq!(RateExpression::parse(inside.unwrap()), Ok(rate));
        }
    }
}
