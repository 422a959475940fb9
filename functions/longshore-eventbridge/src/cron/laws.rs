//! What holds of every cron expression, on any clock.

use croner::parser::{CronParser, Seconds, Year};
use jiff::{SignedDuration, Timestamp, ToSpan, civil::DateTime};
use proptest::{prelude::*, sample::select};

use super::{CronExpression, reference};
use crate::{Schedule, Timetable, Zone};

/// How far the walk through the minutes goes; a month end and a change of the clocks are often in
/// it.
const WALK_MINUTES: usize = 12 * 24 * 60;

fn number(least: u16, most: u16) -> BoxedStrategy<String> {
    (least..=most).prop_map(|number| number.to_string()).boxed()
}

/// A list of values, ranges (also round the end, if they may) and steps.
fn list(value: BoxedStrategy<String>, step_max: u16, round: bool) -> BoxedStrategy<String> {
    let pair = (value.clone(), value.clone()).prop_map(move |(from, to)| {
        let swap = !round && from.parse::<u16>().ok() > to.parse().ok();
        if swap { format!("{to}-{from}") } else { format!("{from}-{to}") }
    });
    let range = prop_oneof![Just("*".to_owned()), pair.boxed()];
    let item = prop_oneof![
        3 => value.clone(),
        2 => range.clone(),
        1 => (range, 1..=step_max).prop_map(|(range, step)| format!("{range}/{step}")),
        1 => (value, 1..=step_max).prop_map(|(from, step)| format!("{from}/{step}")),
    ];
    let items = prop::collection::vec(item, 1..3).prop_map(move |mut items| {
        if !round && items.iter().any(|item| item.starts_with('*')) {
            items.truncate(1);
        }
        items.join(",")
    });
    prop_oneof![1 => Just("*".to_owned()), 2 => items].boxed()
}

/// The two day fields.
fn days(round: bool) -> BoxedStrategy<(String, String)> {
    let of_month = prop_oneof![
        3 => list(number(1, 31), 31, round),
        1 => Just("L".to_owned()),
        1 => Just("LW".to_owned()),
        2 => (1_u16..=31).prop_map(|day| format!("{day}W")),
    ];
    let day =
        prop_oneof![number(1, 7), select(vec!["SUN", "MON", "FRI", "SAT"]).prop_map(String::from)];
    let of_week = prop_oneof![
        3 => list(number(1, 7), 7, round),
        1 => Just("L".to_owned()),
        1 => day.clone().prop_map(|day| format!("{day}L")),
        1 => (day.clone(), 1_u16..=5).prop_map(|(day, nth)| format!("{day}#{nth}")),
        1 => (day.clone(), day).prop_map(|(one, two)| format!("{one},{two}L")),
    ];
    let before_last = (0_u16..=30).prop_map(|days| format!("L-{days}"));
    let of_month =
        if round { prop_oneof![8 => of_month, 1 => before_last].boxed() } else { of_month.boxed() };
    prop_oneof![
        of_month.prop_map(|days| (days, "?".to_owned())),
        of_week.prop_map(|days| ("?".to_owned(), days)),
    ]
    .boxed()
}

/// What may stand between the brackets; without `round` only what croner reads too.
pub(crate) fn inside(round: bool) -> BoxedStrategy<String> {
    let minutes = list(number(0, 59), 59, round);
    let hours = list(number(0, 23), 23, round);
    let months = prop_oneof![
        3 => Just("*".to_owned()),
        1 => list(number(1, 12), 12, round),
        1 => Just("JAN,MAR/4,DEC".to_owned()),
    ];
    let years = prop_oneof![
        4 => Just("*".to_owned()),
        1 => Just("2025-2199/3".to_owned()),
        1 => Just("2026,2028-2031".to_owned()),
    ];
    (minutes, hours, days(round), months, years)
        .prop_map(|(minutes, hours, (of_month, of_week), months, years)| {
            format!("{minutes} {hours} {of_month} {months} {of_week} {years}")
        })
        .boxed()
}

/// Instants of 2024 to 2031, so that leap days are among them.
pub(crate) fn instant() -> BoxedStrategy<Timestamp> {
    (1_704_067_200_i64..1_924_992_000)
        .prop_map(|second| Timestamp::from_second(second).unwrap())
        .boxed()
}

