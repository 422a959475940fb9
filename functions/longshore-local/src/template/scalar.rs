//! A plain (unquoted) scalar ─▶ its value, as CloudFormation's YAML 1.1 reads it.
//!
//! Where readers of YAML 1.1 and 1.2 disagree (`0755`, `12:30`, `1e3`), a template means one thing
//! in the pipeline and another on AWS, so such a scalar is refused instead of guessed.

use serde_json::Number;

use super::node::Value;

/// Why a plain scalar has no value, and what to do.
pub(super) type Refusal = (&'static str, &'static str);

const EMPTY: Refusal =
    ("the value is empty, and CloudFormation takes no null", "give a value, or take the key away");
const AMBIGUOUS: Refusal =
    ("readers of YAML do not agree on this number", "put it in quotes, or write a plain decimal");

/// The value of an unquoted scalar.
pub(super) fn plain(text: &str) -> Result<Value, Refusal> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Err(EMPTY),
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => {
            Ok(Value::Flag(true))
        }
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => {
            Ok(Value::Flag(false))
        }
        _ => match number(text) {
            Some(Ok(number)) => Ok(Value::Number(number)),
            Some(Err(refusal)) => Err(refusal),
            None => Ok(Value::Text(text.into())),
        },
    }
}

/// The number that `text` is, if it is one for any reader of YAML.
fn number(text: &str) -> Option<Result<Number, Refusal>> {
    let body = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !body.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    if is_digits(body) {
        return integer(text, body);
    }
    if let Some((whole, part)) = body.split_once('.')
        && (is_digits(whole) || whole.is_empty())
        && (is_digits(part) || part.is_empty())
        && body.len() > 1
    {
        let value = text.parse::<f64>().ok().and_then(Number::from_f64);
        return Some(value.ok_or(AMBIGUOUS));
    }
    (is_radix(body) || is_exponent(body) || is_sexagesimal(body) || is_grouped(body))
        .then_some(Err(AMBIGUOUS))
}

fn integer(text: &str, body: &str) -> Option<Result<Number, Refusal>> {
    if body.len() > 1 && body.starts_with('0') {
        // With an 8 or a 9 it is no octal number, but a string: an account id, most likely.
        return body.bytes().all(|digit| digit < b'8').then_some(Err(AMBIGUOUS));
    }
    let text = text.strip_prefix('+').unwrap_or(text);
    let signed = text.parse::<i64>().map(Number::from);
    let value = signed.or_else(|_| text.parse::<u64>().map(Number::from));
    Some(value.map_err(|_| AMBIGUOUS))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `0x1F`, `0b10`, `0o17`.
fn is_radix(body: &str) -> bool {
    let all = |digits: &str, radix: u32| {
        !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix) || digit == '_')
    };
    body.strip_prefix("0x").is_some_and(|digits| all(digits, 16))
        || body.strip_prefix("0b").is_some_and(|digits| all(digits, 2))
        || body.strip_prefix("0o").is_some_and(|digits| all(digits, 8))
}

/// `1e3`, `1.5E-3`.
fn is_exponent(body: &str) -> bool {
    body.contains(['e', 'E']) && body.parse::<f64>().is_ok()
}

/// `12:30`, which YAML 1.1 reads in base 60.
fn is_sexagesimal(body: &str) -> bool {
    body.contains(':')
        && !body.starts_with('0')
        && body.split(':').all(is_digits)
        && body.split(':').skip(1).all(|part| part.len() <= 2 && part < "60")
}

/// `1_000`.
fn is_grouped(body: &str) -> bool {
    body.contains('_') && body.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::{AMBIGUOUS, EMPTY, plain};
    use crate::template::node::Value;

    #[test]
    fn scalars_are_read_as_cloudformation_reads_them() {
        for (text, expected) in [("yes", true), ("On", true), ("false", false), ("OFF", false)] {
            assert_eq!(plain(text), Ok(Value::Flag(expected)), "{text}");
        }
        for (text, expected) in [("0", "0"), ("-12", "-12"), ("+5", "5"), ("1.50", "1.5")] {
            let Ok(Value::Number(number)) = plain(text) else { panic!("{text} is a number") };
            assert_eq!(number.to_string(), expected);
        }
        for text in ["2010-09-09", "1.2.3", "012345678901", "y", ".", "-", "5m", "-x", "08:30"] {
            assert_eq!(plain(text), Ok(Value::Text(text.into())), "{text}");
        }
        for text in ["0755", "12:30", "1e3", "1_000", "0x1F", "99999999999999999999"] {
            assert_eq!(plain(text), Err(AMBIGUOUS), "{text}");
        }
        for text in ["", "~", "null"] {
            assert_eq!(plain(text), Err(EMPTY), "{text}");
        }
    }
}
