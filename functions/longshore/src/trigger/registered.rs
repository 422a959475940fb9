//! What the ledger remembers of a trigger: the event is the authority, the ledger the memory.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{schedule::Overlap, settings::Trigger};

/// A trigger as it was last seen, and what people have said about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Registered {
    /// Its newest settings.
    pub settings: Trigger,
    /// ARN of the rule or schedule that owns the name.
    pub source: String,
    /// When the event was sent that brought the settings; in milliseconds since 1970 as stored.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub seen_at: Timestamp,
    /// Since when its runs wait, and are not launched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused_at: Option<Timestamp>,
    /// The newest tick that its schedule sent; in seconds since 1970 as stored.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "jiff::fmt::serde::timestamp::second::optional"
    )]
    pub ticked_at: Option<Timestamp>,
    /// Since when its schedule has been as it is; before, its ticks were others.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "jiff::fmt::serde::timestamp::second::optional"
    )]
    pub timed_at: Option<Timestamp>,
    /// Up to which tick it was looked for those that the schedule did not send.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "jiff::fmt::serde::timestamp::second::optional"
    )]
    pub looked_to: Option<Timestamp>,
    /// How many in a row up to there were run although the schedule did not send them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub caught_up: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's own signature")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// Two rules or schedules use one name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name belongs to `{owner}`")]
pub struct Clash {
    /// ARN of the other.
    pub owner: String,
}

impl Registered {
    /// Whether its ticks do nothing while another one is not over.
    #[must_use]
    pub fn skips(&self) -> bool {
        self.settings.schedule.as_ref().is_some_and(|schedule| schedule.overlap == Overlap::Skip)
    }

    /// The trigger at first sight.
    #[must_use]
    pub fn first(settings: Trigger, source: String, seen_at: Timestamp) -> Self {
        Self {
            settings,
            source,
            seen_at,
            paused_at: None,
            ticked_at: None,
            timed_at: None,
            looked_to: None,
            caught_up: 0,
        }
    }

    /// What the trigger becomes by an event that was sent at `seen_at`: nothing if its settings are
    /// known, or older than those that are.
    pub fn see(
        &self,
        settings: &Trigger,
        source: &str,
        seen_at: Timestamp,
    ) -> Result<Option<Self>, Clash> {
        if self.source != source {
            return Err(Clash { owner: self.source.clone() });
        }
        if self.settings == *settings || seen_at <= self.seen_at {
            return Ok(None);
        }
        let schedules = [&self.settings, settings].map(|it| it.schedule.as_ref());
        let is_timed_anew = match schedules {
            [Some(known), Some(seen)] => !known.has_ticks_of(seen),
            [known, seen] => known.is_some() != seen.is_some(),
        };
        let timed_at = if is_timed_anew { Some(seen_at) } else { self.timed_at };
        Ok(Some(Self { settings: settings.clone(), seen_at, timed_at, ..self.clone() }))
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::run::samples::{at, trigger};

    #[test]
    fn the_newest_settings_of_the_owner_count() {
        let first = Registered::first(trigger(), "rule/a".into(), at(10));
        let mut newer = trigger();
        newer.concurrency = Some(1);
        assert_eq!(first.see(&trigger(), "rule/a", at(20)), Ok(None), "known");
        assert_eq!(first.see(&newer, "rule/a", at(9)), Ok(None), "an old message comes late");
        let seen = first.see(&newer, "rule/a", at(20)).unwrap().unwrap();
        assert_eq!((seen.settings, seen.seen_at), (newer.clone(), at(20)));
        let other = first.see(&newer, "rule/b", at(20) + SignedDuration::from_secs(1));
        assert_eq!(other, Err(Clash { owner: "rule/a".into() }));
    }

    #[test]
    fn a_pause_outlives_new_settings() {
        let mut paused = Registered::first(trigger(), "rule/a".into(), at(0));
        paused.paused_at = Some(at(1));
        let mut newer = trigger();
        newer.retry.attempts = 7;
        assert_eq!(paused.see(&newer, "rule/a", at(2)).unwrap().unwrap().paused_at, Some(at(1)));
    }
}
