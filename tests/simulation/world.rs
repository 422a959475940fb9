//! The world of one seed: time, what is to happen, and what was seen.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use super::{
    chance::{Dice, STREAMS, Stream},
    pace::Pace,
    repairs::Repairs,
    scenario::Scenario,
    stats::Stats,
    wake::{FlowId, Wake},
    weather::Weather,
};

/// Instant at which every history begins.
const BEGIN: Timestamp = Timestamp::constant(1_767_225_600, 0);

pub(super) const SECOND: u64 = 1_000;
pub(super) const MINUTE: u64 = 60 * SECOND;
pub(super) const HOUR: u64 = 60 * MINUTE;

/// The world of one seed.
#[derive(Debug)]
pub(super) struct World(Mutex<Core>);

#[derive(Debug)]
struct Core {
    now_ms: u64,
    now: Timestamp,
    scheduled: u64,
    timers: BTreeMap<(u64, u64), Wake>,
    streams: [Dice; STREAMS],
    weather: Weather,
    repairs: Repairs,
    pace: Pace,
    polled: FlowId,
    sweeps: bool,
    crashed: bool,
    stats: Stats,
    violation: Option<(&'static str, String)>,
    history: Option<Vec<String>>,
}

impl World {
    pub(super) fn new(seed: u64, recorded: bool) -> Self {
        let mut root = Dice(seed);
        let pools = Stream::Pools as usize;
        let mut streams =
            std::array::from_fn(|nth| Dice(if nth == pools { 0 } else { root.draw() }));
        let weather = Weather::of(&mut root);
        streams[pools] = Dice(root.draw());
        Self(Mutex::new(Core {
            now_ms: 0,
            now: BEGIN,
            scheduled: 0,
            timers: BTreeMap::new(),
            streams,
            weather,
            repairs: Repairs::default(),
            pace: Pace::default(),
            polled: 0,
            sweeps: false,
            crashed: false,
            stats: Stats::default(),
            violation: None,
            history: recorded.then(Vec::new),
        }))
    }

    fn core(&self) -> MutexGuard<'_, Core> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Milliseconds since the beginning.
    pub(super) fn now_ms(&self) -> u64 {
        self.core().now_ms
    }

    /// The same as an instant; asked so often that it is kept.
    pub(super) fn instant(&self) -> Timestamp {
        self.core().now
    }

    /// Whether nothing is to happen but the next sweep.
    pub(super) fn is_idle(&self) -> bool {
        self.core().timers.values().all(|wake| matches!(wake, Wake::Sweep))
    }

    /// Has `wake` happen `wait_ms` from now.
    pub(super) fn wake_in(&self, wait_ms: u64, wake: Wake) {
        let mut core = self.core();
        core.scheduled += 1;
        let key = (core.now_ms + wait_ms, core.scheduled);
        core.timers.insert(key, wake);
    }

    /// The next thing that happens; time goes on to it.
    pub(super) fn next(&self) -> Option<Wake> {
        let mut core = self.core();
        let ((at, _), wake) = core.timers.pop_first()?;
        if at > core.now_ms {
            core.now_ms = at;
            core.now = instant(at);
        }
        Some(wake)
    }

    /// A number below `bound`.
    pub(super) fn below(&self, stream: Stream, bound: u64) -> u64 {
        self.core().streams[stream as usize].below(bound)
    }

    /// Whether the one case in `n` is the case.
    pub(super) fn one_in(&self, stream: Stream, n: u64) -> bool {
        self.below(stream, n) == 0
    }

    /// What goes wrong now, with the chances of it.
    pub(super) fn under<T>(
        &self,
        see: impl FnOnce(&Weather, u64, &mut Dice, &mut Stats) -> T,
    ) -> T {
        let core = &mut *self.core();
        let dice = &mut core.streams[Stream::Faults as usize];
        see(&core.weather, core.now_ms, dice, &mut core.stats)
    }

    /// What was lost, and the figures.
    pub(super) fn repairs<T>(&self, see: impl FnOnce(&mut Repairs, &mut Stats) -> T) -> T {
        let core = &mut *self.core();
        see(&mut core.repairs, &mut core.stats)
    }

    /// Adds to the figures.
    pub(super) fn count(&self, add: impl FnOnce(&mut Stats)) {
        add(&mut self.core().stats);
    }

    /// Writes a line of history, if there is a reader.
    pub(super) fn note(&self, line: impl FnOnce() -> String) {
        let mut core = self.core();
        let secs = core.now_ms / SECOND;
        let (hours, minutes, ms) = (secs / 3_600, secs / 60 % 60, core.now_ms % MINUTE);
        if let Some(history) = &mut core.history {
            history.push(format!(
                "{hours:02}:{minutes:02}:{:02}.{:03} {}",
                ms / SECOND,
                ms % SECOND,
                line()
            ));
        }
    }

    /// The invariant does not hold; the first one counts.
    pub(super) fn violate(&self, invariant: &'static str, seen: impl Into<String>) {
        self.core().violation.get_or_insert((invariant, seen.into()));
    }

    pub(super) fn is_violated(&self) -> bool {
        self.core().violation.is_some()
    }

    /// Says that the flow `id`, which is a sweep or not, is polled from now on.
    pub(super) fn polls(&self, id: FlowId, sweeps: bool) {
        let mut core = self.core();
        core.polled = id;
        core.sweeps = sweeps;
    }

    /// Whether the flow that is polled is a sweep.
    pub(super) fn is_sweeping(&self) -> bool {
        self.core().sweeps
    }

    /// Whether the flow that was polled has crashed.
    pub(super) fn take_crash(&self) -> bool {
        std::mem::take(&mut self.core().crashed)
    }

    /// What the history came to.
    pub(super) fn end(self) -> (Stats, Option<(&'static str, String)>, Vec<String>) {
        let mut core = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        core.stats.simulated_secs = core.now_ms / SECOND;
        (core.stats, core.violation, core.history.unwrap_or_default())
    }

    /// Says that the flow that is polled ends here.
    pub(super) fn crash(&self) {
        self.core().crashed = true;
    }

    /// Has the flow that is polled go on `wait_ms` from now.
    pub(super) fn resume_in(&self, wait_ms: u64) {
        let polled = self.core().polled;
        self.wake_in(wait_ms, Wake::Flow(polled));
    }

    /// Permits and calls of RunTask.
    pub(super) fn pace<T>(&self, see: impl FnOnce(&mut Pace) -> T) -> T {
        see(&mut self.core().pace)
    }

    /// The scenario of the history.
    pub(super) fn scenario(&self) -> Scenario {
        let core = &mut *self.core();
        let ticks = &mut Dice(core.streams[Stream::Ticks as usize].draw());
        let pools = &mut Dice(core.streams[Stream::Pools as usize].draw());
        let dice = &mut core.streams[Stream::Scenario as usize];
        Scenario::draw(dice, ticks, pools, &core.weather)
    }

    /// A number for the flows themselves.
    pub(super) fn draw_for_flows(&self) -> u64 {
        self.core().streams[Stream::Flows as usize].draw()
    }
}

/// The instant `ms` milliseconds after the beginning.
pub(super) fn instant(ms: u64) -> Timestamp {
    let since = SignedDuration::from_millis(i64::try_from(ms).unwrap_or(i64::MAX));
    BEGIN.checked_add(since).unwrap_or(Timestamp::MAX)
}
