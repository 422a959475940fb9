//! Ticks that were due, and of which no event may have come.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use longshore_eventbridge::{Schedule as Expression, Timetable};

use super::{event::Tick, quantity::Seconds, registered::Registered, schedule::Schedule};

/// How long after its tick an event may come: a schedule is on time to a minute ("What is Amazon
/// EventBridge Scheduler?"), and the rest is for queue and function.
const GRACE: SignedDuration = SignedDuration::from_mins(10);
/// Most ticks that are looked for at once, the newest.
const TICKS_MAX: usize = 100;
/// Ticks in a row that are told of while nothing is heard: the schedule may be disabled or gone.
const SILENCE_MAX: usize = 10;

/// Ticks that were due and are to be looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unheard {
    /// The ticks, the oldest first.
    pub ticks: Vec<Tick>,
    /// Most of those that nobody has heard of to run, the newest.
    pub runs_max: usize,
    /// Up to which tick nobody has to look again.
    pub looked_to: Timestamp,
}

impl Registered {
    /// The ticks to look for at `now`, if there are any; none before the first was heard.
    #[must_use]
    pub fn unheard(&self, now: Timestamp) -> Option<Unheard> {
        let schedule = self.settings.schedule.as_ref()?;
        let (heard, looked_to) = (self.ticked_at?, self.looked_to?);
        let timetable = timetable(schedule, heard, looked_to)?;
        let window = schedule.flexible_time_window.map_or(0, Seconds::get);
        let window = SignedDuration::from_secs(window.into());
        let until = now.checked_sub(GRACE + window).ok()?;
        let catch_up = schedule.catch_up.unwrap_or_default().try_into().unwrap_or(TICKS_MAX);
        let silence_max = catch_up.max(SILENCE_MAX);
        let silence = timetable.ticks(heard, looked_to).take(silence_max).count();

        let mut ticks = VecDeque::new();
        let mut silent = silence;
        for tick in timetable.ticks(looked_to, until) {
            if tick > heard {
                silent += 1;
                if silent > silence_max {
                    break;
                }
            }
            if ticks.len() == TICKS_MAX {
                ticks.pop_front();
            }
            ticks.push_back(tick);
        }
        let looked_to = *ticks.back()?;
        let tick =
            |scheduled_at| Tick { schedule: self.source.clone(), scheduled_at, asked: false };
        let runs_max = catch_up.saturating_sub(silence);
        Some(Unheard { ticks: ticks.into_iter().map(tick).collect(), runs_max, looked_to })
    }
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
