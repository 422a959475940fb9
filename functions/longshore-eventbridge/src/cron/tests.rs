//! The examples of the AWS documentation, written out by hand, and what is refused.

use jiff::civil::DateTime;

use super::CronExpression;

/// The first times from a Sunday on; a time is written without its zero seconds.
#[track_caller]
fn check(inside: &str, from: &str, expected: &[&str]) {
    let cron = CronExpression::parse(inside).unwrap_or_else(|error| panic!("{error}"));
    let mut from: DateTime = format!("{from}T00:00").parse().unwrap();
    for expected in expected {
        let found = cron.at_or_after(from).unwrap_or_else(|| panic!("{inside}: no {expected}"));
        assert_eq!(found.strftime("%Y-%m-%d %H:%M").to_string(), *expected, "{inside}");
        from = found + jiff::Span::new().minutes(1);
    }
}

const SUNDAY: &str = "2026-11-22";

/// "Setting a schedule pattern for scheduled rules (legacy)", the table and the commands.
#[test]
fn the_examples_of_rules_mean_what_aws_says() {
    check("0 10 * * ? *", SUNDAY, &["2026-11-22 10:00", "2026-11-23 10:00"]);
    check("15 12 * * ? *", SUNDAY, &["2026-11-22 12:15", "2026-11-23 12:15"]);
    check("0 18 ? * MON-FRI *", "2026-11-27", &["2026-11-27 18:00", "2026-11-30 18:00"]);
    check("0 8 1 * ? *", SUNDAY, &["2026-12-01 08:00", "2027-01-01 08:00"]);
    check("0/15 * * * ? *", SUNDAY, &["2026-11-22 00:00", "2026-11-22 00:15", "2026-11-22 00:30"]);
    check("0/10 * ? * MON-FRI *", SUNDAY, &["2026-11-23 00:00", "2026-11-23 00:10"]);
    check("0/5 8-17 ? * MON-FRI *", SUNDAY, &["2026-11-23 08:00", "2026-11-23 08:05"]);
    check("0 12 * * ? *", SUNDAY, &["2026-11-22 12:00", "2026-11-23 12:00"]);
    check("5,35 14 * * ? *", SUNDAY, &["2026-11-22 14:05", "2026-11-22 14:35", "2026-11-23 14:05"]);
    check(
        "15 10 ? * 6L 2019-2022",
        "2019-01-01",
        &["2019-01-25 10:15", "2019-02-22 10:15", "2019-03-29 10:15", "2019-04-26 10:15"],
    );
}

/// The same table: "every 5 minutes … between 8:00 am and 5:55 pm".
#[test]
fn the_last_hour_of_a_range_is_whole() {
    let cron = CronExpression::parse("0/5 8-17 ? * MON-FRI *").unwrap();
    let next = |from: &str| cron.at_or_after(from.parse().unwrap()).unwrap().to_string();
    assert_eq!(next("2026-11-27T17:51"), "2026-11-27T17:55:00");
    assert_eq!(next("2026-11-27T17:56"), "2026-11-30T08:00:00");
}

/// The same table: "every 30 minutes Monday through Friday between 10:00 pm on the starting day to
/// 2:00 am on the following day … from 12:00 am to 2:00 am on Monday morning". The hours are those
/// that are written, from 20:00 on.
#[test]
fn a_range_of_hours_goes_round_midnight() {
    let night = "0/30 20-2 ? * MON-FRI *";
    check(
        night,
        SUNDAY,
        &[
            "2026-11-23 00:00",
            "2026-11-23 00:30",
            "2026-11-23 01:00",
            "2026-11-23 01:30",
            "2026-11-23 02:00",
            "2026-11-23 02:30",
            "2026-11-23 20:00",
        ],
    );
    check(night, "2026-11-28", &["2026-11-30 00:00"]);
}

/// "Schedule types in EventBridge Scheduler".
#[test]
fn the_examples_of_scheduler_mean_what_aws_says() {
    check(
        "15 10 ? * 6L 2022-2023",
        "2022-11-20",
        &["2022-11-25 10:15", "2022-12-30 10:15", "2023-01-27 10:15"],
    );
    check("30 8 * * ? *", SUNDAY, &["2026-11-22 08:30", "2026-11-23 08:30"]);
    check("30 2 * * ? *", SUNDAY, &["2026-11-22 02:30", "2026-11-23 02:30"]);
    let second_tuesday = &["2026-12-08 00:00", "2027-01-12 00:00", "2027-02-09 00:00"];
    check("0 0 ? * 3#2 *", SUNDAY, second_tuesday);
    check("0 0 ? * TUE#2 *", SUNDAY, second_tuesday);
    check("0 0 3W * ? *", SUNDAY, &["2026-12-03 00:00", "2027-01-04 00:00", "2027-02-03 00:00"]);
    check("1/10 0 * * ? *", SUNDAY, &["2026-11-22 00:01", "2026-11-22 00:11", "2026-11-22 00:21"]);
    check(
        "0 0 1 JAN,FEB,MAR ? *",
        SUNDAY,
        &["2027-01-01 00:00", "2027-02-01 00:00", "2027-03-01 00:00", "2028-01-01 00:00"],
    );
    check("0 0 7 * ?", SUNDAY, &["2026-12-07 00:00", "2027-01-07 00:00"]);
    check("0 8 ? * 2#1 *", SUNDAY, &["2026-12-07 08:00", "2027-01-04 08:00"]);
}

