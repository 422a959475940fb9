//! How an object can fail, and what to do about it.

use longshore::ingest::ObjectFault;
use longshore::ingest::dead_letters::TooManyBadRecords;

use super::gunzip::GzipFault;
use crate::{
    Trouble,
    ports::{ObjectTrouble, TableTrouble},
};

/// The object is not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IngestError {
    /// Newer bytes, or none, lie under the key. Not a failure: the run ends as superseded.
    #[error("superseded: {0}")]
    Superseded(ObjectTrouble),
    /// Trying the run again may work (exit 75).
    #[error("retryable: {0}")]
    Retryable(String),
    /// The same run cannot work, whoever tries it (exit 3).
    #[error("rejected: {0}")]
    Rejected(String),
    /// The table takes nothing from anybody, or not from whoever this is: no object is at fault
    /// (exit 3).
    #[error("rejected: {0}")]
    NoTable(String),
    /// The object itself is at fault, and whoever reads its bytes finds the same (exit 3).
    #[error("rejected: {why}")]
    Bad {
        /// What is wrong with it.
        why: String,
        /// Key of the dead letters that name it, if it is set aside.
        dead_letters: Option<String>,
    },
    /// Somebody else has the run, or may have it: stop without a word to the ledger.
    #[error("the run is no longer ours")]
    FenceLost,
    /// Our own mistake: records are unaccounted for.
    #[error("defect: {0}")]
    Defect(String),
}

impl IngestError {
    fn bad(why: &impl ToString) -> Self {
        Self::Bad { why: why.to_string(), dead_letters: None }
    }
}

impl From<Trouble> for IngestError {
    fn from(trouble: Trouble) -> Self {
        Self::Retryable(trouble.to_string())
    }
}

impl From<ObjectTrouble> for IngestError {
    fn from(trouble: ObjectTrouble) -> Self {
        match trouble {
            ObjectTrouble::Gone(_) | ObjectTrouble::Superseded(_) => Self::Superseded(trouble),
            ObjectTrouble::Retryable(_) => Self::Retryable(trouble.to_string()),
            ObjectTrouble::Archived(_) => Self::bad(&trouble),
            ObjectTrouble::Denied(_) | ObjectTrouble::Rejected(_) => {
                Self::Rejected(trouble.to_string())
            }
        }
    }
}

impl From<TableTrouble> for IngestError {
    fn from(trouble: TableTrouble) -> Self {
        match trouble {
            TableTrouble::Retryable(_) => Self::Retryable(trouble.to_string()),
            TableTrouble::Invalid(_) => Self::Rejected(trouble.to_string()),
            TableTrouble::Rejected(_) => Self::NoTable(trouble.to_string()),
        }
    }
}

impl From<ObjectFault> for IngestError {
    fn from(fault: ObjectFault) -> Self {
        Self::bad(&fault)
    }
}

impl From<TooManyBadRecords> for IngestError {
    fn from(many: TooManyBadRecords) -> Self {
        Self::bad(&many)
    }
}

impl From<GzipFault> for IngestError {
    fn from(fault: GzipFault) -> Self {
        Self::bad(&fault)
    }
}
