//! Numbers between what is counted and what is reckoned.

use serde::{Deserialize, Deserializer};

/// Share of a task that is done without: a message in twenty seconds is no reason for one more.
const SPARE_TASKS: f64 = 0.1;

/// Tasks that a need comes to, but for a trifle.
pub(super) fn tasks(need: f64) -> u32 {
    whole((need - SPARE_TASKS).ceil())
}

/// The whole number below; 0 for what is negative or no number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and turns what is no number into 0"
)]
pub(super) fn whole(number: f64) -> u32 {
    number as u32
}

/// The number, if it is one between 0 and `max`.
pub(super) fn within(number: f64, max: f64) -> Option<f64> {
    (number >= 0.0 && number <= max).then_some(number)
}

/// Reads a number that was written as `null`, since JSON has no other word for one that is none.
pub(super) fn or_none<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or(f64::NAN))
}

/// The same of a list of them.
pub(super) fn each_or_none<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f64>, D::Error> {
    let list: Vec<Option<f64>> = Vec::deserialize(from)?;
    Ok(list.into_iter().map(|number| number.unwrap_or(f64::NAN)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_need_is_rounded_up_but_for_a_trifle() {
        for (need, expected) in [(0.0, 0), (0.1, 0), (0.2, 1), (1.05, 1), (1.2, 2), (-3.0, 0)] {
            assert_eq!(tasks(need), expected, "{need}");
        }
        assert_eq!((tasks(f64::NAN), tasks(f64::INFINITY)), (0, u32::MAX));
    }

    #[test]
    fn what_is_no_number_is_not_within_anything() {
        assert_eq!(within(5.0, 5.0), Some(5.0));
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 5.1] {
            assert_eq!(within(number, 5.0), None, "{number}");
        }
    }
}
