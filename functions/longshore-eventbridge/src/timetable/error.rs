//! Why a schedule fires no more, or never did, and what to change.

use jiff::Timestamp;

/// What is wrong with a schedule as a whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimetableError {
    /// The dates are the wrong way round.
    #[error("EndDate {end} is not after StartDate {start}; exchange them, or leave one out")]
    EndBeforeStart {
        /// The start date.
        start: Timestamp,
        /// The end date.
        end: Timestamp,
    },
    /// An `at` is over.
    #[error("`{expression}` was at {at} and does not fire again; give a later time, or delete it")]
    Passed {
        /// The expression.
        expression: String,
        /// When it was.
        at: Timestamp,
    },
    /// An `at` names a time that the clocks skip.
    #[error("`{expression}` never fires: the clocks of {zone} skip that time; give another")]
    Skipped {
        /// The expression.
        expression: String,
        /// The zone.
        zone: String,
    },
    /// The end date is before the next tick.
    #[error(
        "`{expression}` does not fire again: EndDate {end} is before its next time, {tick}; give \
         a later EndDate, or delete the schedule"
    )]
    Ended {
        /// The expression.
        expression: String,
        /// The end date.
        end: Timestamp,
        /// The tick that would be the next.
        tick: Timestamp,
    },
    /// The years of a cron expression are over, or the clocks skip all its times.
    #[error(
        "`{expression}` does not fire again on the clocks of {zone}: its years are over, or the \
         clocks skip its time; write `*` for the year, or another time"
    )]
    NeverAgain {
        /// The expression.
        expression: String,
        /// The zone.
        zone: String,
    },
}
