//! The next time of a cron expression, on a clock that knows no zone.

use jiff::civil::{Date, DateTime};

use super::{CronExpression, YEAR_FIRST, YEAR_LAST, days::Month};

/// The years of an expression; bit 0 is the first that there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Years([u64; 4]);

impl Years {
    pub(super) fn insert(&mut self, year: u16) {
        let place = year - YEAR_FIRST;
        self.0[usize::from(place / 64)] |= 1 << (place % 64);
    }

    /// The first of the years from `year` on.
    fn from(&self, year: i16) -> Option<i16> {
        let mut place = u32::try_from(year).unwrap_or(0).saturating_sub(YEAR_FIRST.into());
        while let Some(bits) = self.0.get(place as usize / 64) {
            match lowest(*bits, place % 64) {
                Some(bit) => {
                    return i16::try_from(place / 64 * 64 + bit + u32::from(YEAR_FIRST)).ok();
                }
                None => place = (place / 64 + 1) * 64,
            }
        }
        None
    }
}

impl CronExpression {
    /// The first minute from `from` on that the expression means. Seconds of `from` are ignored.
    pub(crate) fn at_or_after(&self, from: DateTime) -> Option<DateTime> {
        let mut date = self.date_from(from.date())?;
        if date == from.date() {
            if let Some((hour, minute)) = self.time_from(from.hour(), from.minute()) {
                return Some(date.at(hour, minute, 0, 0));
            }
            date = self.date_from(date.tomorrow().ok()?)?;
        }
        let (hour, minute) = self.time_from(0, 0)?;
        Some(date.at(hour, minute, 0, 0))
    }

    /// Whether any date is meant.
    pub(super) fn fires_at_all(&self) -> bool {
        self.date_from(Date::constant(1970, 1, 1)).is_some()
    }

    fn time_from(&self, hour: i8, minute: i8) -> Option<(i8, i8)> {
        let (hour, minute) = (u32::from(hour.unsigned_abs()), u32::from(minute.unsigned_abs()));
        let in_hour = lowest(self.minutes, minute).filter(|_| self.hours & (1 << hour) != 0);
        let (hour, minute) = match in_hour {
            Some(minute) => (hour, minute),
            None => (lowest(self.hours, hour + 1)?, lowest(self.minutes, 0)?),
        };
        Some((i8::try_from(hour).ok()?, i8::try_from(minute).ok()?))
    }

    fn date_from(&self, from: Date) -> Option<Date> {
        let mut year = self.years.from(from.year())?;
        let (mut month, mut day) = if year == from.year() {
            (from.month().unsigned_abs().into(), from.day().unsigned_abs().into())
        } else {
            (1, 1)
        };
        loop {
            let Some(next) = lowest(self.months, month) else {
                year = self.years.from(year + 1)?;
                (month, day) = (1, 1);
                continue;
            };
            if next != month {
                (month, day) = (next, 1);
            }
            let first = Date::new(year, i8::try_from(month).ok()?, 1).ok()?;
            if let Some(day) = lowest(self.days.of(Month::new(first)), day) {
                return Date::new(year, first.month(), i8::try_from(day).ok()?).ok();
            }
            (month, day) = (month + 1, 1);
        }
    }
}

/// The lowest bit that is set, from bit `from` on.
fn lowest(bits: u64, from: u32) -> Option<u32> {
    let rest = bits.checked_shr(from).filter(|rest| *rest != 0)?;
    Some(from + rest.trailing_zeros())
}

const _: () = assert!(YEAR_LAST - YEAR_FIRST < 64 * 4, "the years fit their bits");