#[test]
fn the_ends_of_months_and_years_are_kept() {
    check(
        "0 9 L * ? *",
        "2027-11-30",
        &[
            "2027-11-30 09:00",
            "2027-12-31 09:00",
            "2028-01-31 09:00",
            "2028-02-29 09:00",
            "2028-03-31 09:00",
        ],
    );
    check("0 9 L-1 2 ? *", SUNDAY, &["2027-02-27 09:00", "2028-02-28 09:00"]);
    check(
        "0 9 LW * ? *",
        "2027-01-01",
        &["2027-01-29 09:00", "2027-02-26 09:00", "2027-03-31 09:00"],
    );
    check("0 9 1W * ? *", "2027-05-01", &["2027-05-03 09:00", "2027-06-01 09:00"]);
    check("0 9 31W * ? *", "2027-10-01", &["2027-10-29 09:00", "2027-12-31 09:00"]);
    check("0 9 ? * L *", SUNDAY, &["2026-11-28 09:00", "2026-12-05 09:00"]);
    check("0 9 ? * 1,7 *", SUNDAY, &["2026-11-22 09:00", "2026-11-28 09:00", "2026-11-29 09:00"]);
    check("0 9 ? * SAT-SUN *", SUNDAY, &["2026-11-22 09:00", "2026-11-28 09:00"]);
    check("0 9 ? * 6#5 *", SUNDAY, &["2027-01-29 09:00", "2027-04-30 09:00"]);
    check("0 0 29 2 ? *", SUNDAY, &["2028-02-29 00:00", "2032-02-29 00:00"]);
    check("0 0 29 2 ? *", "2096-03-01", &["2104-02-29 00:00"]);
    check("59 23 31 12 ? *", SUNDAY, &["2026-12-31 23:59", "2027-12-31 23:59"]);
    check("* * * * ? *", "2026-12-31", &["2026-12-31 00:00", "2026-12-31 00:01"]);
    check("0 0 1 1 ? 2199", SUNDAY, &["2199-01-01 00:00"]);
    check("0 0 31 1/2 ? 2026/2", SUNDAY, &["2028-01-31 00:00", "2028-03-31 00:00"]);
    check(
        "0 0 1 NOV-feb ? *",
        SUNDAY,
        &["2026-12-01 00:00", "2027-01-01 00:00", "2027-02-01 00:00", "2027-11-01 00:00"],
    );
}

#[test]
fn what_is_no_cron_expression_says_what_to_write() {
    for (inside, answer) in [
        ("0 2 * * * *", "day-of-month is `*` and day-of-week is `*`; only one"),
        ("0 2 1 * MON *", "write `?` in the other"),
        ("0 2 ? * ? *", "for every day write `*` in day-of-month"),
        ("0 2 * *", "has 4 fields; it takes minutes hours"),
        ("0 0 2 * * ? *", "has 7 fields"),
        ("", "has 0 fields"),
        ("@daily", "has 1 fields"),
        ("60 2 * * ? *", "`60` is no value of minutes; it takes 0-59"),
        ("0 24 * * ? *", "`24` is no value of hours"),
        ("0 2 0 * ? *", "`0` is no value of day-of-month"),
        ("0 2 32 * ? *", "`32` is no value of day-of-month"),
        ("0 2 L-31 * ? *", "`L-31` is no value of day-of-month"),
        ("0 2 L-W * ? *", "`L-W` is no value of day-of-month"),
        ("0 2 1-5W * ? *", "`1-5` is no value of day-of-month"),
        ("0 2 * 13 ? *", "`13` is no value of month; it takes 1-12 or JAN-DEC"),
        ("0 2 * JUNE ? *", "`JUNE` is no value of month"),
        ("0 2 ? * 0 *", "`0` is no value of day-of-week; it takes 1-7 (1 is Sunday)"),
        ("0 2 ? * 8 *", "`8` is no value of day-of-week"),
        ("0 2 ? * 2#6 *", "`2#6` is no value of day-of-week"),
        ("0 2 ? * 2#0 *", "`2#0` is no value of day-of-week"),
        ("0 2 ? * #2 *", "`` is no value of day-of-week"),
        ("0 2 ? * 3#1,6#3 *", "with `#`, day-of-week takes one alone"),
        ("0 2 ? * MON,6#3 *", "with `#`, day-of-week takes one alone"),
        ("0 2 ? * 15W *", "`15W` is no value of day-of-week"),
        ("0 2 3#1 * ? *", "`3#1` is no value of day-of-month"),
        ("0 2 * * ? 1969", "`1969` is no value of year; it takes 1970-2199"),
        ("0 2 * * ? 2200", "`2200` is no value of year"),
        ("0 2 * * ? 2028-2026", "end before they begin"),
        ("? 2 * * ? *", "`?` is no value of minutes"),
        ("L 2 * * ? *", "`L` is no value of minutes"),
        ("5/0 * * * ? *", "`0` is no step of minutes; a step is a number from 1 to 59"),
        ("0/90 * * * ? *", "`90` is no step of minutes"),
        ("/5 * * * ? *", "`` is no value of minutes"),
        ("5/ * * * ? *", "`` is no step of minutes"),
        ("1,,2 * * * ? *", "`` is no value of minutes"),
        ("+5 * * * ? *", "`+5` is no value of minutes"),
        ("5-1-2 * * * ? *", "`1-2` is no value of minutes"),
        ("99999999999 * * * ? *", "is no value of minutes"),
        ("0 0 31 2 ? *", "`cron(0 0 31 2 ? *)` never fires"),
        ("0 0 30 FEB ? *", "check the day against the month"),
        ("0 0 31 4,6,9,11 ? *", "never fires"),
        ("0 0 29 2 ? 2025-2027", "never fires"),
        ("0 0 29 2 ? 2100", "never fires"),
        ("0 0 L-30 4 ? *", "never fires"),
        ("0 0 ? 2 1#5 2026-2030", "never fires"),
    ] {
        let error = CronExpression::parse(inside).unwrap_err().to_string();
        assert!(error.contains(answer), "{inside}: {error}");
    }
}
