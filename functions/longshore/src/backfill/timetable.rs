//! What a trigger says of its schedule ─▶ when that fires.

use jiff::{SignedDuration, Timestamp};
use longshore_eventbridge::{Schedule as Expression, Timetable};

use crate::trigger::{Rejected, Schedule};

/// When `schedule` fires, from `from` on. A rate without a start counts from when the schedule was
/// made, which nobody tells: from `heard`, one of its ticks, the others follow, also those before.
pub fn timetable(
    schedule: &Schedule,
    heard: Timestamp,
    from: Timestamp,
) -> Result<Timetable, Rejected> {
    let anchor = match Expression::parse(&schedule.expression) {
        Ok(Expression::Rate(rate)) => on_grid(heard, rate.interval().as_secs(), from),
        _ => heard,
    };
    schedule.timetable(anchor)
}

/// `tick`, or as many intervals before it as make it no later than `from`.
fn on_grid(tick: Timestamp, interval_secs: u64, from: Timestamp) -> Timestamp {
    let interval = i64::try_from(interval_secs).unwrap_or(i64::MAX).max(1);
    let ahead = tick.duration_since(from).as_secs().max(0);
    let count = ahead.checked_add(interval).map_or(0, |secs| secs / interval);
    let back = SignedDuration::from_secs(count.saturating_mul(interval));
    tick.checked_sub(back).unwrap_or(tick)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    proptest! {
        #[test]
        fn the_ticks_of_a_rate_are_whole_intervals_from_the_one_heard(
            heard in 1_600_000_000_i64..1_900_000_000, from in 1_600_000_000_i64..1_900_000_000,
            minutes in 2_u32..100_000,
        ) {
            let at = |secs| Timestamp::from_second(secs).unwrap();
            let schedule = json!({"expression": format!("rate({minutes} minutes)")});
            let schedule = serde_json::from_value(schedule).unwrap();
            let first = timetable(&schedule, at(heard), at(from)).unwrap().next_after(at(from));
            let (first, interval) = (first.unwrap().as_second(), i64::from(minutes) * 60);
            prop_assert_eq!((first - heard).rem_euclid(interval), 0);
            prop_assert!(first > from && first <= from + interval);
        }
    }
}
