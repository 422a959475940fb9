//! What the run works on, as the command gets it.

use longshore::{
    config::Variables,
    trigger::{Inputs, ObjectVersion},
};

/// The one object that the variables name; nothing for a run of several, or of none.
pub(super) fn named(variables: &Variables) -> Inputs {
    let text = |name| variables.optional(name).map(str::to_owned);
    let object = text("LONGSHORE_BUCKET").zip(text("LONGSHORE_KEY"));
    let object = object.map(|(bucket, key)| ObjectVersion {
        bucket,
        key,
        version_id: text("LONGSHORE_VERSION_ID"),
        etag: text("LONGSHORE_ETAG"),
        size: text("LONGSHORE_SIZE").and_then(|size| size.parse().ok()),
        sequencer: text("LONGSHORE_SEQUENCER"),
    });
    Inputs { objects: object.into_iter().collect(), ..Inputs::default() }
}
