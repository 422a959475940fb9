//! What a flow does with the world: it waits, calls, and maybe ends there.

use std::{
    future::{Future, pending},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use jiff::Timestamp;
use longshore_engine::ports::{Clock, Pause, Rng};

use super::{
    chance::{Fault, Service, Stream},
    world::{MINUTE, SECOND, World},
};

/// Longest answer that is waited for: the timeout of every call of the production clients.
const CALL_MS_MAX: u64 = 20_000;
/// Longest answer when nothing is wrong.
const CALL_MS_USUAL: u64 = 60;
/// Longest time for which a process stops.
const STALL_MS_MAX: u64 = 14 * MINUTE;
/// How much later than its caller gave up a call may still take effect.
const LATE_MS_MAX: u64 = 60_000;

/// The call may or may not have taken effect.
#[derive(Debug)]
pub(super) struct NoAnswer;

impl World {
    /// Lets time pass for the flow that runs.
    pub(super) fn sleep(&self, wait_ms: u64) -> Sleep<'_> {
        Sleep { world: self, wait_ms: Some(wait_ms) }
    }

    /// Makes one call: `effect` happens or not, and is heard of or not.
    pub(super) async fn call<T>(
        &self,
        service: Service,
        effect: impl FnOnce() -> T,
    ) -> Result<T, NoAnswer> {
        self.count(|stats| stats.calls += 1);
        let slow = self.strikes(Fault::Slow);
        let wait_ms = self.below(Stream::Latency, if slow { CALL_MS_MAX } else { CALL_MS_USUAL });
        self.sleep(wait_ms).await;
        self.may_crash("before a call").await;
        if self.is_out(service) || self.strikes(Fault::Lost) {
            self.note(|| format!("  {service:?}: the call was lost"));
            return Err(NoAnswer);
        }
        let answer = effect();
        self.may_crash("after a call").await;
        if self.strikes(Fault::Stalled) {
            let wait_ms = self.below(Stream::Latency, STALL_MS_MAX);
            self.note(|| format!("  stalled for {} s", wait_ms / SECOND));
            self.sleep(wait_ms).await;
        }
        if self.strikes(Fault::AnswerLost) {
            self.note(|| format!("  {service:?}: the answer was lost"));
            return Err(NoAnswer);
        }
        Ok(answer)
    }

    /// How long after its caller gave up a call takes effect, if it is one of those.
    pub(super) fn lateness(&self) -> Option<u64> {
        let late = self.strikes(Fault::Late);
        late.then(|| self.below(Stream::Latency, LATE_MS_MAX))
    }

    async fn may_crash(&self, place: &str) {
        if self.strikes(Fault::Crash) {
            self.crashes(place).await;
        }
    }

    /// The flow that runs ends here.
    pub(super) async fn crashes(&self, place: &str) {
        self.note(|| format!("  crash {place}"));
        self.crash();
        pending::<()>().await;
    }
}

/// See [`World::sleep`].
#[derive(Debug)]
pub(super) struct Sleep<'w> {
    world: &'w World,
    wait_ms: Option<u64>,
}

impl Future for Sleep<'_> {
    type Output = ();

    /// Only the driver polls, and only when the time has come.
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        let Some(wait_ms) = self.wait_ms.take() else { return Poll::Ready(()) };
        self.world.resume_in(wait_ms);
        Poll::Pending
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        self.instant()
    }
}

impl Rng for World {
    fn draw(&self) -> u64 {
        self.draw_for_flows()
    }
}

impl Pause for World {
    async fn sleep(&self, length: Duration) {
        World::sleep(self, u64::try_from(length.as_millis()).unwrap_or(u64::MAX)).await;
    }
}
