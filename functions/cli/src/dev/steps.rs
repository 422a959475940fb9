//! Steps as they happen, each with its time since the last upload.

use jiff::Timestamp;
use longshore_local::{Activity, Happening};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::Step;
use crate::page::{say, thousands};

/// Shows what happens.
#[derive(Debug)]
pub(super) struct Steps {
    happenings: Receiver<Step>,
    is_verbose: bool,
    since: Option<Timestamp>,
}

impl Steps {
    pub(super) fn of(activity: &Activity, is_verbose: bool) -> Self {
        Self { happenings: activity.listen(), is_verbose, since: None }
    }

    /// Waits for the next thing to happen, shows it, and answers what it was.
    pub(super) async fn next(&mut self) -> Result<Happening, RecvError> {
        let (at, happening) = self.happenings.recv().await?;
        if matches!(happening, Happening::ObjectCreated { .. }) {
            self.since = Some(at);
        }
        if let Some((what, how)) = shown(&happening, self.is_verbose) {
            self.show(at, what, &how);
        }
        Ok(happening)
    }

    /// Shows a step that AWS does not tell of.
    pub(super) fn show(&self, at: Timestamp, what: &str, how: &str) {
        let since = self.since.map(|since| at.duration_since(since).as_millis());
        let since = since.map_or_else(String::new, |ms| format!("{ms} ms"));
        say(&format!("{since:>9}  {what:<9} {how}"));
    }
}

/// The word for a step and what there is to say, if it is to be shown.
fn shown(happening: &Happening, is_verbose: bool) -> Option<(&'static str, String)> {
    let last = |arn: &str| arn.rsplit([':', '/']).next().unwrap_or(arn).to_owned();
    Some(match happening {
        Happening::ObjectCreated { bucket, key, size } => {
            let key = key.escape_debug();
            ("uploaded", format!("s3://{bucket}/{key} ({} bytes)", thousands(*size)))
        }
        Happening::RuleMatched { rule, target } => ("event", format!("{rule} ─▶ {}", last(target))),
        Happening::FunctionInvoked { function, .. } => ("function", function.clone()),
        Happening::FunctionFailed { function, reason, .. } => {
            ("function", format!("{function} failed: {reason}"))
        }
        Happening::TaskChanged { task, status, reason, exit_code, .. } => {
            let code = exit_code.map(|code| format!(" with exit code {code}")).unwrap_or_default();
            let reason = reason.as_ref().filter(|_| *exit_code != Some(0));
            let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
            ("task", format!("{} {status}{code}{reason}", last(task)))
        }
        Happening::ScheduleFired { schedule, target } if is_verbose => {
            ("schedule", format!("{schedule} ─▶ {}", last(target)))
        }
        Happening::DeliveryFailed { from, target, reason } => {
            ("event", format!("{from} ─▶ {} failed: {reason}", last(target)))
        }
        Happening::Disturbed { what } => ("chaos", what.clone()),
        Happening::Printed { from, line } if is_verbose => {
            ("log", format!("{from} │ {}", line.escape_debug()))
        }
        Happening::ScheduleFired { .. } | Happening::Printed { .. } => return None,
    })
}
