//! A command does the work of each message: its exit code says what becomes of it.

use std::{
    ffi::OsString, fs::File, future::pending, path::PathBuf, process::Stdio, time::Duration,
};

use longshore::{
    config::{ConfigError, Variables},
    poll::{Ask, Ended, Message, Stopped},
    run::WorkStatus,
    trigger::Inputs,
};
use longshore_engine::poll::{Hold, Work};
use rustix::process::Signal;
use tracing::{info, warn};

use crate::{
    EXIT_REJECT, EXIT_TRY_AGAIN,
    exec::{Cause, Files, Given, Group, Limits, Signalled, Verdict, attend, input_dir, verdict},
};

/// Of the time between SIGTERM and the end so much is kept for telling SQS; never more than a
/// quarter of it.
const MARGIN: Duration = Duration::from_secs(5);

/// A command, and how it is run.
#[derive(Debug)]
pub(super) struct Commands {
    command: Vec<OsString>,
    dir: PathBuf,
    limits: Limits,
}

impl Commands {
    pub(super) fn new(variables: &Variables, command: &[OsString]) -> Result<Self, ConfigError> {
        let Limits { timeout_secs, stop } = Limits::read(variables)?;
        let limits = Limits { timeout_secs, stop: stop.saturating_sub(MARGIN.min(stop / 4)) };
        Ok(Self { command: command.to_vec(), dir: input_dir(variables), limits })
    }
}

impl Work for Commands {
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
        let (mut asked, stopped) = (Asked { hold, known: None }, stopped(hold));
        let (end, cause) = attend(&mut group, &mut asked, &self.limits, async {
            stopped.await;
        })
        .await;
        group.end_rest().await;
        let verdict = verdict(&group.program, end, cause, &Inputs::default(), &files.result());
        let Verdict { status, reason, code, .. } = &verdict;
        info!(message.id, ?status, reason, code, "The work on a message has ended");
        ended(verdict, cause, hold).await
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

/// Returns when the work is to stop at once.
async fn stopped(hold: &Hold) -> Stopped {
    let mut known = None;
    loop {
        known = hold.asked(known).await;
        if let Some(Ask::Stop(why)) = known {
            return why;
        }
    }
}

/// What an exit code means for the message.
async fn ended(verdict: Verdict, cause: Cause, hold: &Hold) -> Ended {
    match (cause, verdict.status, verdict.code) {
        (Cause::FenceLost, ..) => Ended::Stopped(stopped(hold).await),
        (_, Some(WorkStatus::Done), _) => Ended::Done,
        (_, Some(_), EXIT_REJECT) => Ended::Rejected(verdict.reason),
        (Cause::Stopped(_), ..) => Ended::Stopped(Stopped::Leaving),
        (_, _, EXIT_TRY_AGAIN) => Ended::TryLater(verdict.reason),
        _ => Ended::Failed(verdict.reason),
    }
}
