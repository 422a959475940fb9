//! Runs followed to their end: a task that stops is AWS's story, what it meant is the ledger's.

use std::time::Duration;

use longshore::run::{LaunchId, Run, RunId};
use longshore_aws::LedgerTable;
use longshore_engine::ports::Ledger;
use longshore_local::Happening;
use tokio::{sync::broadcast::error::RecvError, time::timeout};

use super::steps::Steps;
use crate::page::say;

/// Wait between the first two looks at a run whose task has stopped and which is not settled yet;
/// each further wait is twice as long.
const LOOK: Duration = Duration::from_millis(5);
/// Longest of these waits. A run whose event was lost is settled by the sweep, minutes later.
const LOOK_MAX: Duration = Duration::from_secs(1);
/// Looks that may fail in a row before the ledger counts as unreadable.
const FAILED_LOOKS_MAX: u32 = 10;

/// Shows steps, and of every run how it ended.
#[derive(Debug)]
pub(super) struct Follow {
    ledger: LedgerTable,
    steps: Steps,
    stopped: Vec<RunId>,
    failed_looks: u32,
}

impl Follow {
    pub(super) fn new(ledger: LedgerTable, steps: Steps) -> Self {
        Self { ledger, steps, stopped: Vec::new(), failed_looks: 0 }
    }

    /// Shows what happens until a run has ended, and answers that run.
    pub(super) async fn next_ended(&mut self) -> Result<Run, String> {
        let mut look = LOOK;
        loop {
            if let Some(run) = self.ended().await? {
                self.show(&run);
                return Ok(run);
            }
            if self.stopped.is_empty() {
                let step = self.steps.next().await;
                self.hear(step)?;
            } else if let Ok(step) = timeout(look, self.steps.next()).await {
                self.hear(step)?;
            } else {
                look = (look * 2).min(LOOK_MAX);
            }
        }
    }

    /// Looks once at every run whose task has stopped, and takes out the first that has ended.
    async fn ended(&mut self) -> Result<Option<Run>, String> {
        for (index, id) in self.stopped.iter().enumerate() {
            match self.ledger.run(id).await {
                Ok(run) => {
                    self.failed_looks = 0;
                    if let Some(run) = run.filter(|run| run.state.is_terminal()) {
                        self.stopped.swap_remove(index);
                        return Ok(Some(run));
                    }
                }
                Err(_) if self.failed_looks < FAILED_LOOKS_MAX => self.failed_looks += 1,
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(None)
    }

    fn hear(&mut self, step: Result<Happening, RecvError>) -> Result<(), String> {
        match step {
            Ok(Happening::TaskChanged { started_by, status, .. }) if status == "STOPPED" => {
                let launch = started_by.parse::<LaunchId>();
                let run = launch.ok().map(|launch| launch.run);
                self.stopped.extend(run.filter(|run| !self.stopped.contains(run)));
            }
            Ok(_) => {}
            Err(RecvError::Lagged(missed)) => say(&format!("  … {missed} steps not shown")),
            Err(RecvError::Closed) => return Err("the embedded AWS has ended".into()),
        }
        Ok(())
    }

    fn show(&self, run: &Run) {
        let at = run.history.last().map(|entry| entry.at).unwrap_or_default();
        let equation = run.result.as_ref().and_then(|result| result.summary["equation"].as_str());
        if let Some(equation) = equation {
            self.steps.show(at, "rows", equation);
        }
        let why = run
            .outcome
            .as_ref()
            .filter(|outcome| outcome.class != longshore::run::Class::Succeeded);
        let why = why.map(|outcome| format!(": {}", outcome.reason)).unwrap_or_default();
        self.steps.show(at, "run", &format!("{} {}{why}", run.id, run.state.word()));
    }
}
