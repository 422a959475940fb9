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
    /// Somebody else has the run, or may have it: stop without a word to the ledger.
    #[error("the run is no longer ours")]
    FenceLost,
    /// Our own mistake: records are unaccounted for.
    #[error("defect: {0}")]
    Defect(String),
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
            ObjectTrouble::Denied(_) | ObjectTrouble::Archived(_) | ObjectTrouble::Rejected(_) => {
                Self::Rejected(trouble.to_string())
            }
        }
    }
}

impl From<TableTrouble> for IngestError {
    fn from(trouble: TableTrouble) -> Self {
        match trouble {
            TableTrouble::Retryable(_) => Self::Retryable(trouble.to_string()),
            TableTrouble::Invalid(_) | TableTrouble::Rejected(_) => {
                Self::Rejected(trouble.to_string())
            }
        }
    }
}

impl From<ObjectFault> for IngestError {
    fn from(fault: ObjectFault) -> Self {
        Self::Rejected(fault.to_string())
    }
}

impl From<TooManyBadRecords> for IngestError {
    fn from(many: TooManyBadRecords) -> Self {
        Self::Rejected(many.to_string())
    }
}

impl From<GzipFault> for IngestError {
    fn from(fault: GzipFault) -> Self {
        Self::Rejected(fault.to_string())
    }
}
