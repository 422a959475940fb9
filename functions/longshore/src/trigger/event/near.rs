//! A typing error ─▶ the name that was meant.

use strsim::levenshtein;

/// Most letters to change: more make another word.
const CHANGES_MAX: usize = 2;
/// Longest name to look for; none of ours is half as long.
const NAME_CHARS_MAX: usize = 40;

/// `said` by serde, with the name that was probably meant: serde puts the unknown name and then
/// each one it expected between backticks.
pub(super) fn with_nearest(said: String) -> String {
    let mut quoted = said.split('`').skip(1).step_by(2);
    let (Some(unknown), true) = (quoted.next(), said.starts_with("unknown ")) else {
        return said;
    };
    let nearest = quoted
        .map(|name| (changes(unknown, name), name))
        .filter(|(changes, name)| *changes <= CHANGES_MAX.min(name.len() / 3))
        .min();
    let Some((_, name)) = nearest else { return said };
    format!("{said}, maybe `{name}`")
}

/// Letters to insert, remove or replace between two names, whatever their case.
fn changes(one: &str, other: &str) -> usize {
    let letters = |text: &str| -> String {
        text.chars().take(NAME_CHARS_MAX).map(|letter| letter.to_ascii_lowercase()).collect()
    };
    levenshtein(&letters(one), &letters(other))
}

#[cfg(test)]
mod tests {
    use super::with_nearest;

    #[test]
    fn a_near_name_is_proposed_and_a_far_one_is_not() {
        for (said, nearest) in [
            ("unknown field `contaner`, expected one of `cluster`, `container`", "container"),
            ("unknown field `retries`, expected one of `name`, `retry`, `order`", ""),
            ("unknown field `than`, expected one of `exit`, `reason`, `then`", "then"),
            ("unknown variant `fargate`, expected one of `EC2`, `FARGATE`", "FARGATE"),
            ("unknown variant `newest`, expected `latest` or `all`", ""),
            ("unknown field `a`b`, expected `name`", ""),
            ("unknown field ``, there are no fields", ""),
            ("missing field `name`", ""),
            ("`soon` is no duration; write it like `30s`", ""),
        ] {
            let proposal = if nearest.is_empty() { "" } else { &format!(", maybe `{nearest}`") };
            assert_eq!(with_nearest(said.to_owned()), format!("{said}{proposal}"));
        }
    }
}
