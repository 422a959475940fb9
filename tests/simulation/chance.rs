//! Chance: streams of numbers, and what they are drawn for.

/// What a number is drawn for; each has a stream of its own, so that one more draw for one purpose
/// leaves the others as they were.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stream {
    Scenario,
    Latency,
    Faults,
    Flows,
    Tasks,
    Events,
    Operators,
    Ticks,
    Pools,
}

pub(super) const STREAMS: usize = 9;

/// Something that can go wrong.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    /// The call never arrives.
    Lost,
    /// The call takes effect, and nobody hears of it.
    AnswerLost,
    /// The call takes effect after its caller gave up.
    Late,
    /// The client tries a write again that had taken effect, and hears the second answer.
    Repeated,
    /// The answer takes its time.
    Slow,
    /// Whoever made the call stops for long before it goes on.
    Stalled,
    /// Whoever makes the call ends there.
    Crash,
    /// ECS refuses to start a task.
    Refused,
    /// ECS throttles the call.
    Throttled,
    /// A task takes long to start.
    SlowStart,
    /// A task is killed.
    Killed,
    /// A task state change is never delivered.
    EventLost,
    /// A task state change comes late, and so out of order.
    EventLate,
    /// A task state change is delivered again.
    EventAgain,
    /// A message that was acknowledged is delivered again.
    NotDeleted,
    /// A read is older than the last write, where reads may be.
    Stale,
}

pub(super) const FAULTS: usize = 16;

/// Where a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    Ledger,
    Ecs,
    Queue,
}

/// SplitMix64.
#[derive(Debug)]
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.draw() % bound.max(1)
    }

    /// Whether the one case in `n` is the case.
    pub(super) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// One of `choices`.
    pub(super) fn pick<T: Copy, const N: usize>(&mut self, choices: &[T; N]) -> T {
        let nth = usize::try_from(self.draw() % N as u64).unwrap_or_default();
        choices[nth]
    }
}
