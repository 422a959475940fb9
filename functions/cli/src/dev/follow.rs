//! Runs followed to their end: a task that stops is AWS's story, what it meant is the ledger's.

use std::time::Duration;

use longshore::run::{LaunchId, Run, RunId};
use longshore_aws::LedgerTable;
use longshore_engine::ports::Ledger;
use longshore_local::Happening;
use tokio::{sync::broadcast::error::RecvError, time::timeout};

use super::steps::Steps;
use crate::page::say;

/// Wait between two looks at a run whose task has stopped and which is not settled yet.
const LOOK: Duration = Duration::from_millis(5);

/// Shows steps, and of every run how it ended.
#[derive(Debug)]
pub(super) struct Follow {
    ledger: LedgerTable,
    steps: Steps,
    stopped: Vec<RunId>,
}

impl Follow {
    pub(super) fn new(ledger: LedgerTable, steps: Steps) -> Self {
        Self { ledger, steps, stopped: Vec::new() }
    }

    /// Shows what happens until a run has ended, and answers that run.
    pub(super) async fn next_ended(&mut self) -> Result<Run, String> {
        loop {
            for (index, id) in self.stopped.iter().enumerate() {
                let run = self.ledger.run(id).await.map_err(|error| error.to_string())?;
                if let Some(run) = run.filter(|run| run.state.is_terminal()) {
                    self.stopped.swap_remove(index);
                    self.show(&run);
                    return Ok(run);
                }
            }
            if self.stopped.is_empty() {
                let step = self.steps.next().await;
                self.hear(step)?;
            } else if let Ok(step) = timeout(LOOK, self.steps.next()).await {
                self.hear(step)?;
            }
        }
    }

    fn hear(&mut self, step: Result<Happening, RecvError>) -> Result<(), String> {
        match step {
            Ok(Happening::TaskChanged { started_by, status, .. }) if status == "STOPPED" => {
                let launch = started_by.parse::<LaunchId>();
                self.stopped.extend(launch.ok().map(|launch| launch.run));
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
