//! Times and how far away they are, as a page shows them.

use jiff::{SignedDuration, Timestamp};
use longshore::backfill::Zone;

/// On the clock of `zone`, with its offset.
pub(super) fn on_clock(zone: &Zone, at: Timestamp) -> String {
    zone.zoned(at).strftime("%a %Y-%m-%d %H:%M:%S %:z").to_string()
}

/// The same for a table whose column before it says the zone: with seconds only if there are some.
pub(super) fn short(zone: &Zone, at: Timestamp) -> String {
    let form = if at.as_second() % 60 == 0 { "%Y-%m-%d %H:%M" } else { "%Y-%m-%d %H:%M:%S" };
    zone.zoned(at).strftime(form).to_string()
}

/// RFC 3339 with the offset of `zone`.
pub(super) fn rfc3339(zone: &Zone, at: Timestamp) -> String {
    zone.zoned(at).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// `at` without its fraction: ticks have none.
pub(super) fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// The two largest units: `3d 4h`, `5h 10m`, `12m 7s`, `7s`.
pub(super) fn span(span: SignedDuration) -> String {
    let secs = span.as_secs().max(0);
    let units = [(86_400, 'd'), (3_600, 'h'), (60, 'm'), (1, 's')];
    let first = units.iter().position(|(unit, _)| secs >= *unit).unwrap_or(units.len() - 1);
    let mut rest = secs;
    let mut told = Vec::new();
    for (unit, letter) in units.iter().skip(first).take(2) {
        let count = rest / unit;
        rest %= unit;
        if count > 0 || told.is_empty() {
            told.push(format!("{count}{letter}"));
        }
    }
    told.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_said_in_its_two_largest_units() {
        let said = [-5, 0, 59, 60, 61, 3_600, 3_659, 3_660, 86_399, 86_400, 100_000, 9_000_000]
            .map(|secs| span(SignedDuration::from_secs(secs)));
        let expected = [
            "0s", "0s", "59s", "1m", "1m 1s", "1h", "1h", "1h 1m", "23h 59m", "1d", "1d 3h",
            "104d 4h",
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn a_time_is_on_the_clock_of_its_zone() {
        let zone = Zone::parse("Asia/Kolkata").unwrap();
        let at = "2026-11-23T20:30:05Z".parse().unwrap();
        assert_eq!(on_clock(&zone, at), "Tue 2026-11-24 02:00:05 +05:30");
        assert_eq!(rfc3339(&zone, at), "2026-11-24T02:00:05+05:30");
        let on_the_minute = "2026-11-23T20:30:00Z".parse().unwrap();
        assert_eq!(
            [short(&zone, at), short(&zone, on_the_minute)],
            ["2026-11-24 02:00:05", "2026-11-24 02:00"]
        );
    }
}
