//! The one clock of this AWS, which may run fast and start anywhere.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

/// Tells the time and waits; every timeout, visibility and schedule of this AWS asks it.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    began: Instant,
    /// What the machine's clock showed then.
    machine: Timestamp,
    origin: Timestamp,
    speed: f64,
}

/// By which programs that this AWS starts, and those that look at it, know its clock.
pub const CLOCK_VARIABLE: &str = "LONGSHORE_CLOCK";

impl Clock {
    /// The time of the machine.
    #[must_use]
    pub fn system() -> Self {
        let now = Timestamp::now();
        Self { began: Instant::now(), machine: now, origin: now, speed: 1.0 }
    }

    /// A clock that shows `origin` now and runs `speed` times as fast as the machine's.
    #[must_use]
    pub fn starting_at(origin: Timestamp, speed: f64) -> Self {
        let speed = if speed > 0.0 { speed } else { 1.0 };
        Self { began: Instant::now(), machine: Timestamp::now(), origin, speed }
    }

    /// What [`CLOCK_VARIABLE`] says of it: an instant of the machine's clock, what this one showed
    /// then, and how much faster it runs. Nothing if it is the machine's.
    #[must_use]
    pub fn variable(&self) -> Option<String> {
        (!self.is_machines()).then(|| format!("{},{},{}", self.machine, self.origin, self.speed))
    }

    /// Whether it shows what the machine's clock shows.
    pub(crate) fn is_machines(&self) -> bool {
        self.machine == self.origin && (self.speed - 1.0).abs() <= f64::EPSILON
    }

    /// The present instant on this clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let passed = self.began.elapsed().mul_f64(self.speed);
        SignedDuration::try_from(passed)
            .ok()
            .and_then(|passed| self.origin.checked_add(passed).ok())
            .unwrap_or(Timestamp::MAX)
    }

    /// Milliseconds since the epoch on this clock, as SQS attributes state times.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.now().as_millisecond()
    }

    /// Waits until `duration` has passed on this clock.
    pub async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration.div_f64(self.speed)).await;
    }

    /// Waits until this clock shows `instant`; at once if it is past.
    pub async fn sleep_until(&self, instant: Timestamp) {
        let left = instant.duration_since(self.now());
        if let Ok(left) = Duration::try_from(left) {
            self.sleep(left).await;
        }
    }
}
