//! The zone that a schedule's clock is in, by its name in the IANA Time Zone Database.
//!
//! The database is part of the program, so that a schedule means the same on every machine.

use std::{borrow::Cow, fmt};

use jiff::{
    Timestamp, Zoned,
    civil::DateTime,
    tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase},
};
use strsim::levenshtein;

/// Longest name that `ScheduleExpressionTimezone` takes (CreateSchedule API reference).
const NAME_CHARS_MAX: usize = 50;
/// A name that differs in more letters is another name, not a slip.
const SLIPS_MAX: usize = 3;

/// A zone that there is; UTC by default, as it is for Scheduler, and the only one of rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    name: Cow<'static, str>,
    rules: TimeZone,
}

/// Why a zone is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is no time zone of the IANA database; {}", advice(nearest.as_deref()))]
pub struct ZoneError {
    name: String,
    nearest: Option<String>,
}

impl Zone {
    /// Finds a zone by its exact name, such as `Europe/Berlin`.
    pub fn parse(name: &str) -> Result<Self, ZoneError> {
        let database = TimeZoneDatabase::bundled();
        // Found whatever its case, and an alias by the name of what it stands for.
        let exact = |rules: &TimeZone| {
            !rules.is_unknown()
                && (rules.iana_name() == Some(name)
                    || database.available().any(|known| known.as_str() == name))
        };
        if let Some(rules) = database.get(name).ok().filter(exact) {
            return Ok(Self { name: name.to_owned().into(), rules });
        }
        let nearest = if name.len() > NAME_CHARS_MAX { None } else { nearest(name) };
        Err(ZoneError { name: name.chars().take(NAME_CHARS_MAX).collect(), nearest })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the clocks of the zone show at `at`, with their offset.
    #[must_use]
    pub fn zoned(&self, at: Timestamp) -> Zoned {
        at.to_zoned(self.rules.clone())
    }

    /// What the clocks of the zone show.
    pub(crate) fn local(&self, at: Timestamp) -> DateTime {
        self.rules.to_datetime(at)
    }

    /// When the clocks show `local`: the first time if they do so twice, none if they skip it
    /// ("Daylight savings time on EventBridge Scheduler").
    #[must_use]
    pub fn instant(&self, local: DateTime) -> Option<Timestamp> {
        match self.rules.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Gap { .. } => None,
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(local).ok(),
            AmbiguousOffset::Fold { before, .. } => before.to_timestamp(local).ok(),
        }
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self { name: Cow::Borrowed("UTC"), rules: TimeZone::UTC }
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

fn advice(nearest: Option<&str>) -> String {
    match nearest {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => "write a name such as Europe/Berlin or UTC".into(),
    }
}

/// The zone whose name, or whose city alone, is nearest to `name`; the name before the city.
fn nearest(name: &str) -> Option<String> {
    let wanted = name.to_ascii_lowercase().replace(' ', "_");
    let slips = |known: &str| {
        let known = known.to_ascii_lowercase();
        let city = known.rsplit('/').next().unwrap_or(&known);
        let whole = levenshtein(&wanted, &known);
        (whole.min(levenshtein(&wanted, city)), whole)
    };
    let database = TimeZoneDatabase::bundled();
    let named = database.available().map(|known| (slips(known.as_str()), known.to_string()));
    let ((slips, _), nearest) = named.min()?;
    (slips <= SLIPS_MAX && slips * 2 < wanted.len()).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_found_by_its_exact_name() {
        for name in ["UTC", "Etc/UTC", "Europe/Berlin", "America/New_York", "Asia/Calcutta", "EST"]
        {
            assert_eq!(Zone::parse(name).unwrap().name(), name);
        }
        assert_eq!(Zone::parse("UTC").unwrap(), Zone::default());
    }

    #[test]
    fn an_unknown_zone_is_answered_with_the_nearest() {
        for (name, advice) in [
            ("europe/berlin", "did you mean `Europe/Berlin`?"),
            ("Europe/Berln", "did you mean `Europe/Berlin`?"),
            ("Berlin", "did you mean `Europe/Berlin`?"),
            ("utc", "did you mean `UTC`?"),
            ("Utc", "did you mean `UTC`?"),
            ("etc/utc", "did you mean `Etc/UTC`?"),
            ("gmt", "did you mean `GMT`?"),
            ("America/NewYork", "did you mean `America/New_York`?"),
            ("New York", "did you mean `America/New_York`?"),
            ("Australia/Lord Howe", "did you mean `Australia/Lord_Howe`?"),
            ("+02:00", "write a name such as"),
            ("Nowhere/Land", "write a name such as"),
            ("", "write a name such as"),
            ("Etc/Unknown", "write a name such as"),
        ] {
            let error = Zone::parse(name).unwrap_err().to_string();
            assert!(error.contains(advice), "{name}: {error}");
        }
        let long = Zone::parse(&"Berlin".repeat(10_000)).unwrap_err().to_string();
        assert!(long.len() < 200, "{long}");
    }
}
