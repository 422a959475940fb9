//! What is wrong with a template, where, and what to do about it.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

/// Problems that are shown; the rest are counted, since they seldom tell anything new.
const SHOWN_MAX: usize = 20;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Line in the template, from 1.
    pub line: usize,
    /// Path in the template, such as `Resources.Inbox.Properties.VisibilityTimeout`.
    pub path: String,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, path, what, remedy } = self;
        let colon = if path.is_empty() { "" } else { ": " };
        write!(out, "{line}: {path}{colon}{what}; {remedy}")
    }
}

/// A template that cannot be read: every problem found, in the order of its lines.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct TemplateError {
    /// The template's path, as it was given.
    pub file: String,
    /// At least one.
    pub problems: Vec<Problem>,
}

impl fmt::Display for TemplateError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().take(SHOWN_MAX).enumerate() {
            let end = if index == 0 { "" } else { "\n" };
            write!(out, "{end}{}:{problem}", self.file)?;
        }
        match self.problems.len().saturating_sub(SHOWN_MAX) {
            0 => Ok(()),
            rest => write!(out, "\n{}: and {rest} more", self.file),
        }
    }
}

/// The mark of a failure that is already among the [`Problems`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Failed;

/// What was read, or the mark that it could not be.
pub(super) type Read<T> = Result<T, Failed>;

/// The problems found so far, so that one bad line does not hide the next.
#[derive(Debug, Default)]
pub(super) struct Problems {
    told: RefCell<BTreeSet<Problem>>,
    warned: RefCell<BTreeSet<Problem>>,
}

impl Problems {
    /// Adds a problem, unless the same one is there already.
    pub(super) fn tell(
        &self,
        line: usize,
        path: &str,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Failed {
        let problem = Problem { line, path: path.into(), what: what.into(), remedy: remedy.into() };
        self.told.borrow_mut().insert(problem);
        Failed
    }

    /// Adds what is no reason to refuse the template.
    pub(super) fn warn(
        &self,
        line: usize,
        path: &str,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let problem = Problem { line, path: path.into(), what: what.into(), remedy: remedy.into() };
        self.warned.borrow_mut().insert(problem);
    }

    /// What was warned of.
    pub(super) fn warnings(&self) -> Vec<Problem> {
        self.warned.borrow().iter().cloned().collect()
    }

    /// How many were told.
    pub(super) fn count(&self) -> usize {
        self.told.borrow().len()
    }

    /// The error they make, or nothing.
    pub(super) fn into_error(self, file: &str) -> Option<TemplateError> {
        let problems: Vec<_> = self.told.into_inner().into_iter().collect();
        (!problems.is_empty()).then(|| TemplateError { file: file.into(), problems })
    }
}
