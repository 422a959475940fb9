//! "Did you mean …": the known word nearest to a misspelt one.

use strsim::levenshtein;

/// Longer words are no misspelt names, and comparing them takes time.
const CHARS_MAX: usize = 255;

/// The word among `known` that `word` most likely stands for, if one is near.
///
/// Near is: equal but for case, or at most a quarter of its letters (and at least one) away.
pub(super) fn near<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > CHARS_MAX {
        return None;
    }
    let word = word.to_lowercase();
    let allowed = (word.chars().count() / 4).max(1);
    known
        .into_iter()
        .map(|candidate| (levenshtein(&word, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

/// `write X, not Y` when X is near, else `otherwise`.
pub(super) fn suggest<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
    otherwise: &str,
) -> String {
    match near(word, known) {
        Some(candidate) => format!("write `{candidate}`, if that is meant"),
        None => otherwise.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::near;

    #[test]
    fn only_a_near_word_is_suggested() {
        let known = ["VisibilityTimeout", "DelaySeconds", "Tags"];
        let cases = [
            ("VisibilityTimeOut", Some("VisibilityTimeout")),
            ("VisibiltyTimeout", Some("VisibilityTimeout")),
            ("tag", Some("Tags")),
            ("DelayMinutes", None),
            ("", None),
        ];
        for (word, expected) in cases {
            assert_eq!(near(word, known), expected, "{word}");
        }
    }
}
