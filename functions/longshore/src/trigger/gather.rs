//! Events of a trigger with `batch` ─▶ lists of objects, each of which one run works off.

use std::{cmp::Reverse, collections::BTreeMap};

use super::{
    event::ObjectEvent,
    input::{Input, Listed, ObjectVersion, Objects},
    quantity::Bytes,
    settings::{Batch, Trigger},
};
use crate::run::{ObjectOrder, PLACES_MAX, Places, RunId, digest, identity};

/// Objects that one run will claim, and the events that told of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Gathering {
    /// Derived from trigger and identities, so that the same events name the same run.
    pub run: RunId,
    /// All of the list.
    pub input: Input,
    /// The objects, in the order in which they are claimed.
    pub list: Vec<Listed>,
    /// Which of the events are in it, by their place.
    pub events: Vec<usize>,
}

/// Divides events into runs: no more objects and bytes in each than `batch` allows, though one
/// object alone may be larger.
///
/// Everybody claims objects in the order of their hash, so that no two runs each wait for what the
/// other has, and the newest version of one first, which makes the older ones superfluous.
#[must_use]
pub fn gather(trigger: &Trigger, events: &[&ObjectEvent]) -> Vec<Gathering> {
    let mut sorted: BTreeMap<(String, Reverse<String>, String), Vec<usize>> = BTreeMap::new();
    for (nth, event) in events.iter().enumerate() {
        let ObjectOrder { object, sequence } = ObjectOrder::of(trigger.order, event);
        let place = (object, Reverse(sequence), identity(event));
        sorted.entry(place).or_default().push(nth);
    }
    let (objects_max, bytes_max) = match &trigger.batch {
        Some(Batch { objects, bytes }) => (*objects, bytes.map_or(u64::MAX, Bytes::get)),
        None => (1, u64::MAX),
    };
    let objects_max = objects_max.clamp(1, PLACES_MAX.into());
    let mut gatherings = Vec::new();
    let (mut open, mut bytes) = (Open::default(), 0_u64);
    for ((object, Reverse(sequence), identity), nths) in sorted {
        let Some(&event) = nths.first().and_then(|nth| events.get(*nth)) else { continue };
        let size = event.size.unwrap_or_default();
        let is_full =
            open.list.len() >= objects_max as usize || bytes.saturating_add(size) > bytes_max;
        if is_full && !open.list.is_empty() {
            gatherings.push(std::mem::take(&mut open).close(trigger));
            bytes = 0;
        }
        bytes = bytes.saturating_add(size);
        let order = ObjectOrder { object, sequence };
        open.list.push(Listed { input: ObjectVersion::from(event), order });
        open.identities.push(identity);
        open.events.extend(nths);
    }
    if !open.list.is_empty() {
        gatherings.push(open.close(trigger));
    }
    gatherings
}

/// A gathering to which more may come.
#[derive(Default)]
struct Open {
    list: Vec<Listed>,
    identities: Vec<String>,
    events: Vec<usize>,
}

impl Open {
    fn close(self, trigger: &Trigger) -> Gathering {
        let Self { list, mut identities, events } = self;
        identities.sort_unstable();
        let identities: Vec<&str> = identities.iter().map(String::as_str).collect();
        let run = RunId::derive(&trigger.name, &digest(&identities));
        let left = Places::first(list.len());
        Gathering { input: Input::Objects(Objects { list: run.clone(), left }), run, list, events }
    }
}

#[cfg(test)]
mod tests;
