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
        let (mut asked, stopped) = (Asked { hold, known: None }, stopped(hold));
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

/// What an exit code means for the message. A command that was asked to end and leaves with 0 has
/// finished, unless it names objects that failed: here no reason of a stop tells more than its word.
async fn ended(verdict: Verdict, cause: Cause, none_failed: bool, hold: &Hold) -> Ended {
    match (cause, verdict.status, verdict.code) {
        (Cause::FenceLost, ..) => Ended::Stopped(stopped(hold).await),
        (Cause::Stopped(_), None, EXIT_DONE | EXIT_NOTHING_TO_DO) if none_failed => Ended::Done,
        (_, Some(WorkStatus::Done), _) => Ended::Done,
        (_, Some(_), EXIT_REJECT) => Ended::Rejected(verdict.reason),
        (Cause::Stopped(_), ..) => Ended::Stopped(Stopped::Leaving),
        (_, _, EXIT_TRY_AGAIN) => Ended::TryLater(verdict.reason),
        _ => Ended::Failed(verdict.reason),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, path::Path};

    use jiff::Timestamp;

    use super::*;

    fn message(body: &str) -> Message {
        Message {
            id: "7f0e".into(),
            receipt: "r".into(),
            body: body.into(),
            group: Some("tenant".into()),
            receives: 2,
            sent: Some("2026-11-23T00:00:00Z".parse().unwrap()),
            first_received: None,
        }
    }

    fn commands(dir: &Path, script: &str) -> Commands<'static> {
        let limits = Limits { timeout_secs: Some(60), stop: Duration::from_secs(20) };
        let command = ["sh", "-c", script].map(OsString::from).to_vec();
        let variables = Box::leak(Box::default());
        Commands { variables, command, dir: dir.to_owned(), limits }
    }

    #[tokio::test]
    async fn the_table_of_exit_codes() {
        let dir = tempfile::tempdir().unwrap();
        let failed = |code: u8| Ended::Failed(format!("`sh` exited with code {code}"));
        for (script, expected) in [
            ("exit 0", Ended::Done),
            ("exit 4", Ended::Done),
            ("exit 3", Ended::Rejected("`sh` exited with code 3".into())),
            ("exit 75", Ended::TryLater("`sh` exited with code 75".into())),
            ("exit 1", failed(1)),
            ("kill -9 $$", Ended::Failed("`sh` was ended by signal 9".into())),
            (
                r#"echo '{"reason": "no table"}' > $LONGSHORE_RESULT_FILE; exit 3"#,
                Ended::Rejected("no table".into()),
            ),
        ] {
            let hold = Hold::new(Timestamp::MAX);
            let ended = commands(dir.path(), script).work(&message(""), &hold).await;
            assert_eq!(ended, expected, "{script}");
        }
        let none = Commands { command: vec!["./not-there".into()], ..commands(dir.path(), "") };
        let ended = none.work(&message(""), &Hold::new(Timestamp::MAX)).await;
        assert!(matches!(ended, Ended::TryLater(why) if why.contains("was not found")));
    }

    #[tokio::test]
    async fn a_command_gets_the_message_and_what_is_known_of_it() {
        let dir = tempfile::tempdir().unwrap();
        let said = dir.path().join("said");
        let script = format!(
            "cat > {0}; cat $LONGSHORE_MESSAGE_FILE >> {0}; env | grep '^LONGSHORE_M' >> {0}",
            said.display()
        );
        let hold = Hold::new(Timestamp::MAX);
        let ended = commands(dir.path(), &script).work(&message("a \"b\"\n"), &hold).await;
        assert_eq!(ended, Ended::Done);
        let said = std::fs::read_to_string(said).unwrap();
        let (bodies, variables) = said.split_at("a \"b\"\n".len() * 2);
        assert_eq!(bodies, "a \"b\"\na \"b\"\n");
        let pairs = variables.lines().map(|line| line.split_once('=').unwrap());
        let mut variables: BTreeMap<_, _> = pairs.collect();
        assert!(variables.remove("LONGSHORE_MESSAGE_FILE").unwrap().ends_with("/message"));
        let expected = [
            ("LONGSHORE_MESSAGE_GROUP", "tenant"),
            ("LONGSHORE_MESSAGE_ID", "7f0e"),
            ("LONGSHORE_MESSAGE_RECEIVES", "2"),
            ("LONGSHORE_MESSAGE_SENT", "2026-11-23T00:00:00Z"),
        ];
        assert_eq!(variables, BTreeMap::from(expected));
    }

    #[tokio::test]
    async fn what_is_asked_of_the_work_is_asked_of_the_command() {
        let dir = tempfile::tempdir().unwrap();
        let polite = "trap 'exit 75' TERM; while :; do sleep 0.01; done";
        let names = r#"trap 'echo "{\"failed\": [{\"bucket\": \"b\", \"key\": \"k\"}]}" \
            > $LONGSHORE_RESULT_FILE; exit 0' TERM; while :; do sleep 0.01; done"#;
        for (script, ask, expected) in [
            (polite, Ask::Finish, Stopped::Leaving),
            (names, Ask::Finish, Stopped::Leaving),
            ("trap '' TERM; sleep 600", Ask::Stop(Stopped::Lost), Stopped::Lost),
            ("sleep 600 & sleep 600", Ask::Stop(Stopped::Ceiling), Stopped::Ceiling),
        ] {
            let hold = Hold::new(Timestamp::MAX);
            hold.ask(ask);
            let ended = commands(dir.path(), script).work(&message(""), &hold).await;
            assert_eq!(ended, Ended::Stopped(expected), "{script}");
        }
    }

    #[tokio::test]
    async fn a_command_that_finishes_although_it_was_asked_to_end_has_finished() {
        let dir = tempfile::tempdir().unwrap();
        for code in [0, 4] {
            let script = format!("trap 'exit {code}' TERM; while :; do sleep 0.01; done");
            let hold = Hold::new(Timestamp::MAX);
            hold.ask(Ask::Finish);
            let ended = commands(dir.path(), &script).work(&message(""), &hold).await;
            assert_eq!(ended, Ended::Done, "{script}");
        }
    }

    #[tokio::test]
    async fn nothing_to_write_on_has_the_message_come_back_and_says_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        // Neither takes files, whoever asks.
        for within in [file.as_path(), Path::new("/proc/no-directory")] {
            let hold = Hold::new(Timestamp::MAX);
            let ended = commands(within, "exit 0").work(&message("body"), &hold).await;
            let Ended::TryLater(why) = ended else { panic!("{ended:?}") };
            let begins = format!("cannot write the input file below `{}`: ", within.display());
            assert!(why.starts_with(&begins), "{why}");
            assert!(why.contains("LONGSHORE_INPUT_DIR"), "{why}");
        }
    }

    #[tokio::test]
    async fn commands_side_by_side_do_not_end_each_other() {
        let dir = tempfile::tempdir().unwrap();
        let (hold, other) = (Hold::new(Timestamp::MAX), Hold::new(Timestamp::MAX));
        let gate = dir.path().join("gate");
        let waits = format!("until [ -e {} ]; do sleep 0.01; done; exit 3", gate.display());
        let left = dir.path().join("left");
        let leaves = format!("sleep 600 & echo $! > {}; exit 1", left.display());
        let (slow, quick) = (commands(dir.path(), &waits), commands(dir.path(), &leaves));
        let (message, quick_message) = (message(""), message(""));
        let both = async {
            let ended = quick.work(&quick_message, &other).await;
            let left = std::fs::read_to_string(&left).unwrap();
            assert!(!Path::new("/proc").join(left.trim()).exists(), "it was killed");
            std::fs::write(&gate, "").unwrap();
            ended
        };
        let (slow, quick) = tokio::join!(slow.work(&message, &hold), both);
        assert_eq!(slow, Ended::Rejected("`sh` exited with code 3".into()));
        assert_eq!(quick, Ended::Failed("`sh` exited with code 1".into()));
    }
}
