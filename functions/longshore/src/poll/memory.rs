//! What a worker remembers of messages that it held before.

use std::collections::{BTreeMap, VecDeque};

/// Most messages that are remembered; of more, the oldest are forgotten. At some 150 bytes each it
/// is a few megabytes.
const REMEMBERED_MAX: usize = 20_000;

/// What became of a message here before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// Receives whose work came to an end in order.
    pub ended: u32,
    /// Receives after which no work was begun.
    pub unworked: u32,
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

    /// The work on it came to an end, and it is to come back.
    pub fn ended(&mut self, id: &str) {
        self.entry(id).ended += 1;
    }

    /// It was handed back as it had come.
    pub fn unworked(&mut self, id: &str) {
        self.entry(id).unworked += 1;
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
            memory.ended(&n.to_string());
            memory.unworked("0");
        }
        memory.done("2");
        assert_eq!(memory.of("1"), Past::default());
        assert_eq!(memory.of("2"), Past { ended: 1, unworked: 0, done: true });
        assert_eq!(memory.of("0"), Past { ended: 0, unworked: 1, done: false }, "known anew");
        assert_eq!((memory.pasts.len(), memory.order.len()), (REMEMBERED_MAX, REMEMBERED_MAX));
    }
}
