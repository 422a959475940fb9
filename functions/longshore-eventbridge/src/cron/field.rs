//! One field of a cron expression: a list of values, ranges and steps.

use super::CronError;

/// Which values a field has, and what AWS calls it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    name: &'static str,
    first: u16,
    last: u16,
    names: &'static [&'static str],
    takes: &'static str,
}

pub(super) const MINUTES: Field =
    Field { name: "minutes", first: 0, last: 59, names: &[], takes: "0-59 with , - * /" };
pub(super) const HOURS: Field =
    Field { name: "hours", first: 0, last: 23, names: &[], takes: "0-23 with , - * /" };
pub(super) const DAY_OF_MONTH: Field = Field {
    name: "day-of-month",
    first: 1,
    last: 31,
    names: &[],
    takes: "1-31 with , - * ? / L W",
};
pub(super) const MONTH: Field = Field {
    name: "month",
    first: 1,
    last: 12,
    names: &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
    takes: "1-12 or JAN-DEC with , - * /",
};
pub(super) const DAY_OF_WEEK: Field = Field {
    name: "day-of-week",
    first: 1,
    last: 7,
    names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
    takes: "1-7 (1 is Sunday) or SUN-SAT with , - * ? / L #",
};
pub(super) const YEAR: Field = Field {
    name: "year",
    first: super::YEAR_FIRST,
    last: super::YEAR_LAST,
    names: &[],
    takes: "1970-2199 with , - * /",
};

impl Field {
    /// Reads a list, and tells each of its values at least once.
    pub(super) fn read(self, list: &str, mut tell: impl FnMut(u16)) -> Result<(), CronError> {
        list.split(',').try_for_each(|item| self.item(item, &mut tell))
    }

    /// Reads one item of a list: `*`, `5`, `MON-FRI`, `0/15`, `8-17/3`. A range that ends before it
    /// begins goes round, as `20-2` of "Setting a schedule pattern" does; years do not come again.
    pub(super) fn item(self, item: &str, tell: &mut impl FnMut(u16)) -> Result<(), CronError> {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, Some(self.step(step)?)),
            None => (item, None),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (self.first, self.last),
            Some((from, to)) => (self.value(from)?, self.value(to)?),
            None if step.is_some() => (self.value(range)?, self.last),
            None => (self.value(range)?, self.value(range)?),
        };
        let all = self.last - self.first + 1;
        let length = match to.checked_sub(from) {
            Some(length) => length,
            None if self.first == super::YEAR_FIRST => {
                return Err(CronError::Backwards { text: range.into() });
            }
            None => to + all - from,
        };
        for offset in (0..=length).step_by(usize::from(step.unwrap_or(1))) {
            tell(self.first + (from - self.first + offset) % all);
        }
        Ok(())
    }

    /// Reads one value by its number or its name.
    pub(super) fn value(self, text: &str) -> Result<u16, CronError> {
        let named = self.names.iter().position(|name| name.eq_ignore_ascii_case(text));
        let value = match named {
            Some(place) => u16::try_from(place).ok().map(|place| place + self.first),
            None => number(text),
        };
        value.filter(|value| (self.first..=self.last).contains(value)).ok_or_else(|| self.no(text))
    }

    /// Refuses what is no value.
    pub(super) fn no(self, text: &str) -> CronError {
        CronError::Value { field: self.name, text: text.into(), takes: self.takes }
    }

    fn step(self, text: &str) -> Result<u16, CronError> {
        let max = if self.first == super::YEAR_FIRST { self.last - self.first } else { self.last };
        number(text).filter(|step| (1..=max).contains(step)).ok_or_else(|| CronError::Step {
            field: self.name,
            text: text.into(),
            max,
        })
    }
}

/// Reads digits and nothing else.
pub(super) fn number(text: &str) -> Option<u16> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}
