//! Text of others, made fit for a sentence of ours.

/// `text` with what moves a cursor, hides or is not allowed in a message of SQS escaped, cut to
/// `chars_max` characters: whoever sends an event cannot forge log lines, nor make a dead letter
/// that can never be sent.
pub(crate) fn printable(text: &str, chars_max: usize) -> String {
    let mut shown = String::with_capacity(text.len().min(chars_max));
    for (n, character) in text.chars().enumerate() {
        if n == chars_max {
            shown.push('…');
            break;
        }
        match character {
            '"' | '\'' | '\\' => shown.push(character),
            other => shown.extend(other.escape_debug()),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::printable;

    #[test]
    fn what_cannot_be_seen_is_escaped_and_the_rest_stays() {
        for (text, shown) in [
            ("", ""),
            ("ż \"é\" 'a' \\ `{}` 🚢", "ż \"é\" 'a' \\ `{}` 🚢"),
            ("a\nb\r\0", "a\\nb\\r\\0"),
            ("\u{1b}[31m\u{202e}\u{feff}\u{ffff}", "\\u{1b}[31m\\u{202e}\\u{feff}\\u{ffff}"),
            ("12345678", "12345678"),
            ("123456789", "12345678…"),
        ] {
            let chars_max = if text.starts_with('1') { 8 } else { 100 };
            assert_eq!(printable(text, chars_max), shown);
        }
    }

    proptest! {
        #[test]
        fn nothing_of_it_is_refused_by_sqs(text in "(?s).*|[\u{0}-\u{1f}\u{fff0}-\u{ffff}]*") {
            let shown = printable(&text, 50);
            let refused = |c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}');
            prop_assert!(!shown.contains(refused));
        }
    }
}
