//! What a person asks for ─▶ the envelopes that schedule or rule would have sent.
//!
//! ```text
//! schedule, from, to ─▶ ticks ─┐
//! listed objects ─▶ Pattern ───┴▶ envelope ─▶ the same run as ever, or a new one
//! ```

mod beside;
mod envelope;
mod known;
mod ticks;
mod time;
mod timetable;

pub use beside::{Beside, beside};
pub use envelope::envelope;
pub use known::has_version;
pub use longshore_eventbridge::{Pattern, PatternError, Timetable, Zone};
pub use ticks::{TICKS_MAX, TicksError, ticks};
pub use time::{TimeError, time};
pub use timetable::timetable;
