use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;

use super::*;
use crate::cron::laws::{inside, instant, zone};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn utc(expression: &str, created: &str) -> Timetable {
    Timetable::new(Schedule::parse(expression).unwrap(), Zone::default(), at(created))
}

fn shown(ticks: impl Iterator<Item = Timestamp>) -> Vec<String> {
    ticks.take(10).map(|tick| tick.to_string()).collect()
}

#[test]
fn a_rate_counts_from_its_start_date_else_from_its_creation() {
    let rate = utc("rate(2 hours)", "2026-11-22T10:30:15.9Z");
    let ticks = rate.ticks(at("2026-11-22T00:00:00Z"), at("2026-11-22T14:30:15Z"));
    assert_eq!(
        shown(ticks),
        ["2026-11-22T10:30:15Z", "2026-11-22T12:30:15Z", "2026-11-22T14:30:15Z"]
    );
    let started = rate.between(Some(at("2026-11-01T00:00:00Z")), None).unwrap();
    assert_eq!(
        shown(started.ticks(at("2026-11-22T10:30:15Z"), at("2026-11-22T14:00:00Z"))),
        ["2026-11-22T12:00:00Z", "2026-11-22T14:00:00Z"]
    );
    assert_eq!(
        shown(started.ticks(at("2026-10-01T00:00:00Z"), at("2026-11-01T02:00:00Z"))),
        ["2026-11-01T00:00:00Z", "2026-11-01T02:00:00Z"]
    );
}

#[test]
fn both_dates_are_in_the_time_between_them() {
    let daily = utc("cron(0 2 * * ? *)", "2026-01-01T00:00:00Z")
        .between(Some(at("2026-11-22T02:00:00Z")), Some(at("2026-11-24T02:00:00Z")))
        .unwrap();
    assert_eq!(
        shown(daily.ticks(Timestamp::MIN, Timestamp::MAX)),
        ["2026-11-22T02:00:00Z", "2026-11-23T02:00:00Z", "2026-11-24T02:00:00Z"]
    );
}

/// "This example creates a schedule that runs once at 1pm UTC-8 on November 20, 2022".
#[test]
fn at_fires_once_and_ignores_the_dates() {
    let zone = Zone::parse("America/Los_Angeles").unwrap();
    let once = Schedule::parse("at(2022-11-20T13:00:00)").unwrap();
    let once = Timetable::new(once, zone, at("2022-01-01T00:00:00Z"))
        .between(Some(at("2030-01-01T00:00:00Z")), Some(at("2020-01-01T00:00:00Z")))
        .unwrap();
    let ticks = shown(once.ticks(Timestamp::MIN, Timestamp::MAX));
    assert_eq!(ticks, ["2022-11-20T21:00:00Z"]);
}

#[test]
fn an_end_that_is_no_later_than_the_start_is_refused() {
    let now = at("2026-11-22T00:00:00Z");
    for (end, taken) in [
        ("2026-11-21T00:00:00Z", false),
        ("2026-11-22T00:00:00Z", false),
        ("2026-11-22T00:00:01Z", true),
    ] {
        let read = utc("rate(1 hour)", "2026-01-01T00:00:00Z").between(Some(now), Some(at(end)));
        assert_eq!(read.is_ok(), taken, "{end}");
    }
}

#[test]
fn a_schedule_that_is_over_says_why() {
    let berlin = Zone::parse("Europe/Berlin").unwrap();
    let now = at("2026-11-22T00:00:00Z");
    for (expression, end, answer) in [
        ("at(2026-11-21T23:59:59)", None, "was at 2026-11-21T22:59:59Z and does not fire again"),
        ("at(2027-03-28T02:30:00)", None, "the clocks of Europe/Berlin skip that time"),
        ("cron(0 2 * * ? 2025)", None, "its years are over"),
        ("cron(30 2 28 3 ? 2027)", None, "or the clocks skip its time"),
        (
            "cron(0 2 * * ? *)",
            Some("2026-11-22T00:30:00Z"),
            "is before its next time, 2026-11-22T01:00:00Z",
        ),
        ("rate(5 minutes)", Some("2026-11-21T00:00:00Z"), "give a later EndDate"),
        ("cron(0 2 * * ? *)", Some("2026-11-22T01:00:00Z"), "2026-11-22T01:00:00Z"),
        ("at(2026-11-22T01:00:01)", Some("2020-01-01T00:00:00Z"), "2026-11-22T00:00:01Z"),
    ] {
        let schedule = Schedule::parse(expression).unwrap();
        let timetable = Timetable::new(schedule, berlin.clone(), at("2020-01-01T00:00:00Z"));
        let answered = match timetable.between(None, end.map(at)).unwrap().upcoming(now) {
            Ok(tick) => tick.to_string(),
            Err(error) => error.to_string(),
        };
        assert!(answered.contains(answer), "{expression}: {answered}");
    }
}

#[test]
fn the_ends_of_time_are_no_trouble() {
    for expression in ["rate(1 minute)", "cron(* * * * ? *)", "at(9999-12-29T00:00:00)"] {
        for zone in ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"] {
            let schedule = Schedule::parse(expression).unwrap();
            let timetable = Timetable::new(schedule, Zone::parse(zone).unwrap(), Timestamp::MIN);
            assert_eq!(timetable.next_after(Timestamp::MAX), None, "{expression} {zone}");
            assert!(
                timetable.next_after(Timestamp::MIN) > Some(Timestamp::MIN),
                "{expression} {zone}"
            );
        }
    }
}

proptest! {
    #[test]
    fn dates_only_take_ticks_away(
        inside in inside(true),
        zone in zone(),
        (start, end) in (instant(), instant()),
        after in instant(),
    ) {
        let Ok(cron) = CronExpression::parse(&inside) else { return Ok(()) };
        let always = Timetable::new(Schedule::Cron(cron), zone, after);
        let Ok(dated) = always.clone().between(Some(start), Some(end)) else { return Ok(()) };
        let wanted = always.next_after(after.max(start - 1.second())).filter(|tick| *tick <= end);
        prop_assert_eq!(dated.next_after(after), wanted);
    }

    #[test]
    fn ticks_of_a_rate_are_an_interval_apart(value in 1_u32..10_000, created in instant(), after in instant()) {
        let timetable = utc(&format!("rate({value} minute{})", if value == 1 { "" } else { "s" }), "2026-01-01T00:00:00Z");
        let timetable = Timetable { created, ..timetable };
        let tick = timetable.next_after(after).unwrap();
        prop_assert!(tick > after && tick >= created);
        prop_assert_eq!(timetable.next_after(tick - 1.second()), Some(tick));
        prop_assert_eq!(timetable.next_after(tick), Some(tick + (i64::from(value) * 60).seconds()));
        prop_assert_eq!((tick.as_second() - created.as_second()) % (i64::from(value) * 60), 0);
        prop_assert!(tick == created || tick - (i64::from(value) * 60).seconds() <= after);
    }
}
