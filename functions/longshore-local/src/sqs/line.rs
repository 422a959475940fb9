//! Whose turn it is: the waiting messages of a queue by group, fair or first-in-first-out.

use std::collections::{BTreeMap, BTreeSet};

/// Since when a message waits and its sequence; of a FIFO queue only the sequence counts.
type Place = (i64, u64);

/// Who waits, group by group, and which group is served next.
///
/// Standard: the group with the fewest messages in flight, so that a noisy group cannot starve a
/// quiet one (fair queues, developer guide). FIFO: the group with the oldest message among those
/// that have nothing in flight and nothing hidden before it.
#[derive(Debug)]
pub(super) struct Line {
    fifo: bool,
    groups: BTreeMap<String, Group>,
    turns: BTreeSet<Turn>,
}

/// Sorts by who is served first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    in_flight: usize,
    head: Place,
    group: String,
}

#[derive(Debug, Default)]
struct Group {
    /// Every message of the group that exists, hidden or not.
    all: BTreeSet<u64>,
    waiting: BTreeSet<Place>,
    in_flight: usize,
}

impl Line {
    pub(super) fn new(fifo: bool) -> Self {
        Self { fifo, groups: BTreeMap::new(), turns: BTreeSet::new() }
    }

    /// A message came into being, hidden.
    pub(super) fn enter(&mut self, group: &str, sequence: u64) {
        self.change(group, |it| {
            it.all.insert(sequence);
        });
    }

    /// A hidden message can be received since `since_ms`.
    pub(super) fn wait(&mut self, group: &str, since_ms: i64, sequence: u64) {
        let place = self.place(since_ms, sequence);
        self.change(group, |it| {
            it.waiting.insert(place);
        });
    }

    /// A waiting message is hidden again.
    pub(super) fn unwait(&mut self, group: &str, since_ms: i64, sequence: u64) {
        let place = self.place(since_ms, sequence);
        self.change(group, |it| {
            it.waiting.remove(&place);
        });
    }

    /// A message of the group is in flight.
    pub(super) fn fly(&mut self, group: &str) {
        self.change(group, |it| it.in_flight += 1);
    }

    /// A message of the group is no longer in flight.
    pub(super) fn land(&mut self, group: &str) {
        self.change(group, |it| it.in_flight = it.in_flight.saturating_sub(1));
    }

    /// A hidden message that is not in flight ceases to be.
    pub(super) fn leave(&mut self, group: &str, sequence: u64) {
        self.change(group, |it| {
            it.all.remove(&sequence);
        });
    }

    /// The next to serve, in order: one of a standard queue, up to `room` of one group of a FIFO
    /// queue; empty when nobody's turn has come.
    pub(super) fn next(&self, room: usize) -> Vec<u64> {
        let Some(turn) = self.turns.first() else { return Vec::new() };
        if !self.fifo {
            return vec![turn.head.1];
        }
        let Some(group) = self.groups.get(&turn.group) else { return Vec::new() };
        let together = group.all.iter().zip(&group.waiting);
        together.take_while(|(all, waits)| **all == waits.1).map(|(it, _)| *it).take(room).collect()
    }

    fn place(&self, since_ms: i64, sequence: u64) -> Place {
        (if self.fifo { 0 } else { since_ms }, sequence)
    }

    /// Changes a group and puts its turn where it now belongs.
    fn change(&mut self, name: &str, change: impl FnOnce(&mut Group)) {
        let mut group = self.groups.remove(name).unwrap_or_default();
        if let Some(turn) = self.turn(name, &group) {
            self.turns.remove(&turn);
        }
        change(&mut group);
        if let Some(turn) = self.turn(name, &group) {
            self.turns.insert(turn);
        }
        if !group.all.is_empty() {
            self.groups.insert(name.to_owned(), group);
        }
    }

    fn turn(&self, name: &str, group: &Group) -> Option<Turn> {
        let head = *group.waiting.first()?;
        let blocked = group.in_flight > 0 || group.all.first() != Some(&head.1);
        if self.fifo && blocked {
            return None;
        }
        Some(Turn { in_flight: group.in_flight, head, group: name.to_owned() })
    }
}
