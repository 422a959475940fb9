//! Settings that work, and that somebody will be sorry for.

use std::fmt;

use super::{
    event::{Event, ObjectEvent},
    secrets::is_secret,
    settings::Trigger,
};
use crate::printable::printable;

/// Most warnings of one trigger: whoever has so many looks at all of the settings anyway.
const WARNINGS_MAX: usize = 8;
/// How much of a variable's name is repeated, so that what to do stays in sight.
const NAME_CHARS_MAX: usize = 100;

/// Something that looks wrong about settings that are carried out all the same. It never holds the
/// value of a variable, which may be the very secret that it warns of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    at: String,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Secret,
    Loop,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (why, todo) = match self.kind {
            Kind::Secret => (
                "looks like a secret, and whoever may read the rule, the ledger or the task can read it",
                "take it out, and name the ARN of its Secrets Manager secret or SSM parameter in \
                 `secrets` of the task definition",
            ),
            Kind::Loop => (
                "names a place that the object of this event lies in: if the task writes there, \
                 every object that it writes starts another run",
                "watch a prefix of its own, or write elsewhere",
            ),
        };
        write!(f, "{}: {why}; {todo}", self.at)
    }
}

/// What looks wrong about the settings of a trigger that `event` has just started.
#[must_use]
pub fn warnings(trigger: &Trigger, event: &Event) -> Vec<Warning> {
    let object = match event {
        Event::Object(object) => Some(object),
        Event::Tick(_) => None,
    };
    let found = trigger.task.env.iter().flat_map(|(name, value)| {
        let secret = is_secret(name, value).then_some(Kind::Secret);
        let looped = object.is_some_and(|object| covers(value, object)).then_some(Kind::Loop);
        [secret, looped].into_iter().flatten().map(|kind| {
            let name = printable(name, NAME_CHARS_MAX);
            Warning { at: format!("trigger.task.env.{name}"), kind }
        })
    });
    found.take(WARNINGS_MAX).collect()
}

/// Whether `value` is an `s3://` address under which the object lies.
fn covers(value: &str, object: &ObjectEvent) -> bool {
    let Some(place) = value.strip_prefix("s3://") else { return false };
    let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
    bucket == object.bucket && object.key.starts_with(prefix)
}

#[cfg(test)]
mod tests;
