//! Queues of what came to nothing, which nobody is meant to work off.

use longshore::fleet::queue_name;
use longshore_local::template::{Resource, Stack};

/// What to do about one.
pub(super) const TODO: &str = "name that queue; what was set aside goes back with a redrive";

/// Says of the queue with this URL that it is a dead-letter queue of the template, and whose.
pub(super) fn dead(stack: &Stack, url: &str) -> Option<String> {
    let name = queue_name(url);
    stack.resources.iter().find_map(|declared| {
        let Resource::Queue(queue) = &declared.resource else { return None };
        let redrive = queue.redrive.as_ref()?;
        let its = redrive.dead_letter_arn.rsplit(':').next();
        (its == Some(name))
            .then(|| format!("`{name}` is the dead-letter queue of {}", declared.logical_id))
    })
}
