//! Every change of the clocks of three zones in two years, with a time that is skipped or comes
//! twice: "Daylight savings time on EventBridge Scheduler".

use jiff::Timestamp;

use crate::{Schedule, Timetable, Zone};

/// The ticks of the day before, of the day itself and of the day after, in UTC.
#[track_caller]
fn check(zone: &str, expression: &str, after: &str, expected: &[&str]) {
    let schedule = Schedule::parse(expression).unwrap();
    let after: Timestamp = format!("{after}:00Z").parse().unwrap();
    let timetable = Timetable::new(schedule, Zone::parse(zone).unwrap(), after);
    let ticks = timetable.ticks(after, Timestamp::MAX).take(expected.len());
    let ticks: Vec<_> = ticks.map(|tick| tick.strftime("%Y-%m-%dT%H:%M").to_string()).collect();
    assert_eq!(ticks, expected, "{expression} in {zone}");
}

#[test]
fn berlin_skips_half_past_two_in_march() {
    let daily = "cron(30 2 * * ? *)";
    let zone = "Europe/Berlin";
    check(
        zone,
        daily,
        "2026-03-27T12:00",
        &["2026-03-28T01:30", "2026-03-30T00:30", "2026-03-31T00:30"],
    );
    check(
        zone,
        daily,
        "2027-03-26T12:00",
        &["2027-03-27T01:30", "2027-03-29T00:30", "2027-03-30T00:30"],
    );
}

#[test]
fn berlin_has_half_past_two_twice_in_october() {
    let daily = "cron(30 2 * * ? *)";
    let zone = "Europe/Berlin";
    check(
        zone,
        daily,
        "2026-10-23T12:00",
        &["2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"],
    );
    check(
        zone,
        daily,
        "2027-10-29T12:00",
        &["2027-10-30T00:30", "2027-10-31T00:30", "2027-11-01T01:30"],
    );
}

#[test]
fn new_york_skips_half_past_two_in_march() {
    let daily = "cron(30 2 * * ? *)";
    let zone = "America/New_York";
    check(
        zone,
        daily,
        "2026-03-06T12:00",
        &["2026-03-07T07:30", "2026-03-09T06:30", "2026-03-10T06:30"],
    );
    check(
        zone,
        daily,
        "2027-03-12T12:00",
        &["2027-03-13T07:30", "2027-03-15T06:30", "2027-03-16T06:30"],
    );
}

#[test]
fn new_york_has_half_past_one_twice_in_november() {
    let daily = "cron(30 1 * * ? *)";
    let zone = "America/New_York";
    check(
        zone,
        daily,
        "2026-10-30T12:00",
        &["2026-10-31T05:30", "2026-11-01T05:30", "2026-11-02T06:30"],
    );
    check(
        zone,
        daily,
        "2027-11-05T12:00",
        &["2027-11-06T05:30", "2027-11-07T05:30", "2027-11-08T06:30"],
    );
}

#[test]
fn lord_howe_skips_half_an_hour_in_october() {
    let daily = "cron(15 2 * * ? *)";
    let zone = "Australia/Lord_Howe";
    check(
        zone,
        daily,
        "2026-10-02T12:00",
        &["2026-10-02T15:45", "2026-10-04T15:15", "2026-10-05T15:15"],
    );
    check(
        zone,
        daily,
        "2027-10-01T12:00",
        &["2027-10-01T15:45", "2027-10-03T15:15", "2027-10-04T15:15"],
    );
    check(
        zone,
        "cron(30 2 * * ? *)",
        "2026-10-02T12:00",
        &["2026-10-02T16:00", "2026-10-03T15:30"],
    );
}

#[test]
fn lord_howe_has_half_an_hour_twice_in_april() {
    let daily = "cron(45 1 * * ? *)";
    let zone = "Australia/Lord_Howe";
    check(
        zone,
        daily,
        "2026-04-03T12:00",
        &["2026-04-03T14:45", "2026-04-04T14:45", "2026-04-05T15:15"],
    );
    check(
        zone,
        daily,
        "2027-04-02T12:00",
        &["2027-04-02T14:45", "2027-04-03T14:45", "2027-04-04T15:15"],
    );
}

/// The example at the end of "Schedule types in EventBridge Scheduler". Its autumn says that the
/// clocks go back from 2:59 to 2:00; those of Los Angeles go back from 1:59 to 1:00, so that half
/// past two comes once there anyway.
#[test]
fn the_example_of_the_documentation_holds() {
    let daily = "cron(30 2 * * ? *)";
    let zone = "America/Los_Angeles";
    check(zone, daily, "2026-03-07T00:00", &["2026-03-07T10:30", "2026-03-09T09:30"]);
    check(
        zone,
        daily,
        "2026-10-31T00:00",
        &["2026-10-31T09:30", "2026-11-01T10:30", "2026-11-02T10:30"],
    );
}

#[test]
fn what_is_not_skipped_and_not_repeated_fires_on() {
    let often = "cron(0/30 * * * ? *)";
    check(
        "Europe/Berlin",
        often,
        "2026-03-29T00:00",
        &["2026-03-29T00:30", "2026-03-29T01:00", "2026-03-29T01:30"],
    );
    check(
        "Europe/Berlin",
        often,
        "2026-10-24T23:59",
        &["2026-10-25T00:00", "2026-10-25T00:30", "2026-10-25T02:00"],
    );
    let first = "cron(0 3 * * ? *)";
    check("Europe/Berlin", first, "2026-03-28T12:00", &["2026-03-29T01:00", "2026-03-30T01:00"]);
}

/// Asked in the hour that comes again, of a time in it, the answer is the next day.
#[test]
fn a_time_that_was_fires_no_second_time() {
    let daily = "cron(30 2 * * ? *)";
    check("Europe/Berlin", daily, "2026-10-25T01:10", &["2026-10-26T01:30"]);
    check("Europe/Berlin", daily, "2026-10-25T01:30", &["2026-10-26T01:30"]);
    check("Europe/Berlin", daily, "2026-10-25T00:29", &["2026-10-25T00:30", "2026-10-26T01:30"]);
}

#[test]
fn a_rate_of_a_day_is_24_hours_whatever_the_clocks_do() {
    check(
        "Europe/Berlin",
        "rate(1 day)",
        "2026-03-28T12:00",
        &["2026-03-29T12:00", "2026-03-30T12:00"],
    );
}

/// Samoa had no 30 December 2011.
#[test]
fn a_day_that_a_zone_never_had_is_skipped() {
    check(
        "Pacific/Apia",
        "cron(0 12 * 12 ? 2011)",
        "2011-12-28T23:00",
        &["2011-12-29T22:00", "2011-12-30T22:00"],
    );
    check(
        "Pacific/Apia",
        "cron(* * 30,31 12 ? *)",
        "2011-12-29T00:00",
        &["2011-12-30T10:00", "2011-12-30T10:01"],
    );
}
