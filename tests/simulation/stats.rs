//! How much happened.

/// Figures of one history, or of many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Calls of ports.
    pub calls: u64,
    /// Faults injected.
    pub faults: u64,
    /// Launches given up because their client token was too old, not knowing whether they started
    /// a task.
    pub uncertain: u64,
    /// Runs.
    pub runs: u64,
    /// Tasks.
    pub tasks: u64,
    /// Simulated time in seconds.
    pub simulated_secs: u64,
}

impl Stats {
    /// Adds the figures of another history.
    pub fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.faults += other.faults;
        self.uncertain += other.uncertain;
        self.runs += other.runs;
        self.tasks += other.tasks;
        self.simulated_secs += other.simulated_secs;
    }
}
