//! JSON numbers as `DynamoDB` holds them: 38 significant digits, 1E-130 to 9.99E+125, exact.
//!
//! ("Naming rules and data types", `DynamoDB` Developer Guide.)

use crate::ingest::reason::Reason;

const DIGITS_MAX: usize = 38;
const EXPONENT_MIN: i64 = -130;
const EXPONENT_MAX: i64 = 125;
/// Where the exponents of absurd numbers are cut off, far outside the range.
const EXPONENT_CLAMP: i64 = 1_000_000_000;

/// A number that was found valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number {
    /// Just after its last byte.
    pub(super) end: usize,
    /// Its share of the item size: a byte per two significant digits and one more.
    pub(super) bytes: usize,
}

/// Where the pieces of a number are.
struct Pieces {
    whole: (usize, usize),
    fraction: (usize, usize),
    exponent: i64,
    end: usize,
}

/// Reads the number that begins at `start`.
pub(super) fn scan(record: &[u8], start: usize) -> Result<Number, Reason> {
    let pieces = pieces(record, start)?;
    let (digits, exponent) = significant(record, &pieces);
    let word = || String::from_utf8_lossy(&record[start..pieces.end.min(start + 100)]).into_owned();
    if digits > DIGITS_MAX {
        return Err(Reason::TooManyDigits(word()));
    }
    if digits > 0 && !(EXPONENT_MIN..=EXPONENT_MAX).contains(&exponent) {
        return Err(Reason::OutOfRange(word()));
    }
    Ok(Number { end: pieces.end, bytes: digits.div_ceil(2) + 1 })
}

fn pieces(record: &[u8], start: usize) -> Result<Pieces, Reason> {
    let bad = |at, what| Err(Reason::Json { at, what });
    let whole_start = start + usize::from(record.get(start) == Some(&b'-'));
    let mut at = digits(record, whole_start);
    let whole = (whole_start, at);
    if whole.0 == whole.1 {
        return bad(at, "a number needs a digit");
    }
    if record[whole.0] == b'0' && whole.1 - whole.0 > 1 {
        return bad(whole.0, "a number must not begin with 0");
    }
    let mut fraction = (at, at);
    if record.get(at) == Some(&b'.') {
        fraction = (at + 1, digits(record, at + 1));
        at = fraction.1;
        if fraction.0 == fraction.1 {
            return bad(at, "a number needs a digit after its point");
        }
    }
    let mut exponent = 0;
    if matches!(record.get(at), Some(b'e' | b'E')) {
        let sign = record.get(at + 1).copied();
        let from = at + 1 + usize::from(matches!(sign, Some(b'+' | b'-')));
        at = digits(record, from);
        if from == at {
            return bad(at, "a number needs a digit in its exponent");
        }
        exponent = record[from..at].iter().fold(0, |value: i64, digit| {
            (value * 10 + i64::from(digit - b'0')).min(EXPONENT_CLAMP)
        });
        if sign == Some(b'-') {
            exponent = -exponent;
        }
    }
    Ok(Pieces { whole, fraction, exponent, end: at })
}

