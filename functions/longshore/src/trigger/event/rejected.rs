//! Why a message becomes no run, and where to correct it.

use serde_json::Value;

use crate::printable::printable;

/// How much of the text of others is repeated in a refusal, so that what to do stays in sight.
const AT_CHARS_MAX: usize = 200;
const WHY_CHARS_MAX: usize = 600;

/// Where the settings of a rule stand.
pub(in crate::trigger) const OF_RULE: &str = "correct the settings in the rule's input template";
/// Where those of a schedule stand.
const OF_SCHEDULE: &str = "correct the settings in the schedule's Input";
/// In the ARN of a schedule, as in no other sender's.
const SCHEDULER: &str = ":scheduler:";

/// Never to become a run: acknowledged and dead-lettered with this reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {why}; {todo}")]
pub struct Rejected {
    /// Where in the message, as a path.
    pub at: String,
    /// What is wrong there.
    pub why: String,
    /// What to do about it.
    pub todo: &'static str,
}

impl Rejected {
    /// Names the place, what is wrong there, and what to do.
    pub fn new(at: impl Into<String>, why: impl Into<String>, todo: &'static str) -> Self {
        Self {
            at: printable(&at.into(), AT_CHARS_MAX),
            why: printable(&why.into(), WHY_CHARS_MAX),
            todo,
        }
    }

    /// The same, with where the settings stand of who sent them.
    pub(super) fn sent_by(self, source: Option<&Value>) -> Self {
        let source = source.and_then(Value::as_str).unwrap_or_default();
        let is_misplaced = self.todo == OF_RULE && source.contains(SCHEDULER);
        if is_misplaced { Self { todo: OF_SCHEDULE, ..self } } else { self }
    }
}
