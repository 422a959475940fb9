//! The command as processes: they get the signals, end in time, and leave nothing behind.

use std::fs;

use rustix::process::Signal;

use super::{OBJECT, said, stand, written};
use crate::stand::{eventually, kill, pids_with};

#[tokio::test(flavor = "multi_thread")]
async fn a_command_gets_the_signals_of_its_container() {
    let dir = tempfile::tempdir().unwrap();
    // A shell runs its traps between two commands.
    let script = r#"trap "echo >\"$DIR/usr1\"" USR1; trap "exit 75" TERM; echo >"$DIR/up";
        while :; do sleep 0.05; done"#;
    let stand = stand(dir.path(), "", script);
    stand.upload("any.csv", OBJECT).await;
    written(dir.path(), "up").await;
    let run = stand.runs_of("any.csv").await.remove(0).id();
    let exec = head(&run);
    kill(exec, Signal::USR1);
    written(dir.path(), "usr1").await;
    kill(exec, Signal::TERM);
    let run = stand.ended("any.csv").await;
    assert_eq!(said(&run), ("failed".into(), "work".into(), "75".into()));
    assert!(run.text(&["outcome", "reason"]).contains("left after SIGTERM"), "{run:?}");
}

/// The process of `exec` itself: the one whose parent is not of the run.
fn head(run: &str) -> u32 {
    let pids = pids_with(&format!("LONGSHORE_RUN={run}"));
    let parent = |pid: u32| -> u32 {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("PPid:"));
        line.map_or(0, |pid| pid.trim().parse().unwrap())
    };
    *pids.iter().find(|pid| !pids.contains(&parent(**pid))).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_does_not_end_when_asked_to_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let script = r#"trap "" TERM; echo >"$DIR/up"; while :; do sleep 0.05; done"#;
    let stand = stand(dir.path(), "LONGSHORE_STOP_TIMEOUT=1", script);
    stand.upload("any.csv", OBJECT).await;
    written(dir.path(), "up").await;
    let run = stand.runs_of("any.csv").await.remove(0).id();
    kill(head(&run), Signal::TERM);
    let run = stand.ended("any.csv").await;
    assert_eq!(said(&run), ("failed".into(), "work".into(), "137".into()));
    let reason = run.text(&["outcome", "reason"]);
    assert!(reason.contains("did not end in time after SIGTERM"), "{reason}");
    assert_eq!(pids_with(&format!("LONGSHORE_RUN={}", run.id())), Vec::<u32>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_runs_too_long_is_ended() {
    let dir = tempfile::tempdir().unwrap();
    // It leaves as if nothing were wrong.
    let script = r#"trap "exit 0" TERM; while :; do sleep 0.05; done"#;
    let stand = stand(dir.path(), "LONGSHORE_TIMEOUT=1", script);
    stand.upload("any.csv", OBJECT).await;
    let run = stand.ended("any.csv").await;
    assert_eq!(said(&run), ("failed".into(), "work".into(), "124".into()));
    assert!(run.text(&["outcome", "reason"]).contains("ran longer than 1 s"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_command_outlives_it() {
    let dir = tempfile::tempdir().unwrap();
    // One stays in the group, one leaves it, and both would go on for longer than the test.
    let script = r#"(trap "" TERM HUP; sleep 600) & setsid sleep 600 & (setsid sleep 600 &)
        echo >"$DIR/up"; while [ ! -e "$DIR/go" ]; do sleep 0.05; done"#;
    let stand = stand(dir.path(), "", script);
    stand.upload("any.csv", OBJECT).await;
    written(dir.path(), "up").await;
    let run = stand.runs_of("any.csv").await.remove(0).id();
    let variable = format!("LONGSHORE_RUN={run}");
    eventually("the command's processes", || async {
        (pids_with(&variable).len() >= 5).then_some(())
    })
    .await;
    fs::write(dir.path().join("go"), "").unwrap();
    let run = stand.ended("any.csv").await;
    assert_eq!(run.state(), "succeeded");
    assert_eq!(pids_with(&variable), Vec::<u32>::new(), "they were gone before the run ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_command_outlives_a_container_that_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let script = r#"trap "" TERM; echo >"$DIR/up"; while :; do sleep 0.05; done"#;
    let stand = stand(dir.path(), "", script);
    stand.upload("any.csv", OBJECT).await;
    written(dir.path(), "up").await;
    let run = stand.runs_of("any.csv").await.remove(0).id();
    kill(head(&run), Signal::KILL);
    assert_eq!(said(&stand.ended("any.csv").await).2, "137");
    assert_eq!(pids_with(&format!("LONGSHORE_RUN={run}")), Vec::<u32>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn orphans_that_end_do_not_stay_as_zombies() {
    let dir = tempfile::tempdir().unwrap();
    let script = r#"for n in 1 2 3; do (sleep 0.05 &) ; done; echo >"$DIR/up";
        while [ ! -e "$DIR/go" ]; do sleep 0.05; done"#;
    let stand = stand(dir.path(), "", script);
    stand.upload("any.csv", OBJECT).await;
    written(dir.path(), "up").await;
    let run = stand.runs_of("any.csv").await.remove(0).id();
    let exec = head(&run);
    let children = format!("/proc/{exec}/task/{exec}/children");
    eventually("the command as the only child", || async {
        let children = fs::read_to_string(&children).unwrap();
        (children.split_whitespace().count() == 1).then_some(())
    })
    .await;
    fs::write(dir.path().join("go"), "").unwrap();
    assert_eq!(stand.ended("any.csv").await.state(), "succeeded");
}
