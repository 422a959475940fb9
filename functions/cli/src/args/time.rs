//! Times on the command line: in seconds, or with a unit.

use std::time::Duration;

use jiff::{SignedDuration, Span, SpanRelativeTo};
use longshore::{fleet::CHANGES_KEPT, trigger::Seconds};

/// [`CHANGES_KEPT`] as people write it.
const KEPT: &str = "30d";

/// A time as people write it: `35`, `0.5`, `35s`, `1h 30m`, `7d`.
pub(super) fn time(text: &str) -> Result<Duration, String> {
    let number = text.parse().ok().and_then(|secs| Duration::try_from_secs_f64(secs).ok());
    match number.filter(|time| time.as_secs() <= u32::MAX.into()) {
        Some(time) => Ok(time),
        None => Seconds::try_from(text.to_owned())
            .map(|seconds| Duration::from_secs(seconds.get().into()))
            .or_else(|wrong| days(text).ok_or(wrong)),
    }
}

/// A time with days, of 24 hours each.
fn days(text: &str) -> Option<Duration> {
    let span: Span = text.parse().ok()?;
    let time = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(time).ok().filter(|time| time.as_secs() <= u32::MAX.into())
}

/// A time back from now, as long as changes of a fleet are kept.
pub(super) fn back(text: &str) -> Result<SignedDuration, String> {
    let back =
        SignedDuration::try_from_secs_f64(secs_above_0(text)?).unwrap_or(SignedDuration::MAX);
    if back <= CHANGES_KEPT {
        return Ok(back);
    }
    Err(format!("`{text}` is longer than changes are kept; give `{KEPT}` or less"))
}

/// The same in whole seconds.
pub(super) fn seconds(text: &str) -> Result<Seconds, String> {
    let secs = u32::try_from(time(text)?.as_secs());
    secs.map(Seconds::new).map_err(|_| format!("`{text}` is too long"))
}

/// Seconds of a time above 0.
pub(super) fn secs_above_0(text: &str) -> Result<f64, String> {
    let secs = time(text)?.as_secs_f64();
    if secs > 0.0 { Ok(secs) } else { Err(format!("`{text}` is no time above 0")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_in_seconds_or_has_a_unit() {
        for (text, ms) in [
            ("35", 35_000),
            ("35s", 35_000),
            ("0.5", 500),
            ("2m", 120_000),
            ("1h 30m", 5_400_000),
            ("7d", 604_800_000),
            ("1d 2h", 93_600_000),
            ("0", 0),
        ] {
            assert_eq!(time(text), Ok(Duration::from_millis(ms)), "{text}");
        }
        for text in ["NaN", "-1", "1e300", "inf", "soon", "", "-5s", "-1d", "1 month"] {
            let advice = "is no duration; write it like `30s`, `5m` or `1h 30m`";
            assert_eq!(time(text), Err(format!("`{text}` {advice}")));
        }
    }

    #[test]
    fn what_must_take_time_is_above_0() {
        assert_eq!((secs_above_0("0.25"), secs_above_0("35s")), (Ok(0.25), Ok(35.0)));
        assert_eq!(secs_above_0("0s"), Err("`0s` is no time above 0".to_owned()));
    }

    #[test]
    fn nobody_looks_further_back_than_changes_are_kept() {
        let hours = |text| back(text).map(|back| back.as_hours());
        assert_eq!([hours("3h"), hours(KEPT)], [Ok(3), Ok(720)]);
        let refused = "`721h` is longer than changes are kept; give `30d` or less";
        assert_eq!(hours("721h"), Err(refused.to_owned()));
        assert_eq!(hours("0s"), Err("`0s` is no time above 0".to_owned()));
    }
}
