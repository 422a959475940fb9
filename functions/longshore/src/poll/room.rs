//! How many messages are asked for, and in how many calls at once.

/// Messages of one call (ReceiveMessage, SQS API reference).
const EACH_MAX: usize = 10;
/// Most calls at once; each is a connection.
const CALLS_MAX: usize = 32;

/// How much a worker asks for.
///
/// An idle worker waits in one call. Each call that brings all it asked for has another one beside
/// it, as long as slots are free, and one that brings nothing ends that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appetite {
    slots: usize,
    calls_max: usize,
    by_one: bool,
}

impl Appetite {
    /// Of a worker with `slots` slots that has just begun: the first message is asked for alone,
    /// since it may be what ended the worker before.
    #[must_use]
    pub fn new(slots: usize) -> Self {
        Self { slots, calls_max: 1, by_one: true }
    }

    /// How many messages the next call may bring, if there is to be one: `held` are held, and
    /// `calls` that wait may bring `asked`.
    #[must_use]
    pub fn next(&self, held: usize, calls: usize, asked: usize) -> Option<usize> {
        if self.by_one {
            return (held == 0 && calls == 0).then_some(1);
        }
        let free = self.slots.saturating_sub(held.saturating_add(asked));
        (free > 0 && calls < self.calls_max).then_some(free.min(EACH_MAX))
    }

    /// A call that asked for `asked` brought `came`, all of which may be worked on beside others.
    pub fn came(&mut self, asked: usize, came: usize) {
        if came > 0 {
            self.by_one = false;
        }
        self.calls_max = if came == 0 {
            1
        } else if came >= asked {
            (self.calls_max + 1).min(CALLS_MAX).min(self.slots.div_ceil(EACH_MAX))
        } else {
            self.calls_max
        };
    }

    /// Something is wrong: messages are asked for one at a time, with nothing else held, until one
    /// comes that is beyond suspicion.
    pub fn be_careful(&mut self) {
        *self = Self::new(self.slots);
    }

    /// Work was done: there is nothing to be careful about.
    pub fn take_heart(&mut self) {
        self.by_one = false;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_idle_worker_waits_in_one_call_and_a_busy_one_in_several() {
        let mut appetite = Appetite::new(100);
        assert_eq!(appetite.next(0, 0, 0), Some(1), "the first comes alone");
        assert_eq!(appetite.next(0, 1, 1), None);
        appetite.came(1, 1);
        assert_eq!(appetite.next(1, 0, 0), Some(10));
        assert_eq!(appetite.next(1, 1, 10), Some(10));
        assert_eq!(appetite.next(1, 2, 20), None);
        for _ in 0..20 {
            appetite.came(10, 10);
        }
        assert_eq!(appetite.next(90, 9, 9), Some(1), "only as many as slots are free");
        assert_eq!(appetite.next(90, 10, 9), None, "ten calls for a hundred slots");
        appetite.came(10, 0);
        assert_eq!((appetite.next(5, 1, 10), appetite.next(5, 0, 0)), (None, Some(10)));
        appetite.be_careful();
        assert_eq!((appetite.next(1, 0, 0), appetite.next(0, 0, 0)), (None, Some(1)));
    }

    proptest! {
        #[test]
        fn nothing_is_asked_for_that_no_slot_waits_for(
            slots in 1_usize..=1_000, steps in prop::collection::vec((0_usize..11, 0_u8..8), 0..60),
        ) {
            let (mut appetite, mut held, mut waiting) = (Appetite::new(slots), 0, Vec::new());
            for (came, what) in steps {
                while let Some(each) = appetite.next(held, waiting.len(), waiting.iter().sum()) {
                    prop_assert!((1..=EACH_MAX).contains(&each));
                    waiting.push(each);
                    prop_assert!(waiting.len() <= CALLS_MAX);
                }
                prop_assert!(held + waiting.iter().sum::<usize>() <= slots);
                match what {
                    0 => appetite.be_careful(),
                    1..4 => held -= held.min(came),
                    _ => if let Some(asked) = waiting.pop() {
                        let came = came.min(asked);
                        held += came;
                        appetite.came(asked, came);
                    },
                }
            }
            prop_assert!(held > 0 || !waiting.is_empty() || appetite.next(0, 0, 0).is_some());
        }
    }
}
