//! Time and chance of this machine.

use std::time::Duration;

use jiff::Timestamp;
use longshore_engine::ports::{Clock, Pause, Rng};

/// The machine's clock and its source of randomness.
#[derive(Clone, Copy, Debug)]
pub struct Machine;

impl Clock for Machine {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

impl Rng for Machine {
    fn draw(&self) -> u64 {
        // The kernel's source fails only before it is seeded, at boot; a clock is enough for jitter
        // and, with the condition on `ver`, for write ids.
        getrandom::u64().unwrap_or_else(|_| Timestamp::now().as_microsecond().unsigned_abs())
    }
}

impl Pause for Machine {
    async fn sleep(&self, length: Duration) {
        tokio::time::sleep(length).await;
    }
}
