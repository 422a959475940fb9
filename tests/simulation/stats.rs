//! How much happened.

use std::{collections::BTreeMap, fmt};

/// Figures of one history, or of many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// Times that a run had got several objects.
    pub batches: u64,
    /// Runs that were split in two.
    pub splits: u64,
    /// Runs of ticks, the shards of one counted as one.
    pub ticks: u64,
    /// Ticks of which no event had come, and that ran.
    pub caught_up: u64,
    /// Those that were only recorded.
    pub unheard: u64,
    /// Ticks that were skipped.
    pub skipped: u64,
    /// Ticks that were missed.
    pub missed: u64,
    /// Ticks that a later one replaced.
    pub replaced: u64,
    /// Writes of the ledger that were asked for.
    pub writes: u64,
    /// RunTask calls that were not refused for certain.
    pub launches: u64,
    /// RunTask calls that were.
    pub refusals: u64,
    /// Most RunTask calls of one kind of capacity in a second.
    pub calls_in_second: u64,
    /// Tasks.
    pub tasks: u64,
    /// Runs that a pool worked on, or had in its queue, at last.
    pub pooled: u64,
    /// Times that a worker of a pool began with the work of a run.
    pub pieces: u64,
    /// Workers of pools that died.
    pub mates_lost: u64,
    /// Workers of pools that were told to leave.
    pub mates_left: u64,
    /// Times that a worker was given what another one had.
    pub doubted: u64,
    /// Launches that were sent to a pool once more.
    pub sent_again: u64,
    /// Simulated time in seconds.
    pub simulated_secs: u64,
    /// From a RunTask call whose caller was lost to the run that knows its task.
    pub lost_launches: Times,
    /// From the stop of a task whose event was lost to the run that knows of it.
    pub lost_stops: Times,
    /// Lost launches where nothing else went wrong.
    pub only_launches: Times,
    /// Lost stops where nothing else went wrong.
    pub only_stops: Times,
}

impl Stats {
    /// Adds the figures of another history.
    pub fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.faults += other.faults;
        self.uncertain += other.uncertain;
        self.runs += other.runs;
        self.batches += other.batches;
        self.splits += other.splits;
        self.ticks += other.ticks;
        self.caught_up += other.caught_up;
        self.unheard += other.unheard;
        self.skipped += other.skipped;
        self.missed += other.missed;
        self.replaced += other.replaced;
        self.writes += other.writes;
        self.launches += other.launches;
        self.refusals += other.refusals;
        self.calls_in_second = self.calls_in_second.max(other.calls_in_second);
        self.tasks += other.tasks;
        self.pooled += other.pooled;
        self.pieces += other.pieces;
        self.mates_lost += other.mates_lost;
        self.mates_left += other.mates_left;
        self.doubted += other.doubted;
        self.sent_again += other.sent_again;
        self.simulated_secs += other.simulated_secs;
        self.lost_launches.add(&other.lost_launches);
        self.lost_stops.add(&other.lost_stops);
        self.only_launches.add(&other.only_launches);
        self.only_stops.add(&other.only_stops);
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.simulated_secs / 86_400;
        writeln!(f, "{} runs, {} tasks, {days} simulated days", self.runs, self.tasks)?;
        writeln!(f, "{} runs of several objects, {} split", self.batches, self.splits)?;
        writeln!(
            f,
            "{} runs of pools, {} pieces of work, {} sent again, {} doubted; of workers {} died, {} told to leave",
            self.pooled,
            self.pieces,
            self.sent_again,
            self.doubted,
            self.mates_lost,
            self.mates_left
        )?;
        writeln!(
            f,
            "{} ticks, {} skipped, {} missed, {} replaced; without an event {} run, {} recorded",
            self.ticks, self.skipped, self.missed, self.replaced, self.caught_up, self.unheard
        )?;
        writeln!(
            f,
            "{} port calls, {} faults injected, {} uncertain launches",
            self.calls, self.faults, self.uncertain
        )?;
        writeln!(f, "lost launches repaired: {}", self.lost_launches)?;
        writeln!(f, "  where nothing else went wrong: {}", self.only_launches)?;
        writeln!(f, "lost stops settled: {}", self.lost_stops)?;
        writeln!(f, "  where nothing else went wrong: {}", self.only_stops)?;
        writeln!(
            f,
            "{} RunTask calls per task, beside {} refused, at most {} in a second; \
             {} ledger writes per run",
            Ratio(self.launches, self.tasks),
            self.refusals,
            self.calls_in_second,
            Ratio(self.writes, self.runs)
        )
    }
}

/// How long things took, to the second.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Times(BTreeMap<u64, u64>);

impl Times {
    /// One more took `ms` milliseconds.
    pub fn took(&mut self, ms: u64) {
        *self.0.entry(ms.div_ceil(1_000)).or_default() += 1;
    }

    /// How many there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.values().sum()
    }

    /// The time, in seconds, that so many of a hundred did not exceed.
    #[must_use]
    pub fn percentile(&self, percent: u64) -> u64 {
        let most = self.count() * percent / 100;
        let mut passed = 0;
        let found = self.0.iter().find(|(_, count)| {
            passed += *count;
            passed > most
        });
        found.or_else(|| self.0.last_key_value()).map_or(0, |(secs, _)| *secs)
    }

    fn add(&mut self, other: &Self) {
        for (secs, count) in &other.0 {
            *self.0.entry(*secs).or_default() += count;
        }
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [half, most, all] = [50, 99, 100].map(|percent| self.percentile(percent));
        write!(f, "{} times, p50 {half} s, p99 {most} s, at most {all} s", self.count())
    }
}

/// Two decimals of a quotient.
struct Ratio(u64, u64);

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = self.0 * 100 / self.1.max(1);
        write!(f, "{}.{:02}", hundredths / 100, hundredths % 100)
    }
}
