//! Text of others, made fit for a sentence of ours.

/// `text` with what moves a cursor, hides or is not allowed in a message of SQS escaped, cut to
/// `chars_max` characters: whoever sends an event cannot forge log lines, nor make a dead letter
/// that can never be sent.
#[must_use]
pub fn printable(text: &str, chars_max: usize) -> String {
    let mut shown = String::with_capacity(text.len().min(chars_max));
    let mut chars_left = chars_max;
    for character in text.chars() {
        let escaped = character.escape_debug();
        let is_quote = matches!(character, '"' | '\'' | '\\');
        let chars = if is_quote { 1 } else { escaped.len() };
        if chars > chars_left {
            shown.push('…');
            break;
        }
        chars_left -= chars;
        if is_quote { shown.push(character) } else { shown.extend(escaped) }
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
            ("12345678\u{1b}", "12345678…"),
            ("1\u{1b}2", "1\\u{1b}2"),
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
            prop_assert!(shown.chars().count() <= 51, "{}", shown);
        }
    }
}
