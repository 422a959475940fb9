//! An event pattern: which events a rule takes.
//!
//! Fields are joined by and, the values of a field by or; what an event does not have in one and
//! the same element of an array is not matched together ("Amazon EventBridge event patterns";
//! AWS publishes the matcher as `event-ruler`).
//!
//! ```text
//! JSON ─▶ parse (objects, $or) ─▶ operator (leaves) ─▶ alternatives of a tree ─▶ judged per event
//! ```

#[cfg(test)]
mod cases;
mod cidr;
mod condition;
mod error;
#[cfg(test)]
mod laws;
mod operator;
mod parse;
mod range;
mod tree;
mod wildcard;

use serde_json::Value;

pub use error::PatternError;
use tree::{Fields, Node};

/// Most characters of a pattern as compact JSON: the hard limit of `PutRule`.
pub const PATTERN_CHARS_MAX: usize = 4_096;

/// Most combinations that the `$or`s of a pattern may have ("Amazon EventBridge quotas").
pub const PATTERN_ALTERNATIVES_MAX: usize = 1_000;

/// A valid event pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// One tree for each combination of `$or` branches; the event matches if any of them does.
    alternatives: Vec<Node>,
}

impl Pattern {
    /// Reads a pattern from JSON text; of a key that occurs twice, the last one counts.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        Self::from_value(&serde_json::from_str(text)?)
    }

    /// Reads a pattern from JSON.
    pub fn from_value(pattern: &Value) -> Result<Self, PatternError> {
        let chars = pattern.to_string().chars().count();
        if chars > PATTERN_CHARS_MAX {
            return Err(PatternError::TooLong { chars });
        }
        let alternatives = parse::pattern(pattern)?.into_iter().map(Node::Fields).collect();
        Ok(Self { alternatives })
    }

    /// Whether `event` is one that the rule takes; never for what is not an object.
    #[must_use]
    pub fn matches(&self, event: &Value) -> bool {
        event.is_object() && self.alternatives.iter().any(|tree| tree.holds(event))
    }
}
