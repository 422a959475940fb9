//! Why a cron expression is refused, and what to write instead.

use super::{YEAR_FIRST, YEAR_LAST};

/// What is wrong with a `cron(…)` expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CronError {
    /// It has too few or too many fields.
    #[error(
        "`cron({text})` has {count} fields; it takes minutes hours day-of-month month day-of-week \
         year, such as cron(0 2 * * ? *)"
    )]
    FieldCount {
        /// What stands between the brackets.
        text: String,
        /// How many fields it has.
        count: usize,
    },
    /// Both day fields say something.
    #[error(
        "day-of-month is `{of_month}` and day-of-week is `{of_week}`; only one of them may be \
         set: write `?` in the other"
    )]
    BothDays {
        /// The day-of-month field.
        of_month: String,
        /// The day-of-week field.
        of_week: String,
    },
    /// Neither day field says anything.
    #[error("both day fields are `?`; for every day write `*` in day-of-month")]
    NoDay,
    /// Something in a field is no value of it.
    #[error("`{text}` is no value of {field}; it takes {takes}")]
    Value {
        /// The field by AWS's name.
        field: &'static str,
        /// What is wrong, as it was written.
        text: String,
        /// The values that the field has.
        takes: &'static str,
    },
    /// A step is no number, or comes to no second value.
    #[error("`{text}` is no step of {field}; a step is a number from 1 to {max}")]
    Step {
        /// The field by AWS's name.
        field: &'static str,
        /// What stands behind the slash.
        text: String,
        /// The largest step.
        max: u16,
    },
    /// A range of years ends before it begins.
    #[error("the years `{text}` end before they begin; write the earlier one first")]
    Backwards {
        /// The range.
        text: String,
    },
    /// There is a second expression beside one with `#`.
    #[error(
        "`{text}` has `#` and another expression; with `#`, day-of-week takes one alone: make a \
         second schedule for the other"
    )]
    HashAndMore {
        /// The day-of-week field.
        text: String,
    },
    /// No date is like this.
    #[error(
        "`cron({text})` never fires: no year of it from {YEAR_FIRST} to {YEAR_LAST} has such a \
         day; check the day against the month"
    )]
    Never {
        /// What stands between the brackets.
        text: String,
    },
}
