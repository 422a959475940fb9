//! What the run works on, as the command gets it.

use longshore::{config::Variables, trigger::Input};

/// The objects of the run: the one that the variables name; none for a run without objects.
pub(super) fn inputs(variables: &Variables) -> Vec<Input> {
    let text = |name| variables.optional(name).map(str::to_owned);
    let object = text("LONGSHORE_BUCKET").zip(text("LONGSHORE_KEY"));
    let object = object.map(|(bucket, key)| Input {
        bucket,
        key,
        version_id: text("LONGSHORE_VERSION_ID"),
        etag: text("LONGSHORE_ETAG"),
        size: text("LONGSHORE_SIZE").and_then(|size| size.parse().ok()),
        sequencer: text("LONGSHORE_SEQUENCER"),
    });
    object.into_iter().collect()
}
