//! JSON strings: where they end, how long they are unescaped, and back and forth.

use memchr::memchr2;

use crate::ingest::reason::Reason;

/// A JSON string that was found valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Text {
    /// Just after its closing quote.
    pub(super) end: usize,
    /// Bytes of UTF-8 it stands for.
    pub(super) bytes: usize,
    /// It has escapes.
    pub(super) escaped: bool,
}

fn bad(at: usize, what: &'static str) -> Reason {
    Reason::Json { at, what }
}

/// Reads the string whose opening quote is at `start`.
///
/// `controls` says that the record has bytes below 0x20 somewhere, so that only then each string
/// is searched for them.
pub(super) fn scan(record: &[u8], start: usize, controls: bool) -> Result<Text, Reason> {
    let mut at = start + 1;
    let mut bytes = 0;
    let mut escaped = false;
    loop {
        let rest = record.get(at..).unwrap_or_default();
        let Some(run) = memchr2(b'"', b'\\', rest) else {
            return Err(bad(record.len(), "the string is not closed"));
        };
        if controls && let Some(found) = rest[..run].iter().position(|&byte| byte < 0x20) {
            return Err(bad(at + found, "a control character in a string must be escaped"));
        }
        bytes += run;
        at += run;
        if record[at] == b'"' {
            return Ok(Text { end: at + 1, bytes, escaped });
        }
        escaped = true;
        let (length, stands_for) = escape(record, at)?;
        at += length;
        bytes += stands_for;
    }
}

/// Length of the escape at `at`, and of the UTF-8 it stands for.
fn escape(record: &[u8], at: usize) -> Result<(usize, usize), Reason> {
    match record.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok((2, 1)),
        Some(b'u') => {
            let unit = unit(record, at)?;
            if !(0xD800..0xE000).contains(&unit) {
                return Ok((6, char::from_u32(unit).map_or(0, char::len_utf8)));
            }
            let low = record.get(at + 6..at + 8) == Some(b"\\u");
            let low = low.then(|| self::unit(record, at + 6)).transpose()?;
            match (unit, low) {
                (0xD800..0xDC00, Some(0xDC00..0xE000)) => Ok((12, 4)),
                _ => Err(bad(at, "half of a surrogate pair stands alone")),
            }
        }
        _ => Err(bad(at, "an unknown escape")),
    }
}

/// The UTF-16 unit of the `\uXXXX` at `at`.
fn unit(record: &[u8], at: usize) -> Result<u32, Reason> {
    let digits = record.get(at + 2..at + 6).unwrap_or_default();
    let value = digits.iter().try_fold(0, |value, &digit| {
        char::from(digit).to_digit(16).map(|digit| value * 16 + digit)
    });
    value.filter(|_| digits.len() == 4).ok_or_else(|| bad(at, "an escape needs four hex digits"))
}

/// Appends what the escaped string `inner`, without its quotes and found valid, stands for.
pub(super) fn unescape(inner: &[u8], out: &mut Vec<u8>) {
    let mut at = 0;
    while at < inner.len() {
        let run = memchr::memchr(b'\\', &inner[at..]).unwrap_or(inner.len() - at);
        out.extend_from_slice(&inner[at..at + run]);
        at += run;
        let Some(kind) = inner.get(at + 1) else { break };
        let (length, character) = match kind {
            b'u' => unescape_unit(inner, at),
            b'b' => (2, '\u{8}'),
            b'f' => (2, '\u{c}'),
            b'n' => (2, '\n'),
            b'r' => (2, '\r'),
            b't' => (2, '\t'),
            other => (2, char::from(*other)),
        };
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        at += length;
    }
}

fn unescape_unit(inner: &[u8], at: usize) -> (usize, char) {
    let first = unit(inner, at).unwrap_or(0xFFFD);
    if let Some(character) = char::from_u32(first) {
        return (6, character);
    }
    let second = unit(inner, at + 6).unwrap_or(0xDC00);
    let scalar = 0x1_0000 + ((first & 0x3FF) << 10) + (second & 0x3FF);
    (12, char::from_u32(scalar).unwrap_or(char::REPLACEMENT_CHARACTER))
}

/// Appends `text` as the inside of a JSON string.
pub(crate) fn escape_into(text: &[u8], out: &mut Vec<u8>) {
    let mut from = 0;
    for (at, &byte) in text.iter().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&text[from..at]);
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                out.extend_from_slice(b"\\u00");
                out.push(HEX[usize::from(byte >> 4)]);
                out.push(HEX[usize::from(byte & 15)]);
            }
        }
        from = at + 1;
    }
    out.extend_from_slice(&text[from..]);
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::{escape_into, scan, unescape};

    fn check(json: &str, expected: &Expect) {
        let said = match scan(json.as_bytes(), 0, true) {
            Ok(text) => {
                format!("{} bytes, escaped: {}, ends at {}", text.bytes, text.escaped, text.end)
            }
            Err(reason) => reason.to_string(),
        };
        expected.assert_eq(&said);
    }

    #[test]
    fn strings_are_read_as_rfc_8259_says() {
        check(r#""abc" "#, &expect!["3 bytes, escaped: false, ends at 5"]);
        check(r#""ä€""#, &expect!["5 bytes, escaped: false, ends at 7"]);
        check(r#""a\n\"\u00e4\ud83d\ude00""#, &expect!["9 bytes, escaped: true, ends at 25"]);
        check(r#""a"#, &expect!["not JSON at byte 2 of the record: the string is not closed"]);
        check(r#""\x""#, &expect!["not JSON at byte 1 of the record: an unknown escape"]);
        check(
            r#""\u12g4""#,
            &expect!["not JSON at byte 1 of the record: an escape needs four hex digits"],
        );
        check(
            r#""\ud83d!""#,
            &expect!["not JSON at byte 1 of the record: half of a surrogate pair stands alone"],
        );
        check(
            r#""\ude00""#,
            &expect!["not JSON at byte 1 of the record: half of a surrogate pair stands alone"],
        );
        check(
            r#""\ud83d\ud83d""#,
            &expect!["not JSON at byte 1 of the record: half of a surrogate pair stands alone"],
        );
        check(
            "\"a\tb\"",
            &expect![
                "not JSON at byte 2 of the record: a control character in a string must be escaped"
            ],
        );
    }

    proptest! {
        #[test]
        fn a_string_survives_escape_and_unescape(text in any::<String>(), ascii in any::<bool>()) {
            let mut json = vec![b'"'];
            if ascii {
                for unit in text.encode_utf16() {
                    json.extend_from_slice(format!("\\u{unit:04X}").as_bytes());
                }
            } else {
                escape_into(text.as_bytes(), &mut json);
            }
            json.push(b'"');
            prop_assert_eq!(serde_json::from_slice::<String>(&json).unwrap(), text.clone());
            let found = scan(&json, 0, true).unwrap();
            prop_assert_eq!((found.end, found.bytes), (json.len(), text.len()));
            let mut back = Vec::new();
            unescape(&json[1..json.len() - 1], &mut back);
            prop_assert_eq!(back, text.into_bytes());
        }

        #[test]
        fn scan_agrees_with_serde_json_and_never_panics(text in r#""[a"\\u0-9d8D-Ee\n]{0,12}"#) {
            let ours = scan(text.as_bytes(), 0, true).is_ok_and(|found| found.end == text.trim_end().len());
            prop_assert_eq!(ours, serde_json::from_str::<String>(&text).is_ok());
        }
    }
}
