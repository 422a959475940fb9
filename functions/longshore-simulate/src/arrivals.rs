//! Arrivals from a file: a line for each message, or for each stretch of time.

use jiff::Timestamp;

/// Most messages: what a few seconds and a gigabyte suffice for.
pub(crate) const MESSAGES_MAX: usize = 5_000_000;
/// Time that the last line stands for where there is no line before it.
const ALONE_SECS: f64 = 60.0;
/// Longest time from the first to the last line: thirty days.
const SECS_MAX: f64 = 2_592_000.0;
/// How much of a line is repeated.
const SHOWN_CHARS: usize = 60;

/// A line that says nothing that could be simulated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}; {todo}")]
pub struct BadLine {
    /// Which, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
    /// What to do about it.
    pub todo: &'static str,
}

const FORM: &str = "write a time, or a time and a count, such as `60,120` or \
    `2026-11-23T09:00:00Z,120`";
const ORDER: &str = "sort the lines by time";
const FEWER: &str = "take a shorter time";

/// When each message comes, in seconds from the first line on, ascending.
///
/// A line is a time, for one message; or a time and a count, for so many messages evenly from then
/// until the next line. Times are seconds or RFC 3339. A first line of names is left out, as are
/// empty ones and those that begin with `#`.
pub fn arrivals(text: &str) -> Result<Vec<f64>, BadLine> {
    let lines = lines(text)?;
    let begin = lines.first().map_or(0.0, |first| first.at_secs);
    let mut arrivals = Vec::new();
    for (nth, line) in lines.iter().enumerate() {
        let before = nth.checked_sub(1).and_then(|nth| lines.get(nth));
        let secs = match (lines.get(nth + 1), before) {
            (Some(next), _) => next.at_secs - line.at_secs,
            (None, Some(before)) => line.at_secs - before.at_secs,
            (None, None) => ALONE_SECS,
        };
        let bad = |why, todo| BadLine { line: line.number, why, todo };
        if line.at_secs - begin > SECS_MAX {
            return Err(bad("is more than 30 days after the first".into(), FEWER));
        }
        let Some(count) = line.count else {
            arrivals.push(line.at_secs - begin);
            continue;
        };
        if count > MESSAGES_MAX.saturating_sub(arrivals.len()) {
            return Err(bad(format!("makes it more than {MESSAGES_MAX} messages"), FEWER));
        }
        let apart_secs = secs / crate::number::real(count.max(1));
        let from = line.at_secs - begin;
        arrivals.extend((0..count).map(|nth| from + apart_secs * crate::number::real(nth)));
    }
    Ok(arrivals)
}

struct Line {
    number: usize,
    at_secs: f64,
    count: Option<usize>,
}

fn lines(text: &str) -> Result<Vec<Line>, BadLine> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines: Vec<Line> = Vec::new();
    let mut is_first = true;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let is_header = std::mem::take(&mut is_first) && is_names(line);
        if is_header {
            continue;
        }
        let read = read(number, line)?;
        if lines.last().is_some_and(|last| last.at_secs > read.at_secs) {
            let why = format!("`{}` is before the line above", shown(line));
            return Err(BadLine { line: number, why, todo: ORDER });
        }
        lines.push(read);
    }
    if lines.is_empty() {
        let why = "there is no line with a time".to_owned();
        return Err(BadLine { line: 1, why, todo: FORM });
    }
    Ok(lines)
}

fn read(number: usize, line: &str) -> Result<Line, BadLine> {
    let bad =
        |what: &str| BadLine { line: number, why: format!("`{}` {what}", shown(line)), todo: FORM };
    let mut cells = line.split(',').map(str::trim);
    let time = cells.next().unwrap_or_default();
    let at_secs = seconds(time).ok_or_else(|| bad("begins with no time"))?;
    let count = match cells.next() {
        None | Some("") => None,
        Some(count) => Some(count.parse().map_err(|_| bad("has a count that is no whole number"))?),
    };
    if cells.any(|cell| !cell.is_empty()) {
        return Err(bad("has more than two columns"));
    }
    Ok(Line { number, at_secs, count })
}

/// Seconds, or a time as seconds since 1970.
fn seconds(time: &str) -> Option<f64> {
    if let Ok(secs) = time.parse::<f64>() {
        return (secs.is_finite() && secs >= 0.0).then_some(secs);
    }
    let at: Timestamp = time.parse().ok()?;
    Some(at.as_duration().as_secs_f64())
}

