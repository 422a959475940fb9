//! What a container is started with, what it prints, and what it can ask.

use expect_test::expect;
use serde_json::json;

use super::{run_input, shell, world};
use crate::Happening;

#[tokio::test]
async fn a_task_without_a_command_says_what_to_do() {
    let mut world = world();
    let mut bare = shell("app", "x");
    bare.entrypoint = None;
    let mut wrong = shell("app", "x");
    wrong.entrypoint = Some(vec!["/no/such/program".into()]);
    for (family, container, expected) in [
        (
            "bare",
            bare,
            "CannotPullContainerError: no command stands for image `image-of-app` on this \
             machine; give one with Metadata.Local.Command or --task name='command'",
        ),
        (
            "wrong",
            wrong,
            "CannotStartContainerError: cannot start `/no/such/program` for container",
        ),
    ] {
        world.register(family, vec![container]);
        let task = world.run(run_input(family)).await;
        let end = world.stopped(&task).await;
        assert_eq!(end["stopCode"], "TaskFailedToStart", "{family}");
        assert!(end["stoppedReason"].as_str().unwrap().starts_with(expected), "{end}");
        assert_eq!(end["containers"][0]["reason"], end["stoppedReason"]);
        assert_eq!(end["containers"][0].get("exitCode"), None, "{family}");
        assert_eq!(end.get("startedAt"), None, "{family}");
    }
}

#[tokio::test]
async fn a_container_that_cannot_start_takes_the_started_ones_with_it() {
    let mut world = world();
    let mut wrong = shell("wrong", "x");
    wrong.entrypoint = None;
    world.register("app", vec![shell("app", "exec sleep 60"), wrong]);
    let task = world.run(run_input("app")).await;
    let end = world.stopped(&task).await;
    assert_eq!(end["stopCode"], "TaskFailedToStart");
    assert!(end["containers"][0]["exitCode"].as_i64() > Some(128), "{end}");
}

#[tokio::test]
async fn a_container_sees_what_it_is_given_and_nothing_else() {
    let mut world = world();
    world
        .register("app", vec![shell("app", "env | cut -d= -f1 | sort; echo $AWS_ENDPOINT_URL $A")]);
    let mut input = run_input("app");
    input["overrides"] = json!({"containerOverrides": [{"name": "app", "environment":
        [{"name": "A", "value": "a b"}, {"name": "AWS_ENDPOINT_URL", "value": "https://elsewhere"}]}]});
    let task = world.run(input).await;
    let end = world.stopped(&task).await;
    assert_eq!(end["overrides"]["containerOverrides"][0]["name"], "app");
    let id = task.rsplit('/').next().unwrap();
    let log = world.ground.store.dir().join(format!("logs/app/app/{id}.log"));
    let inherited = ["HOME", "TMPDIR", "PWD", "OLDPWD", "SHLVL", "_"];
    let printed = std::fs::read_to_string(log).unwrap();
    let lines: Vec<&str> = printed.lines().filter(|line| !inherited.contains(line)).collect();
    expect![[r"
        A
        AWS_ACCESS_KEY_ID
        AWS_DEFAULT_REGION
        AWS_ENDPOINT_URL
        AWS_REGION
        AWS_SECRET_ACCESS_KEY
        ECS_AGENT_URI
        ECS_CONTAINER_METADATA_URI_V4
        FROM_DEFINITION
        LONGSHORE_CLOCK
        PATH
        http://127.0.0.1:4566 a b"]]
    .assert_eq(&lines.join("\n"));
}

#[tokio::test]
async fn an_override_replaces_the_command_and_follows_the_entrypoint() {
    let mut world = world();
    world.register("app", vec![shell("app", "exit 1")]);
    let mut input = run_input("app");
    input["overrides"] = json!({"containerOverrides": [{"name": "app", "command": ["exit 6"]}]});
    let task = world.run(input).await;
    assert_eq!(world.stopped(&task).await["containers"][0]["exitCode"], 6);
}

#[tokio::test]
async fn both_outputs_are_told_before_the_task_is_stopped() {
    let mut world = world();
    world.register("app", vec![shell("app", "echo out; echo err >&2; printf 'no end'")]);
    let mut told = world.ground.activity.listen();
    let task = world.run(run_input("app")).await;
    world.stopped(&task).await;
    let (mut lines, mut statuses) = (Vec::new(), Vec::new());
    while let Ok((_, happening)) = told.try_recv() {
        match happening {
            Happening::Printed { from, line } => lines.push(format!("{from} {line}")),
            Happening::TaskChanged { status, exit_code, .. } => {
                if status == "STOPPED" {
                    lines.sort();
                    assert_eq!(lines, ["app/app err", "app/app no end", "app/app out"]);
                    assert_eq!(exit_code, Some(0));
                }
                statuses.push(status);
            }
            _ => {}
        }
    }
    assert_eq!(statuses, ["PROVISIONING", "PENDING", "RUNNING", "DEPROVISIONING", "STOPPED"]);
}

#[tokio::test]
async fn what_a_container_leaves_behind_ends_with_it() {
    let mut world = world();
    // The child holds the output open; only its end lets the log be complete in time.
    world.register("app", vec![shell("app", "sleep 60 & echo $!; exit 0")]);
    let mut told = world.ground.activity.listen();
    let task = world.run(run_input("app")).await;
    assert_eq!(world.stopped(&task).await["containers"][0]["exitCode"], 0);
    let child = loop {
        if let (_, Happening::Printed { line, .. }) = told.try_recv().unwrap() {
            break line.parse::<i32>().unwrap();
        }
    };
    // Killed, it gives its output up a moment before it is gone.
    let gone = async {
        while super::restart::is_alive(child) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(super::PATIENCE, gone).await.unwrap();
}

#[tokio::test]
async fn a_container_can_ask_about_itself() {
    let mut world = world();
    world.register("app", vec![shell("app", "exec sleep 60")]);
    let task = world.run(run_input("app")).await;
    let seen = world.until(&task, "RUNNING").await;
    let id = seen.last().unwrap()["containers"][0]["runtimeId"].as_str().unwrap().to_owned();
    let ask = |path: String| world.ecs.metadata(&path);
    assert_eq!(ask(format!("v4/{id}")).unwrap()["Name"], "app");
    let shown = ask(format!("/_ecs/v4/{id}/task")).unwrap();
    assert_eq!((&shown["TaskARN"], &shown["KnownStatus"]), (&json!(task), &json!("RUNNING")));
    assert_eq!(shown["Limits"], json!({"CPU": 0.25, "Memory": 512}));
    assert_eq!(shown.get("ServiceName"), None, "it is of no service");
    assert_eq!(ask("v4/none/task".into()), None);
    assert_eq!(ask(format!("v4/{id}/elsewhere")), None);
    world.ecs.stop_all(super::PATIENCE).await;
}
