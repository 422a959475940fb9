//! Timetable, time ─▶ the ticks next to it, if it is none itself.

use jiff::{SignedDuration, Timestamp};
use longshore_eventbridge::Timetable;

/// How far back a tick is looked for, in doublings of a second: 136 years, longer than any schedule
/// has fired.
const DOUBLINGS_MAX: u32 = 32;

/// The ticks next to a time that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beside {
    /// The last before it.
    pub before: Option<Timestamp>,
    /// The first after it.
    pub after: Option<Timestamp>,
}

/// The ticks next to `at`; nothing if it is a tick.
#[must_use]
pub fn beside(timetable: &Timetable, at: Timestamp) -> Option<Beside> {
    let just_before = at.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(at);
    let after = timetable.next_after(just_before);
    if after == Some(at) {
        return None;
    }
    Some(Beside { before: last_before(timetable, at), after })
}

/// The last tick before `at`. A timetable is asked forwards only: the latest second is sought whose
/// next tick comes before `at`.
fn last_before(timetable: &Timetable, at: Timestamp) -> Option<Timestamp> {
    let next_of = |back_secs: i64| {
        let from = at.checked_sub(SignedDuration::from_secs(back_secs)).ok()?;
        timetable.next_after(from).filter(|tick| *tick < at)
    };
    let found = (0..=DOUBLINGS_MAX).map(|nth| 1_i64 << nth).find(|back| next_of(*back).is_some());
    let (mut near, mut far) = (found? / 2, found?);
    while far - near > 1 {
        let between = near + (far - near) / 2;
        if next_of(between).is_some() {
            far = between;
        } else {
            near = between;
        }
    }
    next_of(far)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::backfill::timetable;

    fn table(schedule: &serde_json::Value, at: Timestamp) -> Timetable {
        let heard = "2026-11-23T08:30:00Z".parse().unwrap();
        timetable(&serde_json::from_value(schedule.clone()).unwrap(), heard, at).unwrap()
    }

    fn check(schedule: &serde_json::Value, at: &str, expected: &Expect) {
        let at = at.parse().unwrap();
        let told = |at: Option<Timestamp>| at.map_or_else(|| "none".into(), |at| at.to_string());
        let said = beside(&table(schedule, at), at).map_or_else(
            || "a tick".to_owned(),
            |Beside { before, after }| format!("{} < {at} < {}", told(before), told(after)),
        );
        expected.assert_eq(&said);
    }

    #[test]
    fn a_time_that_is_no_tick_lies_between_two() {
        let daily = json!({"expression": "cron(30 2 * * ? *)", "timezone": "Europe/Berlin"});
        check(&daily, "2026-11-22T01:30:00Z", &expect!["a tick"]);
        // The night in which half past two comes twice: the first counts.
        check(
            &daily,
            "2026-10-25T01:30:00Z",
            &expect!["2026-10-25T00:30:00Z < 2026-10-25T01:30:00Z < 2026-10-26T01:30:00Z"],
        );
        let rate = json!({"expression": "rate(1 hour)"});
        check(&rate, "2026-11-21T07:30:00Z", &expect!["a tick"]);
        check(
            &rate,
            "2026-11-21T07:30:01Z",
            &expect!["2026-11-21T07:30:00Z < 2026-11-21T07:30:01Z < 2026-11-21T08:30:00Z"],
        );
    }

    #[test]
    fn where_a_schedule_begins_or_is_over_there_is_only_one() {
        let year = json!({"expression": "cron(0 0 29 2 ? *)", "start": "2028-01-01T00:00:00Z", "end": "2033-01-01T00:00:00Z"});
        check(
            &year,
            "2027-01-01T00:00:00Z",
            &expect!["none < 2027-01-01T00:00:00Z < 2028-02-29T00:00:00Z"],
        );
        check(
            &year,
            "2032-02-28T00:00:00Z",
            &expect!["2028-02-29T00:00:00Z < 2032-02-28T00:00:00Z < 2032-02-29T00:00:00Z"],
        );
        check(
            &year,
            "2032-03-01T00:00:00Z",
            &expect!["2032-02-29T00:00:00Z < 2032-03-01T00:00:00Z < none"],
        );
        let once = json!({"expression": "at(2026-11-23T08:00:00)"});
        check(
            &once,
            "2026-11-23T08:00:01Z",
            &expect!["2026-11-23T08:00:00Z < 2026-11-23T08:00:01Z < none"],
        );
    }

    proptest! {
        /// Between the two there is no other.
        #[test]
        fn they_are_neighbours(second in 1_790_000_000_i64..1_810_000_000, nth in 0_usize..4) {
            let expressions =
                ["rate(7 minutes)", "cron(0/13 6-9 * * ? *)", "cron(5 4 ? * MON *)", "cron(* * 1 1 ? *)"];
            let at = Timestamp::from_second(second).unwrap();
            let table = table(&json!({"expression": expressions[nth], "timezone": "Europe/Berlin"}), at);
            if let Some(Beside { before, after }) = beside(&table, at) {
                prop_assert!(before.is_none_or(|before| before < at));
                prop_assert!(after.is_none_or(|after| at < after));
                prop_assert!(before.is_some() && table.next_after(before.unwrap()) == after);
            } else {
                let earlier = at - SignedDuration::from_secs(1);
                prop_assert_eq!(table.next_after(earlier), Some(at));
            }
        }
    }
}
