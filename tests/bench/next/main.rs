//! What the next times of a million schedules cost: expressions of every kind, in zones with and
//! without daylight saving time, at instants all over a year. Prints nanoseconds and schedules per
//! second of one core; judges nothing.
//!
//! ```text
//! cargo bench --bench next -- 1000000
//! ```

#![expect(clippy::print_stdout, reason = "a benchmark prints")]

use std::{hint::black_box, time::Instant};

use jiff::{SignedDuration, Timestamp};
use longshore_eventbridge::{Schedule, Timetable, Zone};

/// Schedules, unless the argument says otherwise.
const SCHEDULES: u32 = 1_000_000;
/// From one schedule's instant to the next one's: they fall anywhere in a day, and go through a year.
const STEP_SECS: u32 = 7_919;
const YEAR_SECS: u32 = 365 * 86_400;
const EXPRESSIONS: [&str; 6] = [
    "rate(5 minutes)",
    "cron(0 * * * ? *)",
    "cron(30 1 * * ? *)",
    "cron(0 9 ? * MON-FRI *)",
    "cron(0 8 L * ? *)",
    "cron(15 10 ? * 6#3 2026-2040)",
];
const ZONES: [&str; 3] = ["UTC", "Europe/Berlin", "America/New_York"];

fn main() {
    let count = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(SCHEDULES);
    let year: Timestamp = "2026-01-01T00:00:00Z".parse().expect("an instant");
    let kinds: Vec<(String, Timetable)> = EXPRESSIONS
        .iter()
        .flat_map(|expression| ZONES.map(|zone| (expression, zone)))
        .map(|(expression, zone)| {
            let schedule = Schedule::parse(expression).expect("an expression of a benchmark");
            let times = Timetable::new(schedule, Zone::parse(zone).expect("a zone"), year);
            (format!("{expression} {zone}"), times)
        })
        .collect();
    let instant = |nth: u32| {
        let secs = i64::from(nth.wrapping_mul(STEP_SECS) % YEAR_SECS);
        year.checked_add(SignedDuration::from_secs(secs)).expect("within the year")
    };
    let share = count / u32::try_from(kinds.len()).unwrap_or(1);
    let mut total_secs = 0.0;
    for (name, times) in &kinds {
        let begin = Instant::now();
        for nth in 0..share {
            assert!(black_box(times.next_after(black_box(instant(nth)))).is_some(), "{name}");
        }
        let secs = begin.elapsed().as_secs_f64();
        total_secs += secs;
        println!("{name:<48} {:>6.0} ns", secs * 1e9 / f64::from(share));
    }
    let done = f64::from(share) * f64::from(u32::try_from(kinds.len()).unwrap_or(1));
    println!(
        "{done:.0} next times in {total_secs:.2} s of one core: {:.0} a second",
        done / total_secs
    );
}
