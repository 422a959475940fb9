//! `longshore exec -- command` makes any image's command the work of a run, done at most once.

mod processes;

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    path::Path,
    process::{Command, Output},
};

use serde_json::{Value, json};

use crate::stand::{PROGRAM, RunRow, Stand, eventually};

const OBJECT: &str = "id\n1\n";

/// A stand whose worker is `script`, run by `exec` with further variables; the script finds the
/// directory `dir` in `$DIR`.
fn stand(dir: &Path, variables: &str, script: &str) -> Stand {
    let dir = dir.display();
    let task = format!("WorkerTask=env DIR={dir} {variables} {PROGRAM} exec -- sh -c '{script}'");
    Stand::with_one_attempt(&["--task", &task])
}

/// The file `name` of the script, once it is there and whole.
async fn written(dir: &Path, name: &str) -> String {
    eventually(name, || async { fs::read_to_string(dir.join(name)).ok() }).await
}

fn said(run: &RunRow) -> (String, String, String) {
    let outcome = |name| run.text(&["outcome", name]);
    (run.state(), outcome("class"), outcome("exitCode"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_sees_its_object_and_says_how_it_went() {
    let dir = tempfile::tempdir().unwrap();
    let script = r#"env >"$DIR/env"; cat "$LONGSHORE_INPUT_FILE" >"$DIR/input";
        echo "{\"reason\": \"all well\", \"summary\": {\"rows\": 7}}" >"$LONGSHORE_RESULT_FILE""#;
    let stand = stand(dir.path(), "", script);
    let version = stand.upload("a b+c.csv", OBJECT).await;
    let run = stand.ended("a b+c.csv").await;
    assert_eq!(said(&run), ("succeeded".into(), "succeeded".into(), "0".into()));
    assert_eq!(run.text(&["result", "status"]), "done");
    assert_eq!(run.text(&["result", "reason"]), "all well");
    assert_eq!(run.text(&["result", "summary", "rows"]), "7");

    let input = written(dir.path(), "input").await;
    let object: Value = serde_json::from_str(input.strip_suffix('\n').unwrap()).unwrap();
    let text = |name| run.text(&["input", name]);
    assert_eq!(
        object,
        json!({
            "bucket": text("bucket"), "key": "a b+c.csv", "versionId": version,
            "etag": text("etag"), "size": OBJECT.len(), "sequencer": text("sequencer"),
        })
    );
    let environment = written(dir.path(), "env").await;
    for variable in [format!("LONGSHORE_RUN={}", run.id()), "LONGSHORE_KEY=a b+c.csv".into()] {
        assert!(environment.lines().any(|line| line == variable), "{variable}: {environment}");
    }
    let file = environment.lines().find_map(|line| line.strip_prefix("LONGSHORE_INPUT_FILE="));
    assert!(!Path::new(file.unwrap()).exists(), "the files go with the run");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exit_code_is_the_commands_own() {
    let dir = tempfile::tempdir().unwrap();
    let script = r#"case "$LONGSHORE_KEY" in
        killed) kill -9 $$;; *) echo nonsense >"$LONGSHORE_RESULT_FILE"; exit "$LONGSHORE_KEY";; esac"#;
    let stand = stand(dir.path(), "", script);
    for (key, state, class, code, reason) in [
        ("3", "failed", "rejected", "3", "`sh` exited with code 3"),
        ("4", "succeeded", "succeeded", "4", "the work is done"),
        ("7", "failed", "work", "7", "`sh` exited with code 7"),
        ("75", "failed", "work", "75", "`sh` exited with code 75"),
        ("killed", "failed", "work", "137", "`sh` was ended by signal 9"),
    ] {
        stand.upload(key, OBJECT).await;
        let run = stand.ended(key).await;
        assert_eq!(said(&run), (state.into(), class.into(), code.into()), "{run:?}");
        assert!(run.text(&["outcome", "reason"]).contains(reason), "{run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_cannot_be_started_fails_its_run_with_what_to_do() {
    for (command, code, todo) in
        [("/nowhere/app", "127", "PATH"), ("/etc/passwd", "126", "executable")]
    {
        let task = format!("WorkerTask={PROGRAM} exec -- {command}");
        let stand = Stand::with_one_attempt(&["--task", &task]);
        stand.upload("any.csv", OBJECT).await;
        let run = stand.ended("any.csv").await;
        assert_eq!(said(&run), ("failed".into(), "work".into(), code.into()));
        let reason = run.text(&["outcome", "reason"]);
        assert!(reason.contains(command) && reason.contains(todo), "{reason}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_not_started_for_an_object_that_was_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path().display();
    let wait = r#"while [ ! -e "$DIR/go" ]; do sleep 0.05; done"#;
    let command = r#"sh -c "echo \$LONGSHORE_VERSION_ID >>\$DIR/worked""#;
    let task = format!("WorkerTask=env DIR={at} sh -c '{wait}; exec {PROGRAM} exec -- {command}'");
    let stand = Stand::start_with(&["--task", &task]);
    stand.upload("any.csv", OBJECT).await;
    let newest = stand.upload("any.csv", OBJECT).await;
    eventually("both runs", || async { (stand.runs_of("any.csv").await.len() == 2).then_some(()) })
        .await;
    fs::write(dir.path().join("go"), "").unwrap();
    let mut states = eventually("both ends", || async {
        let runs = stand.runs_of("any.csv").await;
        runs.iter()
            .all(RunRow::has_ended)
            .then(|| runs.iter().map(RunRow::state).collect::<Vec<_>>())
    })
    .await;
    states.sort();
    assert_eq!(states, ["succeeded", "superseded"]);
    assert_eq!(written(dir.path(), "worked").await, format!("{newest}\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_task_of_the_same_launch_does_not_start_the_command() {
    let dir = tempfile::tempdir().unwrap();
    let script = r#"echo >>"$DIR/started"; while [ ! -e "$DIR/go" ]; do sleep 0.05; done"#;
    let stand = stand(dir.path(), "", script);
    stand.upload("any.csv", OBJECT).await;
    written(dir.path(), "started").await;
    let run = stand.runs_of("any.csv").await.remove(0).id();
    let second = dir.path().join("second");
    let again = |endpoint: &str, run: &str| {
        let mut command = exec_as_another_task(&stand.dev.endpoint, endpoint, run);
        command.arg("touch").arg(&second);
        move || command.output().unwrap()
    };
    for _ in ["while it works", "after its end"] {
        let metadata = metadata("arn:aws:ecs:us-east-1:000000000000:task/longshore-Cluster/other");
        let ended = tokio::task::spawn_blocking(again(&metadata, &run)).await.unwrap();
        assert_eq!(ended.status.code(), Some(75), "{}", printed(&ended));
        assert!(printed(&ended).contains("The command is not started"), "{}", printed(&ended));
        assert!(!second.exists(), "{}", printed(&ended));
        fs::write(dir.path().join("go"), "").unwrap();
        assert_eq!(stand.ended("any.csv").await.state(), "succeeded");
    }
    assert_eq!(written(dir.path(), "started").await, "\n", "once");

    // Nobody knows whose the work is when the ledger does not answer.
    let metadata = metadata("arn:aws:ecs:us-east-1:000000000000:task/longshore-Cluster/other");
    let mut command = exec_as_another_task("http://127.0.0.1:1", &metadata, &run);
    command.arg("touch").arg(&second);
    let ended = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert_eq!(ended.status.code(), Some(75), "{}", printed(&ended));
    assert!(!second.exists());
}

fn exec_as_another_task(endpoint: &str, metadata: &str, run: &str) -> Command {
    let mut command = Command::new(PROGRAM);
    command.envs([
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("ECS_CONTAINER_METADATA_URI_V4", metadata),
        ("LONGSHORE_LEDGER", "longshore-ledger"),
        ("LONGSHORE_RUN", run),
        ("LONGSHORE_ATTEMPT", "1"),
        ("LONGSHORE_LAUNCH", "1"),
    ]);
    command.args(["exec", "--"]);
    command
}

fn printed(output: &Output) -> String {
    [&output.stdout[..], &output.stderr].map(String::from_utf8_lossy).concat()
}

/// The endpoint of a task's metadata, which answers one request with `task`.
fn metadata(task: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let body = json!({"TaskARN": task}).to_string();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4_096];
        assert!(stream.read(&mut request).unwrap() > 0);
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all((head + &body).as_bytes()).unwrap();
    });
    endpoint
}

#[test]
fn outside_of_a_task_it_says_what_is_missing() {
    let ended = Command::new(PROGRAM).env_clear().args(["exec", "--", "true"]).output().unwrap();
    assert_eq!(ended.status.code(), Some(64));
    assert!(printed(&ended).contains("entrypoint of a task that a trigger launches"));
}
