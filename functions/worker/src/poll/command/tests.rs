//! What a command is told, and what its end means.

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
        ("exit 3", Ended::Rejected("`sh` exited with code 3".to_owned().into())),
        ("exit 75", Ended::TryLater("`sh` exited with code 75".into())),
        ("exit 1", failed(1)),
        ("kill -9 $$", Ended::Failed("`sh` was ended by signal 9".into())),
        (
            r#"echo '{"reason": "no table"}' > $LONGSHORE_RESULT_FILE; exit 3"#,
            Ended::Rejected("no table".to_owned().into()),
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

/// Asks a command to finish once it has set its trap, which is `script`.
async fn asked_to_finish(script: &str) -> Ended {
    let dir = tempfile::tempdir().unwrap();
    let ready = dir.path().join("ready");
    let waits = format!(": > {}; while :; do sleep 0.01; done", ready.display());
    let command = commands(dir.path(), &format!("trap '{script}' TERM; {waits}"));
    let (hold, message) = (Hold::new(Timestamp::MAX), message(""));
    let asks = async {
        while !ready.exists() {
            tokio::task::yield_now().await;
        }
        hold.ask(Ask::Finish);
    };
    tokio::join!(command.work(&message, &hold), asks).0
}

#[tokio::test]
async fn what_is_asked_of_the_work_is_asked_of_the_command() {
    let dir = tempfile::tempdir().unwrap();
    let polite = "trap 'exit 1' TERM; while :; do sleep 0.01; done";
    for (script, ask, expected) in [
        (polite, Ask::Finish, Stopped::Leaving),
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
    let names = r#"echo "{\"failed\": [{\"bucket\": \"b\", \"key\": \"k\"}]}" \
        > $LONGSHORE_RESULT_FILE; exit 0"#;
    for (script, expected) in [
        ("exit 0", Ended::Done),
        ("exit 4", Ended::Done),
        ("exit 3", Ended::Rejected("`sh` left after SIGTERM with exit code 3".to_owned().into())),
        ("exit 75", Ended::Checkpointed),
        ("exit 1", Ended::Stopped(Stopped::Leaving)),
        (names, Ended::Stopped(Stopped::Leaving)),
    ] {
        assert_eq!(asked_to_finish(script).await, expected, "{script}");
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
    assert_eq!(slow, Ended::Rejected("`sh` exited with code 3".to_owned().into()));
    assert_eq!(quick, Ended::Failed("`sh` exited with code 1".into()));
}
