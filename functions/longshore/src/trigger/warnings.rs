//! Settings that work, and that somebody will be sorry for.

mod times;

use std::fmt;

use super::{
    event::{Event, ObjectEvent},
    quantity::Seconds,
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
    /// A tick may begin up to `least` late.
    Late {
        within: Seconds,
        least: Seconds,
    },
    /// A tick that was not sent is found up to `least` late.
    CatchUp {
        within: Seconds,
        least: Seconds,
    },
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
            Kind::Late { within, least } => {
                return write!(
                    f,
                    "{}: is `{within}`, and a tick may begin up to {least} after its time, by \
                     `flexibleTimeWindow` or `jitter` and a minute, so that ticks are missed by \
                     chance; say {least} at the least, and better some minutes more",
                    self.at
                );
            }
            Kind::CatchUp { within, least } => {
                return write!(
                    f,
                    "{}: runs hardly a tick, for one that was not sent is found up to {least} \
                     after its time, and `startWithin` is `{within}`; have that be {least} or \
                     more, or take `catchUp` out",
                    self.at
                );
            }
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
    let times = trigger.schedule.iter().flat_map(times::warnings);
    times.chain(found).take(WARNINGS_MAX).collect()
}

/// Whether `value` is an `s3://` address under which the object lies.
fn covers(value: &str, object: &ObjectEvent) -> bool {
    let Some(place) = value.strip_prefix("s3://") else { return false };
    let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
    bucket == object.bucket && object.key.starts_with(prefix)
}

#[cfg(test)]
mod tests;
