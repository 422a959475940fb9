//! What a run is as a tick of a schedule, or as a shard of one.

use jiff::{SignedDuration, Timestamp};

use super::{
    identity::RunId,
    outcome::Class,
    state::{Run, State},
};
use crate::trigger::{Schedule, Seconds, Trigger};

impl Run {
    /// Whether it is a tick of which nothing was launched, and that nobody asked for.
    #[must_use]
    pub fn is_unbegun_tick(&self) -> bool {
        let launched = self.target.is_some() || self.shards.is_some();
        self.state == State::Admitted
            && !launched
            && self.input.tick().is_some_and(|tick| {
                // The event of one that was recorded as unheard may come after all.
                let is_new = self.attempt == 1 || tick.unheard;
                is_new && !tick.asked && tick.shard.is_none()
            })
    }

    /// Whether it is one of several tasks of a tick.
    #[must_use]
    pub fn is_shard(&self) -> bool {
        self.input.tick().is_some_and(|tick| tick.shard.is_some())
    }

    /// The runs of its shards, in their order.
    pub fn shard_ids(&self) -> impl Iterator<Item = RunId> {
        let of = self.shards.unwrap_or_default();
        let identity = move |number| format!("{}/shard/{number}/{of}", self.id);
        (0..of).map(move |number| RunId::derive(&self.trigger, &identity(number)))
    }

    /// Of how many slots it needs one to start. A shard is part of a run that has one.
    #[must_use]
    pub fn slots(&self, trigger: &Trigger) -> Option<u32> {
        trigger.limit().filter(|_| self.slot.is_none() && !self.is_shard())
    }

    /// When it begins, if it is a tick that is not to begin at its time: anywhere within the
    /// schedule's `jitter`, and always there.
    #[must_use]
    pub fn begins(&self, schedule: &Schedule) -> Option<Timestamp> {
        let jitter = schedule.jitter.filter(|_| self.is_unbegun_tick())?;
        let part = SignedDuration::from_secs(i64::from(self.id.part(jitter.get())));
        self.input.tick().and_then(|tick| tick.scheduled_at.checked_add(part).ok())
    }

    /// Whether it is a tick that has not started `within` the time after it was due.
    #[must_use]
    pub fn is_missed(&self, within: Seconds, now: Timestamp) -> bool {
        self.is_unbegun_tick() && self.is_late(within, now)
    }

    fn is_late(&self, within: Seconds, now: Timestamp) -> bool {
        let limit = SignedDuration::from_secs(i64::from(within.get()));
        self.input.tick().is_some_and(|tick| now.duration_since(tick.scheduled_at) >= limit)
    }

    /// Whether it is a tick that started nothing and is to start after all: somebody asks for it
    /// `asked`, or its event comes, which was given up for lost.
    #[must_use]
    pub fn is_wanted_again(
        &self,
        asked: bool,
        start_within: Option<Seconds>,
        now: Timestamp,
    ) -> bool {
        let is_late = start_within.is_some_and(|within| self.is_late(within, now));
        match self.outcome.as_ref().map(|outcome| outcome.class) {
            Some(class) if asked => class.is_of_an_idle_tick(),
            Some(class) => class == Class::Unheard && !is_late,
            None => false,
        }
    }
}
