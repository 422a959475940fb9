//! What is going to happen, in order.

use std::{
    cmp::{Ordering, Reverse},
    collections::BinaryHeap,
};

/// Something that is going to happen; tasks and messages by number.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    /// ECS takes another launch.
    Launch,
    /// A task receives.
    Ready(u32),
    /// A task has finished a message.
    Done(u32, u32),
    /// A message is visible again.
    Redeliver(u32),
    /// A task's grace is over.
    Kill(u32),
    /// One of the scaler's clocks.
    Tick(usize),
}

/// By time; what was planned first happens first.
#[derive(Debug, Default)]
pub(super) struct Events {
    heap: BinaryHeap<Reverse<Planned>>,
    count: u64,
}

#[derive(Debug)]
struct Planned {
    at_secs: f64,
    nth: u64,
    event: Event,
}

impl PartialEq for Planned {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Planned {}

impl PartialOrd for Planned {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Planned {
    fn cmp(&self, other: &Self) -> Ordering {
        self.at_secs.total_cmp(&other.at_secs).then(self.nth.cmp(&other.nth))
    }
}

impl Events {
    pub(super) fn push(&mut self, at_secs: f64, event: Event) {
        self.count += 1;
        self.heap.push(Reverse(Planned { at_secs, nth: self.count, event }));
    }

    /// When the next one happens.
    pub(super) fn next_at(&self) -> f64 {
        self.heap.peek().map_or(f64::INFINITY, |next| next.0.at_secs)
    }

    pub(super) fn pop(&mut self) -> Option<Event> {
        self.heap.pop().map(|next| next.0.event)
    }
}