/// Whether a first line names its columns.
fn is_names(line: &str) -> bool {
    line.starts_with(|letter: char| letter.is_alphabetic() || letter == '"')
        && !line.contains(|digit: char| digit.is_ascii_digit())
}

fn shown(line: &str) -> String {
    line.chars().take(SHOWN_CHARS).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_is_a_message_or_a_stretch_of_them() {
        assert_eq!(arrivals("5\n5.5\n7\n"), Ok(vec![0.0, 0.5, 2.0]));
        assert_eq!(arrivals("0,2\n60,0\n120,3\n"), Ok(vec![0.0, 30.0, 120.0, 140.0, 160.0]));
        assert_eq!(arrivals("10,2"), Ok(vec![0.0, 30.0]), "alone it is a minute");
    }

    #[test]
    fn times_may_be_of_a_clock() {
        let text = "\u{feff}time,count\r\n# a comment\r\n\r\n2026-11-23T09:00:00Z,1\r\n2026-11-23T10:01:00+01:00,1\r\n";
        assert_eq!(arrivals(text), Ok(vec![0.0, 60.0]));
    }

    #[expect(clippy::needless_pass_by_value, reason = "expect![] gives an owned value")]
    fn check(texts: &[&str], expected: Expect) {
        let refusal = |text: &&str| format!("{}\n", arrivals(text).unwrap_err());
        expected.assert_eq(&texts.iter().map(refusal).collect::<String>());
    }

    #[test]
    fn a_bad_line_is_named_with_its_number() {
        let texts = [
            "",
            "seconds,count\n",
            "0,1\nsoon,2\n",
            "0,1\n\n-1,2\n",
            "0,1\nNaN,2\n",
            "0,1\ninf,2\n",
            "0,1\n60,many\n",
            "0,1\n60,-2\n",
            "0,1\n60,2.5\n",
            "0,1,2\n",
            "60,1\n0,1\n",
            "0,9999999\n",
            "0,99999999999999999999\n",
            "0\n1,18446744073709551615\n",
            "0\n9e9\n",
            "0\n\u{1b}[31mred\n",
        ];
        check(
            &texts,
            expect![[r#"
            line 1: there is no line with a time; write a time, or a time and a count, such as `60,120` or `2026-11-23T09:00:00Z,120`
            line 1: there is no line with a time; write a time, or a time and a count, such as `60,120` or `2026-11-23T09:00:00Z,120`
            line 2: `soon,2` begins with no time; write a time, or a time and a count, such as `60,120` or `2026-11-23T09:00:00Z,120`
            line 3: `-1,2` begins with no time; write a time, or a time and a count, such as `60,120` or `2026-11-23T09:00:00Z,120`
            line 2: `NaN,2` begins with no time; write a time, or a time and a count, such as `60,120` or `2026-11-23T09:00:00Z,120`
            line 2: `inf,2` begins with no time; write a time, or a time and a count, such as `60,120` or `2026-11-23T09:00:00Z,120`
            line 2: `60,many` has a count that is no whole number; write a time, or a time and a count, such as `60,120` or `2026-11-23T09:00:00Z,120`
            line 2: `60,-2` has a count that is no whole number; write a time, or a time and a count, such as `60,120` or `2026-11-23T09:00:00Z,120`
            line 2: `60,2.5` has a count that is no whole number; write a time, or a time and a count, such as `60,120` or `2026-11-23T09:00:00Z,120`
            line 1: `0,1,2` has more than two columns; write a time, or a time and a count, such as `60,120` or `2026-11-23T09:00:00Z,120`
            line 2: `0,1` is before the line above; sort the lines by time
            line 1: makes it more than 5000000 messages; take a shorter time
            line 1: `0,99999999999999999999` has a count that is no whole number; write a time, or a time and a count, such as `60,120` or `2026-11-23T09:00:00Z,120`
            line 2: makes it more than 5000000 messages; take a shorter time
            line 2: is more than 30 days after the first; take a shorter time
            line 2: `\u{1b}[31mred` begins with no time; write a time, or a time and a count, such as `60,120` or `2026-11-23T09:00:00Z,120`
        "#]],
        );
    }

    proptest! {
        #[test]
        fn whatever_is_read_is_in_order(text in "([0-9]{1,4}(,[0-9]{1,3})?\n){0,20}|.*") {
            if let Ok(arrivals) = arrivals(&text) {
                prop_assert!(arrivals.is_sorted() && arrivals.iter().all(|at| *at >= 0.0));
            }
        }
    }
}
