//! `{"wildcard": "in/*.csv"}`: a string in which each star stands for any text.

/// The parts between the stars; there is one more of them than there are stars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wildcard {
    first: String,
    rest: Vec<String>,
}

impl Wildcard {
    /// Reads `\*` and `\\` as characters; two stars in a row are refused, as AWS does.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let mut parts = vec![String::new()];
        let mut chars = text.chars().peekable();
        while let Some(char) = chars.next() {
            let literal = match char {
                '*' if chars.peek() == Some(&'*') => {
                    return Err("a wildcard takes no two stars in a row");
                }
                '*' => {
                    parts.push(String::new());
                    continue;
                }
                '\\' => match chars.next() {
                    Some(escaped @ ('*' | '\\')) => escaped,
                    _ => return Err("after `\\` a wildcard takes only `*` or `\\`"),
                },
                char => char,
            };
            if let Some(part) = parts.last_mut() {
                part.push(literal);
            }
        }
        let rest = parts.split_off(1);
        Ok(Self { first: parts.concat(), rest })
    }

    /// Whether the whole of `text` has this shape. The parts are searched from left to right, each
    /// at its first place, which finds a match if there is one.
    pub(super) fn matches(&self, text: &str) -> bool {
        let Some((last, between)) = self.rest.split_last() else { return text == self.first };
        let Some(mut left) = text.strip_prefix(&self.first) else { return false };
        for part in between {
            let Some(found) = left.find(part) else { return false };
            left = &left[found + part.len()..];
        }
        left.ends_with(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_star_stands_for_text_of_its_own() {
        for (wildcard, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("a*", "a", true),
            ("a*a", "a", false),
            ("a*b*b", "ab", false),
            ("a*b*b", "abb", true),
            ("*ab*ab*", "aab", false),
            ("*ab*ab*", "ab-ab", true),
            ("in/*.csv", "in/.csv", true),
            ("in/*.csv", "in/x.csv.gz", false),
            ("*ż*", "ażb", true),
            (r"\*\\*", r"*\x", true),
            (r"\*\\*", r"x\x", false),
        ] {
            assert_eq!(
                Wildcard::parse(wildcard).unwrap().matches(text),
                expected,
                "{wildcard} {text}"
            );
        }
    }

    #[test]
    fn what_aws_does_not_read_is_refused() {
        for wildcard in ["**", "a**b", r"\", r"a\", r"\n", r"*\x"] {
            assert!(Wildcard::parse(wildcard).is_err(), "{wildcard}");
        }
    }
}
