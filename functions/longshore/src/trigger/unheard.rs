//! Ticks that were due, and of which no event may have come.

use jiff::{SignedDuration, Timestamp};
use longshore_eventbridge::{Schedule as Expression, Timetable};

use crate::run::{Class, Run};

use super::{event::Tick, quantity::Seconds, registered::Registered, schedule::Schedule};

/// How long after its tick an event may come: a schedule is on time to a minute ("What is Amazon
/// EventBridge Scheduler?"), and the rest is for queue and function.
pub(super) const GRACE: SignedDuration = SignedDuration::from_mins(10);
/// Most ticks that are looked for at once, the oldest.
const TICKS_MAX: usize = 100;
/// Ticks in a row that are told of while nothing is heard: the schedule may be disabled or gone.
const SILENCE_MAX: usize = 10;

/// Ticks that were due and are to be looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unheard {
    /// The ticks, the oldest first.
    pub ticks: Vec<Tick>,
    /// Most ticks to run of those in a row that nobody has heard of.
    pub catch_up: u32,
    /// How many of the row before the first of them were run.
    pub caught_up: u32,
    /// Whether more were due: then nobody knows yet which are the newest of the last row.
    pub is_more: bool,
    /// Up to which tick nobody has to look again.
    pub looked_to: Timestamp,
}

/// What there is of a tick that is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Its event came, or somebody asked for it.
    Heard,
    /// No event came, and it was run.
    CaughtUp,
    /// No event came, and that was recorded.
    Recorded,
    /// No run.
    Nothing,
}

impl Found {
    /// What its run says.
    #[must_use]
    pub fn of(run: Option<&Run>) -> Self {
        let Some(run) = run else { return Self::Nothing };
        let is_recorded = run.outcome.as_ref().is_some_and(|it| it.class == Class::Unheard);
        match run.input.tick() {
            Some(_) if is_recorded => Self::Recorded,
            Some(tick) if tick.unheard => Self::CaughtUp,
            _ => Self::Heard,
        }
    }
}

impl Unheard {
    /// Which ticks to run, by what was `found` of each: of those in a row that nobody has heard of
    /// the newest, as far as `catchUp` goes, however many looks the row takes. And how many of the
    /// last row are run then.
    #[must_use]
    pub fn runs(&self, found: &[Found]) -> (Vec<bool>, u32) {
        let (mut runs, mut caught_up) = (Vec::new(), self.caught_up);
        let rows = found.split(|one| *one == Found::Heard).count();
        for (nth, row) in found.split(|one| *one == Found::Heard).enumerate() {
            if nth > 0 {
                runs.push(false);
                caught_up = 0;
            }
            let count = |what: Found| row.iter().filter(|one| **one == what).count();
            let known = u32::try_from(count(Found::CaughtUp)).unwrap_or(u32::MAX);
            caught_up = caught_up.saturating_add(known);
            let goes_on = nth + 1 == rows && self.is_more;
            let left = if goes_on { 0 } else { self.catch_up.saturating_sub(caught_up) };
            let older =
                count(Found::Nothing).saturating_sub(usize::try_from(left).unwrap_or(usize::MAX));
            let mut open = 0;
            for one in row {
                open += usize::from(*one == Found::Nothing);
                let is_run = *one == Found::Nothing && open > older;
                caught_up += u32::from(is_run);
                runs.push(is_run);
            }
        }
        (runs, caught_up)
    }
}

impl Registered {
    /// The ticks to look for at `now`, if there are any; none before the first was heard.
    #[must_use]
    pub fn unheard(&self, now: Timestamp) -> Option<Unheard> {
        let schedule = self.settings.schedule.as_ref()?;
        // Before its times were these, nothing was due.
        let since = |at: Timestamp| self.timed_at.map_or(at, |timed_at| timed_at.max(at));
        let looked_to = since(self.looked_to?);
        let timetable = timetable(schedule, self.ticked_at?, looked_to)?;
        let heard = since(self.ticked_at?);
        let until = given_up(schedule, now)?;
        let catch_up = schedule.catch_up.unwrap_or_default();
        let silence_max = usize::try_from(catch_up).unwrap_or(TICKS_MAX).max(SILENCE_MAX);
        let silence = timetable.ticks(heard, looked_to).take(silence_max).count();

        let (mut ticks, mut silent, mut is_more) = (Vec::new(), silence, false);
        for tick in timetable.ticks(looked_to, until) {
            if tick > heard {
                silent += 1;
                is_more = silent > silence_max;
            }
            is_more |= ticks.len() == TICKS_MAX;
            if is_more {
                break;
            }
            ticks.push(tick);
        }
        let looked_to = *ticks.last()?;
        let schedule = &self.source;
        let tick = |scheduled_at| Tick {
            schedule: schedule.clone(),
            scheduled_at,
            asked: false,
            unheard: true,
        };
        let ticks = ticks.into_iter().map(tick).collect();
        Some(Unheard { ticks, catch_up, caught_up: self.caught_up, is_more, looked_to })
    }

    /// The first tick since which the schedule has sent none at `now`, if it should have: it may be
    /// disabled or gone, or its events may not arrive.
    #[must_use]
    pub fn silent_since(&self, now: Timestamp) -> Option<Timestamp> {
        let schedule = self.settings.schedule.as_ref()?;
        let heard = self.ticked_at?;
        let heard = self.timed_at.map_or(heard, |timed_at| timed_at.max(heard));
        let timetable = timetable(schedule, self.ticked_at?, heard)?;
        timetable.ticks(heard, given_up(schedule, now)?).next()
    }
}

/// The time of the last tick whose event would have come by `now`.
fn given_up(schedule: &Schedule, now: Timestamp) -> Option<Timestamp> {
    let window = schedule.flexible_time_window.map_or(0, Seconds::get);
    now.checked_sub(GRACE + SignedDuration::from_secs(window.into())).ok()
}

/// When the ticks are, as what was heard of them says where a rate without a start counts from.
fn timetable(schedule: &Schedule, heard: Timestamp, looked_to: Timestamp) -> Option<Timetable> {
    let Expression::Rate(rate) = Expression::parse(&schedule.expression).ok()? else {
        return schedule.timetable(heard).ok();
    };
    let interval = i64::try_from(rate.interval().as_secs()).ok()?;
    // No tick is looked for within an interval of the last one: a schedule that was written anew
    // counts anew.
    let intervals = heard.duration_since(looked_to).as_secs() / interval - 1;
    let back = SignedDuration::from_secs(intervals.max(0) * interval);
    schedule.timetable(heard.checked_sub(back).ok()?).ok()
}

#[cfg(test)]
mod tests;
