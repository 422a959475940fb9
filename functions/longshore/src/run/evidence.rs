//! What a failed run's messages tell beyond the run itself, so that nobody has to look it up.

use serde_json::json;

use super::{
    change::{Addressee, Also, Change, Outbox},
    logs::LogPointer,
};

/// What was found out about a run that is about to fail.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// Where the output of its task is, if it had one.
    pub logs: Option<LogPointer>,
}

impl Change {
    /// Whether the run fails by it, for good: then somebody is told who looks.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        let is_failure = |message: &Outbox| message.to == Addressee::Failed;
        self.also.iter().any(|also| matches!(also, Also::Outbox(message) if is_failure(message)))
    }

    /// Has the messages that are owed by it tell the evidence too.
    pub fn tell(&mut self, evidence: &Evidence) {
        for also in &mut self.also {
            let Also::Outbox(message) = also else { continue };
            if let Some(logs) = &evidence.logs {
                message.body["logs"] = json!(logs);
            }
        }
    }
}
