//! What the words and the variables of the container ask of a worker of a queue.

use longshore::{
    config::{ConfigError, Variables},
    poll::{PollOptions, PollOptionsError},
};

use longshore_aws::{Clients, LedgerTable};

use crate::exec::stop_secs;

/// Everything that it is told, whatever its work is.
#[derive(Clone, Debug)]
pub(super) struct PollSettings {
    /// Queue, slots and tries.
    pub(super) options: PollOptions,
    /// Table of the ledger, if it says how it is going.
    pub(super) ledger: Option<String>,
    /// How long there is from SIGTERM to the end, in seconds.
    pub(super) stop_secs: u32,
    /// Bucket for messages that nobody can work on.
    pub(super) dead_letter_bucket: Option<String>,
    /// What their keys begin with.
    pub(super) dead_letter_prefix: String,
}

/// There is nothing to begin.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unusable {
    /// The words, or the variables that stand for them.
    #[error("poll: {0}")]
    Options(#[from] PollOptionsError),
    /// Another variable.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

impl PollSettings {
    pub(super) fn ledger(&self, clients: &Clients) -> Option<LedgerTable> {
        self.ledger.as_deref().map(|table| LedgerTable::new(clients, table))
    }

    pub(super) fn read(
        variables: &Variables,
        words: Vec<String>,
        slots: usize,
    ) -> Result<Self, Unusable> {
        let text = |name| variables.optional(name).map(str::to_owned);
        Ok(Self {
            options: PollOptions::read(words, variables, slots)?,
            ledger: text("LONGSHORE_LEDGER"),
            stop_secs: stop_secs(variables)?,
            dead_letter_bucket: text("LONGSHORE_DEAD_LETTER_BUCKET"),
            dead_letter_prefix: text("LONGSHORE_DEAD_LETTER_PREFIX").unwrap_or_default(),
        })
    }
}
