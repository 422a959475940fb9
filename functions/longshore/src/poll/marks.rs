//! What the workers of a queue know of a message together.
//!
//! SQS counts how often a message was received, and a message that was handed back in order counts
//! like one whose worker died. So whoever is about to work on a suspect says so first where all can
//! read it, and takes it back when the work has ended, however it ended. A crash is what was said and
//! never taken back; an outage, however long, is not.

use std::collections::BTreeSet;

/// What is noted of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// Nothing: it is only asked what others noted.
    Look,
    /// Work on it, with nothing beside it, is about to begin.
    Begun,
    /// Work on it came to an end, and it comes back.
    Ended,
    /// The same, and it spends one of its tries.
    Failed,
}

/// What was noted of a message; receives are named by their number.
///
/// However often a note is written, and in whatever order two of them arrive, it says the same or too
/// little: then a message is tried once more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Receives whose work was about to begin alone, since the last known end.
    pub begun: BTreeSet<u32>,
    /// Receives whose work failed.
    pub failed: BTreeSet<u32>,
    /// The last receive whose work came to an end.
    pub ended: u32,
}

impl Marks {
    /// Takes a note about receive number `receives`.
    pub fn take(&mut self, note: Note, receives: u32) {
        match note {
            Note::Look => {}
            Note::Begun => {
                self.begun.insert(receives);
            }
            Note::Ended | Note::Failed => {
                self.begun.clear();
                self.ended = receives;
            }
        }
        if note == Note::Failed {
            self.failed.insert(receives);
        }
    }

    /// How often work that was alone began and never ended.
    #[must_use]
    pub fn crashes(&self) -> u32 {
        count(self.begun.iter().filter(|begun| **begun > self.ended).count())
    }

    /// Tries that were spent.
    #[must_use]
    pub fn failures(&self) -> u32 {
        count(self.failed.len())
    }
}

fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_in_order_takes_back_every_suspicion_and_a_note_counts_once() {
        let mut marks = Marks::default();
        let seen = [
            (Note::Begun, 4),
            (Note::Begun, 4),
            (Note::Begun, 5),
            (Note::Look, 6),
            (Note::Failed, 7),
            (Note::Failed, 7),
            (Note::Begun, 8),
            (Note::Begun, 6),
            (Note::Ended, 9),
        ]
        .map(|(note, receives)| {
            marks.take(note, receives);
            (marks.crashes(), marks.failures(), marks.ended)
        });
        let expected = [
            (1, 0, 0),
            (1, 0, 0),
            (2, 0, 0),
            (2, 0, 0),
            (0, 1, 7),
            (0, 1, 7),
            (1, 1, 7),
            (1, 1, 7),
            (0, 1, 9),
        ];
        assert_eq!(seen, expected);
    }
}
