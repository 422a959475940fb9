//! A command does the work of each message: its exit code says what becomes of it.

use std::{
    ffi::OsString, fs::File, future::pending, path::PathBuf, process::Stdio, time::Duration,
};

use longshore::{
    config::{ConfigError, Variables},
    poll::{Ask, Ended, Message, Stopped},
    run::WorkStatus,
    trigger::{Inputs, Launch},
};
use longshore_aws::LedgerTable;
use longshore_engine::{
    Did,
    poll::{Hold, Work},
};
use rustix::process::Signal;
use tracing::{info, warn};

use super::runs::asked_to_end;
use crate::{
    EXIT_DONE, EXIT_NOTHING_TO_DO, EXIT_REJECT, EXIT_TRY_AGAIN,
    exec::{
        Cause, Files, Given, Group, Limits, Signalled, Verdict, attend, input_dir, verdict,
        work_off,
    },
};

/// Of the time between SIGTERM and the end so much is kept for telling SQS; never more than a
/// quarter of it.
const MARGIN: Duration = Duration::from_secs(5);

/// A command, and how it is run.
#[derive(Debug)]
pub(super) struct Commands<'a> {
    variables: &'a Variables,
    command: Vec<OsString>,
    dir: PathBuf,
    limits: Limits,
}

impl<'a> Commands<'a> {
    pub(super) fn new(variables: &'a Variables, command: &[OsString]) -> Result<Self, ConfigError> {
        let Limits { timeout_secs, stop } = Limits::read(variables)?;
        let limits = Limits { timeout_secs, stop: stop.saturating_sub(MARGIN.min(stop / 4)) };
        Ok(Self { variables, command: command.to_vec(), dir: input_dir(variables), limits })
    }

    /// Has the command do the work of a run, as `exec` does it in a task of its own.
    pub(super) async fn run_of(
        &self,
        launch: &Launch,
        ledger: &LedgerTable,
        task: &str,
        hold: &Hold,
    ) -> Did {
        let (variables, further) = (self.variables, &launch.environment);
        let (mut asked, stopped) = (Asked { hold, known: None }, asked_to_end(hold, true));
        let (stop, command) = (self.limits.stop, &self.command);
        let holder = (ledger, task);
        work_off(variables, further, holder, stop, &mut asked, stopped, command).await
    }
}

impl Work for Commands<'_> {
    async fn work(&self, message: &Message, hold: &Hold) -> Ended {
        // Whatever keeps a command from starting is no fault of the message.
        let files = match Files::of_message(&self.dir, &message.body) {
            Ok(files) => files,
            Err(error) => return not_started(&error),
        };
        let given = match given(&files, message) {
            Ok(given) => given,
            Err(error) => return not_started(&error),
        };
        let mut group = match Group::start(&self.command, given) {
            Ok(group) => group,
            Err(error) => return not_started(&error),
        };
        let (mut asked, stopped) = (Asked { hold, known: None }, hold.stopped());
        let (end, cause) = attend(&mut group, &mut asked, &self.limits, async {
            stopped.await;
        })
        .await;
        group.end_rest().await;
        let file = files.result();
        let verdict = verdict(&group.program, end, cause, &Inputs::default(), &file);
        let Verdict { status, reason, code, .. } = &verdict;
        info!(message.id, ?status, reason, code, "The work on a message has ended");
        ended(verdict, cause, file.failed.is_empty(), hold).await
    }
}

fn not_started(error: &dyn std::error::Error) -> Ended {
    warn!(%error, "The command is not started");
    Ended::TryLater(error.to_string())
}

/// What the command gets: the message on its standard input and in a file, and what is known of it.
fn given(files: &Files, message: &Message) -> std::io::Result<Given> {
    let time = |time: Option<jiff::Timestamp>| time.map(|time| time.to_string().into());
    let told: [(&'static str, Option<OsString>); 7] = [
        ("LONGSHORE_MESSAGE_FILE", Some(files.input().into())),
        ("LONGSHORE_RESULT_FILE", Some(files.result_path().into())),
        ("LONGSHORE_MESSAGE_ID", Some(message.id.clone().into())),
        ("LONGSHORE_MESSAGE_RECEIVES", Some(message.receives.to_string().into())),
        ("LONGSHORE_MESSAGE_SENT", time(message.sent)),
        ("LONGSHORE_MESSAGE_FIRST_RECEIVED", time(message.first_received)),
        ("LONGSHORE_MESSAGE_GROUP", message.group.clone().map(Into::into)),
    ];
    let variables = told.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    Ok(Given { stdin: Stdio::from(File::open(files.input())?), variables })
}

/// The worker's wish that the work ends, as the command is told it: by SIGTERM.
struct Asked<'a> {
    hold: &'a Hold,
    known: Option<Ask>,
}

impl Signalled for Asked<'_> {
    async fn next(&mut self) -> (Signal, &'static str) {
        while self.known.is_none() {
            self.known = self.hold.asked(None).await;
            if self.known == Some(Ask::Finish) {
                return (Signal::TERM, "SIGTERM");
            }
        }
        pending().await
    }
}

/// What an exit code means for the message. A command that was asked to end and leaves with 0 has
/// finished, unless it names objects that failed: here no reason of a stop tells more than its word.
/// With 75 it says that it will go on where it was.
async fn ended(verdict: Verdict, cause: Cause, none_failed: bool, hold: &Hold) -> Ended {
    match (cause, verdict.status, verdict.code) {
        (Cause::FenceLost, ..) => Ended::Stopped(hold.stopped().await),
        (Cause::Stopped(_), None, EXIT_DONE | EXIT_NOTHING_TO_DO) if none_failed => Ended::Done,
        (_, Some(WorkStatus::Done), _) => Ended::Done,
        (_, Some(_), EXIT_REJECT) => Ended::Rejected(verdict.reason.into()),
        (Cause::Stopped(_), _, EXIT_TRY_AGAIN) => Ended::Checkpointed,
        (Cause::Stopped(_), ..) => Ended::Stopped(Stopped::Leaving),
        (_, _, EXIT_TRY_AGAIN) => Ended::TryLater(verdict.reason),
        _ => Ended::Failed(verdict.reason),
    }
}

#[cfg(test)]
mod tests;
