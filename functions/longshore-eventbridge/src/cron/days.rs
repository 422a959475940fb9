//! Which days of a month a cron expression means, by day of month or by day of week.

use jiff::civil::Date;

use super::{CronError, DAYS_MAX, field};

/// A month as the days see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Month {
    /// How many days it has.
    length: u16,
    /// The weekday of its first; 0 is Sunday.
    begins: u16,
}

/// The field that is not `?`. In a set of days bit 1 is the first of the month; in one of weekdays
/// bit 0 is Sunday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Days {
    /// By day of month.
    OfMonth {
        /// The days themselves.
        on: u64,
        /// `L-n`: bit n is n days before the last.
        before_last: u64,
        /// `nW`: the weekday nearest to each of these days.
        nearest: u64,
        /// `LW`: the last weekday.
        last_weekday: bool,
    },
    /// By day of week.
    OfWeek {
        /// Each of these in a month.
        on: u64,
        /// `nL`: the last of these in a month.
        last: u64,
        /// `n#m`: the m-th of weekday n.
        nth: Option<(u16, u16)>,
    },
}

/// Bits 0, 7, 14 …: the same weekday in every week.
const EVERY_WEEK: u64 = 1 | 1 << 7 | 1 << 14 | 1 << 21 | 1 << 28;
/// Weekday numbers of a month's ends that are no weekdays in AWS's sense.
const SUNDAY: u16 = 0;
const SATURDAY: u16 = 6;
/// No weekday comes more often in a month.
const WEEKS_MAX: u16 = 5;

impl Days {
    /// Reads the two day fields, of which one must be `?`.
    pub(super) fn parse(of_month: &str, of_week: &str) -> Result<Self, CronError> {
        match (of_month, of_week) {
            ("?", "?") => Err(CronError::NoDay),
            (days, "?") => Self::of_month(days),
            ("?", days) => Self::of_week(days),
            _ => Err(CronError::BothDays { of_month: of_month.into(), of_week: of_week.into() }),
        }
    }

    fn of_month(list: &str) -> Result<Self, CronError> {
        let (mut on, mut before_last, mut nearest, mut last_weekday) = (0, 0, 0, false);
        for item in list.split(',') {
            if let Some(offset) = item.strip_prefix("L-") {
                let offset = field::number(offset).filter(|offset| *offset < DAYS_MAX);
                before_last |= 1 << offset.ok_or_else(|| field::DAY_OF_MONTH.no(item))?;
            } else if item == "L" {
                before_last |= 1;
            } else if item == "LW" {
                last_weekday = true;
            } else if let Some(day) = item.strip_suffix('W') {
                nearest |= 1 << field::DAY_OF_MONTH.value(day)?;
            } else {
                field::DAY_OF_MONTH.item(item, &mut |day| on |= 1 << day)?;
            }
        }
        Ok(Self::OfMonth { on, before_last, nearest, last_weekday })
    }

    fn of_week(text: &str) -> Result<Self, CronError> {
        if let Some((day, nth)) = text.split_once('#') {
            if text.contains(',') || nth.contains('#') {
                return Err(CronError::HashAndMore { text: text.into() });
            }
            let nth = field::number(nth).filter(|nth| (1..=WEEKS_MAX).contains(nth));
            let nth = nth.ok_or_else(|| field::DAY_OF_WEEK.no(text))?;
            let day = field::DAY_OF_WEEK.value(day)? - 1;
            return Ok(Self::OfWeek { on: 0, last: 0, nth: Some((day, nth)) });
        }
        let (mut on, mut last) = (0, 0);
        for item in text.split(',') {
            match item.strip_suffix('L') {
                Some("") => on |= 1 << SATURDAY,
                Some(day) => last |= 1 << (field::DAY_OF_WEEK.value(day)? - 1),
                None => field::DAY_OF_WEEK.item(item, &mut |day| on |= 1 << (day - 1))?,
            }
        }
        Ok(Self::OfWeek { on, last, nth: None })
    }

    /// The days of `month`; bit 1 is its first.
    pub(super) fn of(&self, month: Month) -> u64 {
        let days = match *self {
            Self::OfMonth { on, before_last, nearest, last_weekday } => {
                let nearest = each(nearest).map(|day| month.weekday_nearest(day));
                let last_weekday = u64::from(last_weekday) * month.weekday_nearest(month.length);
                on | month.before_last(before_last) | nearest.fold(last_weekday, |all, it| all | it)
            }
            Self::OfWeek { on, last, nth } => {
                let on = each(on).map(|day| month.each(day));
                let last = each(last).map(|day| month.last(day));
                let nth = nth.map_or(0, |(day, nth)| month.nth(day, nth));
                on.chain(last).fold(nth, |all, it| all | it)
            }
        };
        days & month.days()
    }
}

impl Month {
    /// The month that begins with `first`.
    pub(super) fn new(first: Date) -> Self {
        Self {
            length: first.days_in_month().unsigned_abs().into(),
            begins: first.weekday().to_sunday_zero_offset().unsigned_abs().into(),
        }
    }

    fn days(self) -> u64 {
        (1 << (self.length + 1)) - 2
    }

    fn before_last(self, offsets: u64) -> u64 {
        each(offsets)
            .filter_map(|offset| self.length.checked_sub(offset))
            .fold(0, |all, day| all | 1 << day)
    }

    /// The weekday nearest to `day` without leaving the month; none if the month has no such day.
    fn weekday_nearest(self, day: u16) -> u64 {
        let nearest = match (self.begins + day - 1) % 7 {
            _ if day > self.length => return 0,
            SATURDAY if day == 1 => day + 2,
            SATURDAY => day - 1,
            SUNDAY if day == self.length => day - 2,
            SUNDAY => day + 1,
            _ => day,
        };
        1 << nearest
    }

    fn each(self, weekday: u16) -> u64 {
        EVERY_WEEK << self.first(weekday)
    }

    fn last(self, weekday: u16) -> u64 {
        let all = self.each(weekday) & self.days();
        1 << all.ilog2()
    }

    fn nth(self, weekday: u16, nth: u16) -> u64 {
        1 << (self.first(weekday) + 7 * (nth - 1))
    }

    /// The first day that is such a weekday.
    fn first(self, weekday: u16) -> u16 {
        1 + (weekday + 7 - self.begins) % 7
    }
}

/// The numbers of the bits that are set.
fn each(mut bits: u64) -> impl Iterator<Item = u16> {
    std::iter::from_fn(move || {
        let lowest = u16::try_from(bits.trailing_zeros()).ok().filter(|_| bits != 0)?;
        bits &= bits - 1;
        Some(lowest)
    })
}
