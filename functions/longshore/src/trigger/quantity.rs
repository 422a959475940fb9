//! Durations and sizes as people write them: `5m`, `2 GiB`.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A duration in whole seconds, written `30s`, `5m`, `1h 30m`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Seconds(u32);

impl Seconds {
    /// `secs` seconds.
    #[must_use]
    pub const fn new(secs: u32) -> Self {
        Self(secs)
    }

    /// Whole seconds.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<String> for Seconds {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parsed: Result<jiff::SignedDuration, _> = text.parse();
        parsed
            .ok()
            .and_then(|duration| u32::try_from(duration.as_secs()).ok())
            .map(Self)
            .ok_or_else(|| {
                format!("`{text}` is no duration; write it like `30s`, `5m` or `1h 30m`")
            })
    }
}

impl From<Seconds> for String {
    fn from(seconds: Seconds) -> Self {
        seconds.to_string()
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("0s"),
            secs if secs.is_multiple_of(3_600) => write!(f, "{}h", secs / 3_600),
            secs if secs.is_multiple_of(60) => write!(f, "{}m", secs / 60),
            secs => write!(f, "{secs}s"),
        }
    }
}

/// A size in bytes, written `500 B`, `64 KiB`, `2 GiB`; decimal units (`MB`) are powers of 1,000.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Bytes(u64);

/// Unit, and how many bytes it is.
const UNITS: [(&str, u64); 9] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("KB", 1_000),
    ("B", 1),
];

impl Bytes {
    /// Bytes.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl TryFrom<String> for Bytes {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parse = |(unit, bytes): &(&str, u64)| {
            let number: u64 = text.strip_suffix(unit)?.trim().parse().ok()?;
            number.checked_mul(*bytes)
        };
        let size = UNITS.iter().find_map(parse);
        size.map(Self)
            .ok_or_else(|| format!("`{text}` is no size; write it like `64 KiB` or `2 GiB`"))
    }
}

impl From<Bytes> for String {
    fn from(bytes: Bytes) -> Self {
        let whole = |(_, unit): &&(&str, u64)| bytes.0 > 0 && bytes.0.is_multiple_of(*unit);
        let (unit, size) = UNITS.iter().find(whole).unwrap_or(&("B", 1));
        format!("{} {unit}", bytes.0 / size)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn people_may_write_what_they_mean() {
        let seconds = |text: &str| Seconds::try_from(text.to_owned()).map(Seconds::get);
        assert_eq!(seconds("5m"), Ok(300));
        assert_eq!(seconds("1h 30m"), Ok(5_400));
        assert!(seconds("soon").is_err_and(|error| error.contains("`soon` is no duration")));
        assert!(seconds("-5m").is_err());
        let bytes = |text: &str| Bytes::try_from(text.to_owned()).map(Bytes::get);
        assert_eq!(bytes("2 GiB"), Ok(2 << 30));
        assert_eq!(bytes("64KB"), Ok(64_000));
        assert!(bytes("99999999999 TiB").is_err());
        assert!(bytes("2").is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(secs: u32, bytes in 0..u64::MAX) {
            prop_assert_eq!(Seconds::try_from(String::from(Seconds(secs))), Ok(Seconds(secs)));
            prop_assert_eq!(Bytes::try_from(String::from(Bytes(bytes))), Ok(Bytes(bytes)));
        }
    }
}
