//! Times on the command line: in seconds, or with a unit.

use std::time::Duration;

use longshore::trigger::Seconds;

/// A time as people write it: `35`, `0.5`, `35s`, `1h 30m`.
pub(super) fn time(text: &str) -> Result<Duration, String> {
    let number = text.parse().ok().and_then(|secs| Duration::try_from_secs_f64(secs).ok());
    match number.filter(|time| time.as_secs() <= u32::MAX.into()) {
        Some(time) => Ok(time),
        None => Seconds::try_from(text.to_owned())
            .map(|seconds| Duration::from_secs(seconds.get().into())),
    }
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
            ("0", 0),
        ] {
            assert_eq!(time(text), Ok(Duration::from_millis(ms)), "{text}");
        }
        for text in ["NaN", "-1", "1e300", "inf", "soon", "", "-5s"] {
            let advice = "is no duration; write it like `30s`, `5m` or `1h 30m`";
            assert_eq!(time(text), Err(format!("`{text}` {advice}")));
        }
    }

    #[test]
    fn what_must_take_time_is_above_0() {
        assert_eq!((secs_above_0("0.25"), secs_above_0("35s")), (Ok(0.25), Ok(35.0)));
        assert_eq!(secs_above_0("0s"), Err("`0s` is no time above 0".to_owned()));
    }
}
