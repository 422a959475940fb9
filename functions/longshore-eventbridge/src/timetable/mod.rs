//! A whole schedule: its expression with the zone, the dates and the window that go with it.
//!
//! The times are a function of these alone, so that whoever asks twice, or elsewhere, names the
//! same ticks.

#[cfg(test)]
mod daylight;
mod error;
#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp, ToSpan};

pub use error::TimetableError;

use crate::{AtExpression, CronExpression, FlexibleTimeWindow, RateExpression, Schedule, Zone};

/// When a schedule fires: `ScheduleExpression`, `ScheduleExpressionTimezone`, `StartDate`,
/// `EndDate` and `FlexibleTimeWindow`, in whole seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timetable {
    schedule: Schedule,
    zone: Zone,
    created: Timestamp,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    window: FlexibleTimeWindow,
}

impl Timetable {
    /// A schedule without dates and without a window. Only a rate without a start date looks at
    /// `created`: its first tick is then, as Scheduler "starts invoking the target immediately".
    #[must_use]
    pub fn new(schedule: Schedule, zone: Zone, created: Timestamp) -> Self {
        let window = FlexibleTimeWindow::default();
        Self { schedule, zone, created: whole(created), start: None, end: None, window }
    }

    /// The same from `start` to `end`, both included (CreateSchedule API reference: "on, or
    /// after", "on, or before"). `at` ignores them.
    pub fn between(
        self,
        start: Option<Timestamp>,
        end: Option<Timestamp>,
    ) -> Result<Self, TimetableError> {
        let (start, end) = (start.map(whole), end.map(whole));
        match (start, end, &self.schedule) {
            (_, _, Schedule::At(_)) => Ok(self),
            (Some(start), Some(end), _) if end <= start => {
                Err(TimetableError::EndBeforeStart { start, end })
            }
            _ => Ok(Self { start, end, ..self }),
        }
    }

    /// The same with a window. It moves no tick: it is how late after a tick Scheduler may be.
    #[must_use]
    pub fn with_window(self, window: FlexibleTimeWindow) -> Self {
        Self { window, ..self }
    }

    /// Its expression.
    #[must_use]
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// The zone of its clock.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Its start date.
    #[must_use]
    pub fn start(&self) -> Option<Timestamp> {
        self.start
    }

    /// Its end date.
    #[must_use]
    pub fn end(&self) -> Option<Timestamp> {
        self.end
    }

    /// Its window.
    #[must_use]
    pub fn window(&self) -> FlexibleTimeWindow {
        self.window
    }

    /// The first tick later than `after`.
    #[must_use]
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        self.endless(after).filter(|tick| self.end.is_none_or(|end| *tick <= end))
    }

    /// The ticks later than `after` and no later than `until`.
    pub fn ticks(&self, after: Timestamp, until: Timestamp) -> impl Iterator<Item = Timestamp> {
        std::iter::successors(self.next_after(after), |tick| self.next_after(*tick))
            .take_while(move |tick| *tick <= until)
    }

    /// The first tick later than `now`, or why there is none: AWS takes a schedule that is over,
    /// and keeps it without a word.
    pub fn upcoming(&self, now: Timestamp) -> Result<Timestamp, TimetableError> {
        self.next_after(now).ok_or_else(|| self.why_never(now))
    }

    /// The first tick later than `after` if there were no end.
    fn endless(&self, after: Timestamp) -> Option<Timestamp> {
        let second = SignedDuration::from_secs(1);
        let begins = self.start.and_then(|start| start.checked_sub(second).ok());
        match &self.schedule {
            Schedule::Rate(rate) => next_of_rate(*rate, self.start.unwrap_or(self.created), after),
            Schedule::Cron(cron) => {
                next_of_cron(cron, &self.zone, begins.map_or(after, |begins| begins.max(after)))
            }
            Schedule::At(at) => self.instant(*at).filter(|tick| *tick > after),
        }
    }

    fn instant(&self, at: AtExpression) -> Option<Timestamp> {
        self.zone.instant(at.local())
    }

    fn why_never(&self, now: Timestamp) -> TimetableError {
        let expression = self.schedule.to_string();
        let zone = self.zone.to_string();
        match (&self.schedule, self.endless(now), self.end) {
            (Schedule::At(at), ..) => match self.instant(*at) {
                Some(at) => TimetableError::Passed { expression, at },
                None => TimetableError::Skipped { expression, zone },
            },
            (_, Some(tick), Some(end)) => TimetableError::Ended { expression, end, tick },
            _ => TimetableError::NeverAgain { expression, zone },
        }
    }
}

/// A tick is told in whole seconds (`<aws.scheduler.scheduled-time>`).
fn whole(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// The first of `anchor`, `anchor + 1 × interval` … later than `after`.
fn next_of_rate(rate: RateExpression, anchor: Timestamp, after: Timestamp) -> Option<Timestamp> {
    if after < anchor {
        return Some(anchor);
    }
    let interval = i64::try_from(rate.interval().as_secs()).ok()?;
    let passed = after.duration_since(anchor).as_secs() / interval + 1;
    anchor.checked_add(SignedDuration::from_secs(passed.checked_mul(interval)?)).ok()
}

/// The first time later than `after` that the clocks of `zone` show, and show for the first time.
fn next_of_cron(cron: &CronExpression, zone: &Zone, after: Timestamp) -> Option<Timestamp> {
    let mut from = zone.local(after);
    loop {
        let minute = from.checked_add(1.minute()).ok()?;
        let local = cron.at_or_after(minute)?;
        match zone.instant(local) {
            Some(tick) if tick > after => return Some(tick),
            _ => from = local,
        }
    }
}
