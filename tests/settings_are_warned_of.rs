//! Settings that work and look wrong are warned of once, and never with what may be a secret.

use std::{fs, path::Path, process::Command};

use serde_json::Value;

use crate::stand::{BUCKET, PROGRAM, Stand, Template, eventually, repository};

/// What must never be seen anywhere.
const SECRET: &str = "hunter2";
/// What the log says of settings that look wrong.
const SAID: &str = "Settings look wrong";

/// The warnings that the trigger function has logged.
fn warnings(dir: &Path) -> Vec<Value> {
    let log = fs::read_to_string(dir.join("logs/longshore-TriggerFunction.log")).unwrap();
    assert!(!log.contains(SECRET), "{log}");
    let lines = log.lines().filter(|line| line.contains(SAID));
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_and_a_loop_are_logged_when_settings_are_new_and_not_at_every_event() {
    let variables = format!(
        r#""env": {{"DB_PASSWORD": "{SECRET}", "TOKEN_TTL": "300", "OUTPUT": "s3://{BUCKET}/in/"}}, "startTimeout""#
    );
    let template = Template::of_repository().with(r#""startTimeout""#, &variables);
    let data = tempfile::tempdir().unwrap();
    let arguments = ["--data", data.path().to_str().unwrap(), "--task", "WorkerTask=true"];
    let stand = Stand::of(&template, &arguments);
    for nth in 0..5 {
        let key = format!("in/{nth}.csv");
        stand.upload(&key, "id\n1\n").await;
        stand.ended(&key).await;
    }
    let said = eventually("the warnings", || async {
        let said = warnings(data.path());
        (said.len() >= 2).then_some(said)
    })
    .await;
    let said: Vec<_> = said.iter().map(|line| (&line["level"], line["reason"].as_str())).collect();
    let starts = ["trigger.task.env.DB_PASSWORD: looks", "trigger.task.env.OUTPUT: names"];
    assert_eq!(said.len(), starts.len(), "once, and not at every event: {said:?}");
    for ((level, reason), start) in said.into_iter().zip(starts) {
        assert_eq!(level, "WARN");
        assert!(reason.is_some_and(|reason| reason.starts_with(start)), "{reason:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_of_a_task_definition_is_told_at_the_start() {
    let variable = format!("Environment:\n            - {{Name: API_KEY, Value: {SECRET}}}\n");
    let template = Template::of_repository()
        .with("Environment:\n            - {Name: LONGSHORE_LEDGER", &{
            variable + "            - {Name: LONGSHORE_LEDGER"
        });
    let dir = tempfile::tempdir().unwrap();
    let path = template.write(dir.path());
    let output = Command::new(PROGRAM)
        .args(["dev", "--once", "--port", "0", &path])
        .current_dir(repository())
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let warned: Vec<&str> = printed.lines().filter(|line| line.contains("  warns ")).collect();
    assert_eq!(warned.len(), 1, "{printed}");
    for part in ["API_KEY of WorkerTask, container worker", "looks like a secret", "`Secrets`"] {
        assert!(warned[0].contains(part), "{}", warned[0]);
    }
    assert!(!printed.contains(SECRET), "{printed}");
}
