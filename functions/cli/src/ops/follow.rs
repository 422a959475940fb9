//! A run that was just sent, followed to its end.

use std::time::{Duration, Instant};

use longshore::run::{Run, RunId, State};
use longshore_engine::ports::Ledger as _;
use tokio::time::sleep;

use super::{OpsError, Stack};
use crate::page::say;

/// Between two looks at a run.
const LOOK: Duration = Duration::from_millis(500);
/// Longest time until a run that was sent is in the ledger: a backlog in the inbox takes minutes.
const ADMITTED_SECS_MAX: u64 = 600;

/// By what a run is found.
#[derive(Clone, Debug)]
pub(super) enum Sought {
    /// Its id.
    Run(RunId),
    /// The object, by the hash of its row, that it will have gathered for the trigger.
    Object(String, String),
}

impl Stack {
    /// Waits for the run and shows its history until it has ended; of one that had ended, and is
    /// to run after all, from where it stood in the `past`.
    pub(super) async fn follow(
        &self,
        sought: &Sought,
        past: Option<&Run>,
        is_quiet: bool,
    ) -> Result<Run, OpsError> {
        let began = Instant::now();
        let mut shown = past.map_or(0, |past| past.history.len());
        loop {
            let run = self.look(sought).await?;
            match run.filter(|run| past.is_none_or(|past| run.attempt > past.attempt)) {
                Some(run) => {
                    for entry in run.history.iter().skip(shown).filter(|_| !is_quiet) {
                        let note = entry.note.escape_debug();
                        say(&format!("  {:.3}  {:<10}  {note}", entry.at, entry.state.word()));
                    }
                    shown = run.history.len();
                    if run.state.is_terminal() {
                        return Ok(run);
                    }
                }
                None if began.elapsed().as_secs() >= ADMITTED_SECS_MAX => {
                    return Err(OpsError::Said(format!(
                        "the run is not in the ledger after {ADMITTED_SECS_MAX} s: its envelope \
                         may have been refused, and is in the queue {}-inbox-dead then, with the \
                         reason",
                        self.name
                    )));
                }
                None => {}
            }
            sleep(LOOK).await;
        }
    }

    async fn look(&self, sought: &Sought) -> Result<Option<Run>, OpsError> {
        let trouble = |error| self.ledger_error(error);
        let id = match sought {
            Sought::Run(id) => Some(id.clone()),
            Sought::Object(trigger, object) => {
                self.ledger.newest(trigger, object).await.map_err(trouble)?
            }
        };
        match id {
            Some(id) => self.ledger.run(&id).await.map_err(trouble),
            None => Ok(None),
        }
    }
}

/// Whether it succeeded, or why not.
pub(super) fn judged(run: &Run) -> Result<(), OpsError> {
    let verb = match run.state {
        State::Succeeded => return Ok(()),
        State::Failed => "failed",
        State::Cancelled => "was cancelled",
        _ => "was superseded",
    };
    let reason = run.outcome.as_ref().map(|outcome| outcome.reason.escape_debug().to_string());
    Err(OpsError::Said(format!("run {} {verb}: {}", run.id, reason.unwrap_or_default())))
}
