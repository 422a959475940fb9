//! What the counts of a queue were, so that they can be shown as late as AWS shows them.

use std::collections::VecDeque;

use super::queue::Counts;

/// The counts of one queue, each since when it had them.
#[derive(Debug, Default)]
pub(super) struct History(VecDeque<(i64, Counts)>);

impl History {
    /// The queue has these counts since `now_ms`; what is older than `since_ms` is forgotten, as
    /// far as no later question is about it.
    ///
    /// The first counts of all are those of ever: nobody knows others.
    pub(super) fn note(&mut self, now_ms: i64, counts: Counts, since_ms: i64) {
        match self.0.back_mut() {
            None => self.0.push_back((i64::MIN, counts)),
            Some((_, last)) if *last == counts => {}
            Some((at_ms, last)) if *at_ms == now_ms => *last = counts,
            Some(_) => self.0.push_back((now_ms, counts)),
        }
        while self.0.get(1).is_some_and(|(at_ms, _)| *at_ms <= since_ms) {
            self.0.pop_front();
        }
    }

    /// The counts at that time, if any were noted.
    pub(super) fn at(&self, at_ms: i64) -> Option<Counts> {
        let after = self.0.partition_point(|(since_ms, _)| *since_ms <= at_ms);
        self.0.get(after.checked_sub(1)?).map(|(_, counts)| *counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(visible: usize) -> Counts {
        Counts { visible, ..Counts::default() }
    }

    #[test]
    fn counts_are_those_of_their_time() {
        let mut history = History::default();
        assert_eq!(history.at(0), None);
        for (at_ms, visible) in [(10, 0), (10, 1), (20, 1), (30, 2), (30, 3)] {
            history.note(at_ms, counts(visible), 0);
        }
        for (at_ms, visible) in [(-5, 0), (9, 0), (10, 1), (29, 1), (30, 3), (1_000, 3)] {
            assert_eq!(history.at(at_ms), Some(counts(visible)), "{at_ms}");
        }
    }

    #[test]
    fn no_more_is_kept_than_is_asked_for() {
        let mut history = History::default();
        for at_ms in 0..1_000 {
            history.note(at_ms, counts(usize::try_from(at_ms).unwrap()), at_ms - 30);
        }
        assert_eq!(history.0.len(), 31);
        assert_eq!(history.at(999 - 30), Some(counts(969)));
    }
}
