//! Time and chance of this machine.

use std::{sync::LazyLock, time::Duration};

use jiff::{SignedDuration, Timestamp};
use longshore_engine::ports::{Clock, Pause, Rng};

/// The clock of an embedded AWS that runs faster than the machine's, or elsewhere: an instant of the
/// machine's clock, what the other one showed then, and how much faster it runs. AWS sets it nowhere.
const CLOCK: &str = "LONGSHORE_CLOCK";

/// The machine's clock, or the embedded AWS's, and the machine's source of randomness.
#[derive(Clone, Copy, Debug)]
pub struct Machine;

impl Clock for Machine {
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        SHOWN.as_ref().and_then(|shown| shown.at(now)).unwrap_or(now)
    }
}

static SHOWN: LazyLock<Option<Shown>> = LazyLock::new(|| Shown::read(&std::env::var(CLOCK).ok()?));

/// What the clock of an embedded AWS shows.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Shown {
    machine: Timestamp,
    begins: Timestamp,
    speed: f64,
}

impl Shown {
    fn read(text: &str) -> Option<Self> {
        let mut fields = text.split(',');
        let (machine, begins) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        let speed = fields.next()?.parse().ok().filter(|speed| *speed > 0.0)?;
        fields.next().is_none().then_some(Self { machine, begins, speed })
    }

    fn at(&self, now: Timestamp) -> Option<Timestamp> {
        let passed = now.duration_since(self.machine).as_secs_f64() * self.speed;
        self.begins.checked_add(SignedDuration::try_from_secs_f64(passed).ok()?).ok()
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
        let speed = SHOWN.map_or(1.0, |shown| shown.speed);
        tokio::time::sleep(length.div_f64(speed)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_of_an_embedded_aws_is_read() {
        let shown = Shown::read("2026-11-23T09:00:00Z,2026-03-29T00:58:00.5Z,60").unwrap();
        let at = |now: &str| shown.at(now.parse().unwrap()).unwrap().to_string();
        assert_eq!(at("2026-11-23T09:00:00Z"), "2026-03-29T00:58:00.5Z");
        assert_eq!(at("2026-11-23T09:00:02Z"), "2026-03-29T01:00:00.5Z");
        assert_eq!(at("2026-11-23T08:59:59Z"), "2026-03-29T00:57:00.5Z", "clocks differ a little");
        for wrong in [
            "",
            "now",
            "2026-11-23T09:00:00Z,2026-03-29T00:58:00Z",
            "a,b,c",
            "2026-11-23T09:00:00Z,2026-03-29T00:58:00Z,0",
            "2026-11-23T09:00:00Z,2026-03-29T00:58:00Z,1,2",
        ] {
            assert_eq!(Shown::read(wrong), None, "{wrong}");
        }
    }
}
