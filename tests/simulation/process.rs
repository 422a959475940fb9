//! Processes that functions run in: each remembers triggers and permits until it dies.

use longshore_engine::{Permits, Triggers};

/// Processes at once.
pub(super) const SERVING: usize = 3;
/// Processes of one history; the last ones outlive their crashes.
const PROCESSES: usize = 24;

/// What a process remembers.
#[derive(Debug, Default)]
pub(super) struct Process {
    pub(super) permits: Permits,
    pub(super) triggers: Triggers,
}

/// All processes there will be.
pub(super) fn processes() -> Vec<Process> {
    std::iter::repeat_with(Process::default).take(PROCESSES).collect()
}

/// Which of them serve.
#[derive(Debug)]
pub(super) struct Serving {
    numbers: [usize; SERVING],
    next: usize,
}

impl Default for Serving {
    fn default() -> Self {
        Self { numbers: std::array::from_fn(|nth| nth), next: SERVING }
    }
}

impl Serving {
    /// The number of the process at place `nth`.
    pub(super) fn at(&self, nth: u64) -> usize {
        self.numbers[usize::try_from(nth).unwrap_or(0) % SERVING]
    }

    /// A new process takes the place of `dead`.
    pub(super) fn replace(&mut self, dead: usize) {
        if self.next >= PROCESSES {
            return;
        }
        for number in self.numbers.iter_mut().filter(|number| **number == dead) {
            *number = self.next;
            self.next += 1;
        }
    }
}
