//! A second reading of cron expressions, made to be obvious: it asks of each single minute whether
//! each field, as it is written, takes it.

use jiff::{ToSpan, civil::DateTime};

/// Whether `cron(inside)` means the minute of `at`.
pub(crate) fn means(inside: &str, at: DateTime) -> bool {
    let fields: Vec<&str> = inside.split(' ').collect();
    let months =
        ["", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    takes(fields[0], at.minute().into(), 0, 59, &[])
        && takes(fields[1], at.hour().into(), 0, 23, &[])
        && takes(fields[3], at.month().into(), 1, 12, &months)
        && takes(fields[5], at.year().into(), 1970, 2199, &[])
        && (fields[2] == "?" || fields[2].split(',').any(|item| day_of_month(item, at)))
        && (fields[4] == "?" || fields[4].split(',').any(|item| day_of_week(item, at)))
}

fn day_of_month(item: &str, at: DateTime) -> bool {
    let month = || {
        (0..31)
            .map(|days| at.first_of_month() + days.days())
            .filter(|day| day.month() == at.month())
    };
    let last = at.last_of_month().day();
    if item == "L" {
        at.day() == last
    } else if item == "LW" {
        at.date() == month().rfind(|day| workday(*day)).unwrap().date()
    } else if let Some(before) = item.strip_prefix("L-") {
        at.day() == last - before.parse::<i8>().unwrap()
    } else if let Some(day) = item.strip_suffix('W') {
        let wanted: i8 = day.parse().unwrap();
        let nearest =
            month().filter(|day| workday(*day)).min_by_key(|day| (day.day() - wanted).abs());
        wanted <= last && at.date() == nearest.unwrap().date()
    } else {
        takes(item, at.day().into(), 1, 31, &[])
    }
}

fn day_of_week(item: &str, at: DateTime) -> bool {
    let names = ["", "SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
    let today = i32::from(at.weekday().to_sunday_one_offset());
    if item == "L" {
        today == 7
    } else if let Some(day) = item.strip_suffix('L') {
        takes(day, today, 1, 7, &names) && (at + 7.days()).month() != at.month()
    } else if let Some((day, nth)) = item.split_once('#') {
        let before = nth.parse::<i32>().unwrap() - 1;
        takes(day, today, 1, 7, &names)
            && (at - (7 * before).days()).month() == at.month()
            && (at - (7 * (before + 1)).days()).month() != at.month()
    } else {
        takes(item, today, 1, 7, &names)
    }
}

fn workday(day: DateTime) -> bool {
    (2..=6).contains(&day.weekday().to_sunday_one_offset())
}

/// Whether a list takes a value, by counting from where each range begins.
fn takes(list: &str, value: i32, least: i32, most: i32, names: &[&str]) -> bool {
    let number = |text: &str| match names.iter().position(|name| *name == text) {
        Some(number) => i32::try_from(number).unwrap(),
        None => text.parse().unwrap(),
    };
    list.split(',').any(|item| {
        let (range, step) = item.split_once('/').unwrap_or((item, "1"));
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (least, most),
            Some((from, to)) => (number(from), number(to)),
            None if item.contains('/') => (number(range), most),
            None => (number(range), number(range)),
        };
        let round = most - least + 1;
        let (length, place) = ((to - from).rem_euclid(round), (value - from).rem_euclid(round));
        place <= length && place % step.parse::<i32>().unwrap() == 0
    })
}