fn digits(record: &[u8], from: usize) -> usize {
    let rest = record.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// How many digits count, and the power of ten of the first; 0 digits for zero.
fn significant(record: &[u8], pieces: &Pieces) -> (usize, i64) {
    let whole = &record[pieces.whole.0..pieces.whole.1];
    let fraction = &record[pieces.fraction.0..pieces.fraction.1];
    let at = |index: usize| *whole.get(index).unwrap_or_else(|| &fraction[index - whole.len()]);
    let total = whole.len() + fraction.len();
    let Some(first) = (0..total).find(|&index| at(index) != b'0') else { return (0, 0) };
    let last = (0..total).rfind(|&index| at(index) != b'0').unwrap_or(first);
    let distance = |length: usize| i64::try_from(length).unwrap_or(EXPONENT_CLAMP);
    (last - first + 1, distance(whole.len()) - 1 - distance(first) + pieces.exponent)
}

/// Appends the one spelling of the number `text`, which was found valid.
///
/// `1`, `1.0` and `10e-1` are the same key.
pub(super) fn canonical(text: &[u8], out: &mut Vec<u8>) {
    let Ok(pieces) = pieces(text, 0) else { return };
    let (count, exponent) = significant(text, &pieces);
    if count == 0 {
        out.push(b'0');
        return;
    }
    if text[0] == b'-' {
        out.push(b'-');
    }
    let whole = &text[pieces.whole.0..pieces.whole.1];
    let fraction = &text[pieces.fraction.0..pieces.fraction.1];
    let digits = whole.iter().chain(fraction).skip_while(|digit| **digit == b'0').take(count);
    out.extend(digits);
    out.extend_from_slice(format!("e{exponent}").as_bytes());
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::{canonical, scan};

    fn check(numbers: &[&str], expected: &Expect) {
        let lines = numbers.iter().map(|number| match scan(number.as_bytes(), 0) {
            Ok(found) => {
                let mut one = Vec::new();
                canonical(&number.as_bytes()[..found.end], &mut one);
                let one = String::from_utf8(one).unwrap();
                format!("{number}: {one}, {} bytes, ends at {}\n", found.bytes, found.end)
            }
            Err(reason) => format!("{number}: {reason}\n"),
        });
        expected.assert_eq(&lines.collect::<String>());
    }

    #[test]
    fn one_number_has_one_canonical_spelling() {
        check(
            &["1", "1.0", "10e-1", "0.1E+1", "100", "1e2", "-0", "0e9", "-12.50", "0.00120", "7,"],
            &expect![[r"
                1: 1e0, 2 bytes, ends at 1
                1.0: 1e0, 2 bytes, ends at 3
                10e-1: 1e0, 2 bytes, ends at 5
                0.1E+1: 1e0, 2 bytes, ends at 6
                100: 1e2, 2 bytes, ends at 3
                1e2: 1e2, 2 bytes, ends at 3
                -0: 0, 1 bytes, ends at 2
                0e9: 0, 1 bytes, ends at 3
                -12.50: -125e1, 3 bytes, ends at 6
                0.00120: 12e-3, 2 bytes, ends at 7
                7,: 7e0, 2 bytes, ends at 1
            "]],
        );
    }

    #[test]
    fn the_grammar_is_that_of_json() {
        check(
            &["-", "01", "1.", "1e", "1e+", ".5", "+1", "-x"],
            &expect![[r"
                -: not JSON at byte 1 of the record: a number needs a digit
                01: not JSON at byte 0 of the record: a number must not begin with 0
                1.: not JSON at byte 2 of the record: a number needs a digit after its point
                1e: not JSON at byte 2 of the record: a number needs a digit in its exponent
                1e+: not JSON at byte 3 of the record: a number needs a digit in its exponent
                .5: not JSON at byte 0 of the record: a number needs a digit
                +1: not JSON at byte 0 of the record: a number needs a digit
                -x: not JSON at byte 1 of the record: a number needs a digit
            "]],
        );
    }

    #[test]
    fn digits_and_range_are_those_of_dynamodb() {
        check(
            &[
                "12345678901234567890123456789012345678",
                "123456789012345678901234567890123456789",
                "1234567890123456789012345678901234567800000",
                "9.99e125",
                "1e126",
                "0.1e127",
                "1e-130",
                "0.1e-130",
                "1e99999999999999999999",
            ],
            &expect![[r"
                12345678901234567890123456789012345678: 12345678901234567890123456789012345678e37, 20 bytes, ends at 38
                123456789012345678901234567890123456789: the number `123456789012345678901234567890123456789` has more than 38 significant digits
                1234567890123456789012345678901234567800000: 12345678901234567890123456789012345678e42, 20 bytes, ends at 43
                9.99e125: 999e125, 3 bytes, ends at 8
                1e126: the number `1e126` is outside the range of DynamoDB (1E-130 to 9.99E+125)
                0.1e127: the number `0.1e127` is outside the range of DynamoDB (1E-130 to 9.99E+125)
                1e-130: 1e-130, 2 bytes, ends at 6
                0.1e-130: the number `0.1e-130` is outside the range of DynamoDB (1E-130 to 9.99E+125)
                1e99999999999999999999: the number `1e99999999999999999999` is outside the range of DynamoDB (1E-130 to 9.99E+125)
            "]],
        );
    }

    proptest! {
        #[test]
        fn equal_integers_share_their_spelling(value in -10_000_i64..10_000, zeros in 0_usize..4) {
            let spelled = |text: String| {
                let mut one = Vec::new();
                canonical(text.as_bytes(), &mut one);
                one
            };
            let scaled = value * 10_i64.pow(u32::try_from(zeros).unwrap());
            prop_assert_eq!(spelled(value.to_string()), spelled(format!("{scaled}e-{zeros}")));
            prop_assert_ne!(spelled(value.to_string()), spelled((value + 1).to_string()));
        }

        #[test]
        fn the_grammar_agrees_with_serde_json(text in "[-+0-9.eE]{0,9}") {
            let whole = scan(text.as_bytes(), 0).map(|found| found.end == text.len());
            let ours = match whole {
                Ok(whole) => whole,
                Err(crate::ingest::Reason::OutOfRange(_)) => return Ok(()),
                Err(_) => false,
            };
            let theirs = serde_json::from_str::<serde::de::IgnoredAny>(&text);
            prop_assert_eq!(ours, theirs.is_ok());
        }
    }
}
