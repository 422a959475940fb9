//! Why a pattern is refused, with the path of the field that is wrong.

use super::{PATTERN_ALTERNATIVES_MAX, PATTERN_CHARS_MAX};

/// What is wrong with an event pattern; `PutRule` answers `InvalidEventPatternException`.
#[derive(Debug, thiserror::Error)]
pub enum PatternError {
    /// It is no JSON.
    #[error("the event pattern is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// It is too long.
    #[error(
        "the event pattern has {chars} characters, EventBridge takes at most {PATTERN_CHARS_MAX}"
    )]
    TooLong {
        /// Its length as compact JSON.
        chars: usize,
    },
    /// Its `$or`s multiply to too many combinations.
    #[error(
        "the `$or`s of the event pattern make more than {PATTERN_ALTERNATIVES_MAX} combinations"
    )]
    TooManyAlternatives,
    /// A field or a value is not one of the pattern language.
    #[error("event pattern at `{path}`: {problem}")]
    Field {
        /// Names from the top, joined by dots; `$` is the pattern itself.
        path: String,
        /// What is wrong and what is expected.
        problem: String,
    },
}

/// Where in the pattern the reader is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    outer: Option<&'a Place<'a>>,
    name: &'a str,
}

impl<'a> Place<'a> {
    /// The pattern itself.
    pub(super) const TOP: Place<'static> = Place { outer: None, name: "$" };

    /// The field `name` of the object that is here.
    pub(super) fn field(&'a self, name: &'a str) -> Place<'a> {
        Place { outer: Some(self), name }
    }

    /// Refuses what is here.
    pub(super) fn refuse(&self, problem: impl Into<String>) -> PatternError {
        PatternError::Field { path: self.path(), problem: problem.into() }
    }

    fn path(&self) -> String {
        match self.outer {
            Some(outer) if outer.outer.is_some() => format!("{}.{}", outer.path(), self.name),
            _ => self.name.to_owned(),
        }
    }
}
