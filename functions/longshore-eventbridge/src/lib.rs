//! EventBridge's own language: event patterns, input transformers and schedule expressions.
//!
//! Pure and a leaf: it knows AWS and nothing of longshore, so that whoever checks a template and
//! whoever serves it read the same words in the same way.
//!
//! ```text
//! rule:      event ─▶ Pattern::matches ─▶ Transformer::apply ─▶ body for the target
//! schedule:  expression ─▶ Schedule::parse ─┐
//!            zone, dates, window ───────────┴▶ Timetable::next_after ─▶ when
//! ```

mod at;
mod cron;
mod pattern;
mod rate;
mod schedule;
mod timetable;
mod transformer;
mod window;
mod zone;

pub use at::{AtError, AtExpression};
pub use cron::{CronError, CronExpression};
pub use pattern::{PATTERN_ALTERNATIVES_MAX, PATTERN_CHARS_MAX, Pattern, PatternError};
pub use rate::{RateError, RateExpression, RateUnit};
pub use schedule::{Schedule, ScheduleError};
pub use timetable::{Timetable, TimetableError};
pub use transformer::{
    Origin, PATH_CHARS_MAX, PATHS_MAX, TEMPLATE_CHARS_MAX, Transformer, TransformerError,
};
pub use window::{FlexibleTimeWindow, WINDOW_MINUTES_MAX, WindowError};
pub use zone::{Zone, ZoneError};