pub(crate) fn zone() -> BoxedStrategy<Zone> {
    let names =
        ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"];
    select(names.to_vec()).prop_map(|name| Zone::parse(name).unwrap()).boxed()
}

fn timetable(inside: &str, zone: Zone) -> Option<Timetable> {
    let schedule = Schedule::Cron(CronExpression::parse(inside).ok()?);
    Some(Timetable::new(schedule, zone, Timestamp::UNIX_EPOCH))
}

/// Every minute of the walk that is meant, and that the clocks show for the first time.
fn walk(inside: &str, zone: &Zone, after: Timestamp) -> Vec<Timestamp> {
    let minute = Timestamp::from_second(after.as_second().div_euclid(60) * 60).unwrap();
    let mut latest = zone.local(minute - 24.hours());
    for ago in (0..24 * 60).rev() {
        latest = latest.max(zone.local(minute - ago.minutes()));
    }
    let mut found = Vec::new();
    let mut at = minute;
    for _ in 0..WALK_MINUTES {
        at += 1.minute();
        let local = zone.local(at);
        if local > latest && reference::means(inside, local) {
            found.push(at);
        }
        latest = latest.max(local);
    }
    found
}

fn croner(inside: &str, after: DateTime, count: usize) -> Vec<DateTime> {
    let fields: Vec<&str> = inside.split(' ').collect();
    let of_week = if fields[4] == "L" { "7" } else { fields[4] };
    let pattern = [&["0"], &fields[..4], &[of_week, fields[5]]].concat().join(" ");
    let parser = CronParser::builder()
        .seconds(Seconds::Required)
        .year(Year::Required)
        .alternative_weekdays(true)
        .dom_and_dow(true)
        .sloppy_ranges(true)
        .build();
    let read = parser.parse(&pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
    read.iter_after(after).take(count).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn ticks_increase_and_are_found_again(
        inside in inside(true),
        zone in zone(),
        after in instant(),
    ) {
        let Some(timetable) = timetable(&inside, zone) else { return Ok(()) };
        let mut before = after;
        for _ in 0..20 {
            let Some(tick) = timetable.next_after(before) else { break };
            prop_assert!(tick > before, "{tick} after {before}");
            prop_assert_eq!(timetable.next_after(tick - 1.second()), Some(tick));
            prop_assert_eq!(timetable.next_after(tick - 1.nanosecond()), Some(tick));
            prop_assert_eq!(tick.as_second() % 60, 0);
            before = tick;
        }
    }

    #[test]
    fn what_is_written_is_read_again(inside in inside(true)) {
        if let Ok(cron) = CronExpression::parse(&inside) {
            let text = cron.to_string();
            prop_assert_eq!(&text, &format!("cron({inside})"));
            prop_assert_eq!(Schedule::parse(&text), Ok(Schedule::Cron(cron)));
        }
    }

    #[test]
    fn croner_finds_the_same(inside in inside(false), after in instant()) {
        let Ok(cron) = CronExpression::parse(&inside) else { return Ok(()) };
        let after = Zone::default().local(after);
        let next = |from: &DateTime| cron.at_or_after(*from + 1.minute());
        let ours: Vec<_> = std::iter::successors(next(&after), next).take(10).collect();
        let last = jiff::civil::date(2199, 12, 31).at(23, 59, 0, 0);
        let theirs = croner(&inside, after, 10);
        let theirs: Vec<_> = theirs.into_iter().filter(|at| *at <= last).collect();
        prop_assert_eq!(ours, theirs, "{}", inside);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_walk_through_the_minutes_finds_the_same(
        inside in inside(true),
        zone in zone(),
        after in instant(),
    ) {
        let Some(timetable) = timetable(&inside, zone.clone()) else { return Ok(()) };
        let minute = Timestamp::from_second(after.as_second().div_euclid(60) * 60).unwrap();
        let until = minute + SignedDuration::from_mins(i64::try_from(WALK_MINUTES).unwrap());
        let found = timetable.ticks(after, until).take(WALK_MINUTES);
        let found: Vec<_> = found.collect();
        prop_assert_eq!(found, walk(&inside, &zone, after), "{}", inside);
    }
}
