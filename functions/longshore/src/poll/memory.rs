//! What a worker remembers of messages that it held before.

use std::collections::{BTreeMap, VecDeque};

/// Most messages that are remembered; of more, the oldest are forgotten. At some 150 bytes each it
/// is a few megabytes.
const REMEMBERED_MAX: usize = 20_000;

/// What became of a message here before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// Up to this receive it is known why the message came back: the last one whose work came to an
    /// end in order, and those after it that were not worked on.
    pub explained: u32,
    /// Receives after which no work was begun.
    pub unworked: u32,
    /// Receives whose work failed.
    pub failed: u32,
    /// Its work is done, but it could not be deleted for certain.
    pub done: bool,
}

/// Messages that come back.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    pasts: BTreeMap<String, Past>,
    order: VecDeque<String>,
}

impl Memory {
    /// What is known of the message `id`.
    #[must_use]
    pub fn of(&self, id: &str) -> Past {
        self.pasts.get(id).copied().unwrap_or_default()
    }

    /// The work on it came to an end at receive number `receives`, and it is to come back. One end in
    /// order says that there can be one: whatever came before is not held against it any more.
    pub fn ended(&mut self, id: &str, receives: u32) {
        self.entry(id).explained = receives;
    }

    /// The work on it spent one of its tries.
    pub fn failed(&mut self, id: &str) {
        self.entry(id).failed += 1;
    }

    /// It was handed back as it had come.
    pub fn unworked(&mut self, id: &str) {
        let past = self.entry(id);
        past.unworked += 1;
        past.explained += 1;
    }

    /// Its work is done, whatever became of the message.
    pub fn done(&mut self, id: &str) {
        self.entry(id).done = true;
    }

    fn entry(&mut self, id: &str) -> &mut Past {
        if !self.pasts.contains_key(id) {
            if self.order.len() >= REMEMBERED_MAX
                && let Some(oldest) = self.order.pop_front()
            {
                self.pasts.remove(&oldest);
            }
            self.order.push_back(id.to_owned());
        }
        self.pasts.entry(id.to_owned()).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_are_forgotten() {
        let mut memory = Memory::default();
        for n in 0..=REMEMBERED_MAX {
            memory.failed(&n.to_string());
            memory.unworked("0");
        }
        memory.done("2");
        assert_eq!(memory.of("1"), Past::default());
        assert_eq!(memory.of("2"), Past { failed: 1, done: true, ..Past::default() });
        assert_eq!(
            memory.of("0"),
            Past { explained: 1, unworked: 1, ..Past::default() },
            "known anew"
        );
        assert_eq!((memory.pasts.len(), memory.order.len()), (REMEMBERED_MAX, REMEMBERED_MAX));
    }
}
