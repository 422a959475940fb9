//! `cron(0 2 * * ? *)`: at the minutes that six fields name, on the clock of a zone.
//!
//! Read once into sets of bits, so that the next time is found without walking through the minutes.
//! Where the AWS documentation is silent it follows what users report that AWS takes, which is what
//! Quartz takes: `LW`, `L-3`, and names in any case.
//!
//! ```text
//! text ─▶ Field, Days ─▶ sets of bits ─▶ next: year ▸ month ▸ day ▸ hour ▸ minute
//! ```

mod days;
mod error;
mod field;
#[cfg(test)]
pub(crate) mod laws;
#[cfg(test)]
pub(crate) mod reference;
mod search;
#[cfg(test)]
mod tests;

use std::fmt;

pub use error::CronError;

use days::Days;
use search::Years;

/// The first year that the year field takes.
pub(crate) const YEAR_FIRST: u16 = 1970;
/// The last year that the year field takes.
pub(crate) const YEAR_LAST: u16 = 2199;
/// Days in the longest month.
const DAYS_MAX: u16 = 31;
/// minutes hours day-of-month month day-of-week; EventBridge Scheduler takes the year as given by
/// `*` if it is left out.
const FIELDS_MIN: usize = 5;

/// A valid `cron(…)` expression: there is at least one date that it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CronExpression {
    minutes: u64,
    hours: u64,
    days: Days,
    months: u64,
    years: Years,
    text: Box<str>,
    year_given: bool,
}

impl CronExpression {
    /// Reads what stands between the brackets ("Schedule types in EventBridge Scheduler",
    /// cron-based).
    pub fn parse(inside: &str) -> Result<Self, CronError> {
        let text = inside.to_ascii_uppercase();
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let (minutes, hours, of_month, month, of_week, year) = match fields[..] {
            [minutes, hours, of_month, month, of_week] => {
                (minutes, hours, of_month, month, of_week, "*")
            }
            [minutes, hours, of_month, month, of_week, year] => {
                (minutes, hours, of_month, month, of_week, year)
            }
            _ => {
                let text = inside.trim().into();
                return Err(CronError::FieldCount { text, count: fields.len() });
            }
        };
        let mut years = Years::default();
        field::YEAR.read(year, |year| years.insert(year))?;
        let expression = Self {
            minutes: bits(field::MINUTES, minutes)?,
            hours: bits(field::HOURS, hours)?,
            days: Days::parse(of_month, of_week)?,
            months: bits(field::MONTH, month)?,
            years,
            text: fields.join(" ").into(),
            year_given: fields.len() > FIELDS_MIN,
        };
        if expression.fires_at_all() {
            Ok(expression)
        } else {
            Err(CronError::Never { text: expression.text.into() })
        }
    }

    /// Whether the year field was written; a rule needs it.
    pub(crate) fn year_given(&self) -> bool {
        self.year_given
    }
}

impl fmt::Display for CronExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cron({})", self.text)
    }
}

fn bits(field: field::Field, list: &str) -> Result<u64, CronError> {
    let mut bits = 0;
    field.read(list, |value| bits |= 1 << value)?;
    Ok(bits)
}
