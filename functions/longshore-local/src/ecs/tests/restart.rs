//! What a killed AWS leaves, and what its next start makes of it.

use std::{
    process::Stdio,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use super::{World, ground, run_input, shell};
use crate::{
    Store,
    ecs::{Ecs, ProcessRunner},
};

/// Whether the process runs; one that ended and was not yet waited for does not.
pub(super) fn is_alive(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
}

pub(super) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn store(dir: &tempfile::TempDir) -> Store {
    Store::open(dir.path()).unwrap()
}

/// Starts the script and dies without a word, as by `kill -9`; the script prints a process id.
fn die_while_running(dir: &tempfile::TempDir, script: &str) -> (String, i32) {
    let runtime = runtime();
    let (task, pid) = runtime.block_on(async {
        let mut world = World::open(ground(store(dir), 1.0));
        world.register("app", vec![shell("app", script)]);
        let mut told = world.ground.activity.listen();
        let task = world.run(run_input("app")).await;
        world.until(&task, "RUNNING").await;
        let pid = loop {
            if let (_, crate::Happening::Printed { line, .. }) = told.recv().await.unwrap() {
                break line.parse().unwrap();
            }
        };
        (task, pid)
    });
    // Everything that carried the task stops where it is.
    runtime.shutdown_background();
    (task, pid)
}

#[test]
fn what_a_killed_aws_left_running_is_ended_and_said_to_be_lost() {
    for script in [
        "echo $$; exec sleep 600",
        "sleep 600 & echo $!; wait",
        "env -i /bin/sleep 600 & echo $!; wait",
    ] {
        let dir = tempfile::tempdir().unwrap();
        let (task, pid) = die_while_running(&dir, script);
        assert!(is_alive(pid), "{script}");
        runtime().block_on(async {
            let mut world = World::open(ground(store(&dir), 1.0));
            assert!(!is_alive(pid), "{script}");
            let end = world.stopped(&task).await;
            assert_eq!(end["stopCode"], "InfrastructureHealth", "{script}");
            assert_eq!(end["containers"][0].get("exitCode"), None, "{script}");
            assert_eq!(end["version"], 5, "{script}");
            assert_eq!(world.describe(&task).await["tasks"][0]["lastStatus"], "STOPPED");
        });
    }
}

#[test]
fn a_process_of_the_same_number_is_let_be() {
    let dir = tempfile::tempdir().unwrap();
    let (task, ours) = die_while_running(&dir, "echo $$; exec sleep 600");
    let runtime = runtime();
    runtime.block_on(async {
        let mut other = tokio::process::Command::new("sleep");
        other.arg("600").process_group(0).stdout(Stdio::null()).stderr(Stdio::null());
        let other = other.kill_on_drop(true).spawn().unwrap();
        let pid = i32::try_from(other.id().unwrap()).unwrap();
        // The record now names a process that started at another time.
        let (id, mut row) = store(&dir).load::<Value>("ecs-task").unwrap().pop().unwrap();
        assert!(task.ends_with(&id));
        row["containers"][0]["mark"] = json!({"pid": pid, "started": "at another time"});
        store(&dir).write(&[crate::Change::put("ecs-task", id, &row)]).unwrap();
        let mut world = World::open(ground(store(&dir), 1.0));
        assert_eq!(world.stopped(&task).await["stopCode"], "InfrastructureHealth");
        assert!(is_alive(pid), "a stranger was killed");
        assert!(!is_alive(ours), "its environment named the container");
        drop(other);
    });
}

#[test]
fn an_event_not_handed_over_is_published_at_the_next_start_and_then_not_again() {
    let dir = tempfile::tempdir().unwrap();
    let runtime = runtime();
    let task = runtime.block_on(async {
        let ground = ground(store(&dir), 1.0);
        // It dies in the closure: nothing that follows an event of RUNNING is handed over.
        let publish = |detail: Value, _| {
            assert_ne!(detail["lastStatus"], "RUNNING", "as if killed here");
        };
        let ecs = Ecs::open(ground, Arc::new(publish), Arc::new(ProcessRunner::new())).unwrap();
        let mut world = World { ecs, ..World::open(super::ground(Store::memory().unwrap(), 1.0)) };
        world.events.close();
        world.call("CreateCluster", json!({"clusterName": "C"})).await.unwrap();
        world.register("app", vec![shell("app", "exec sleep 600")]);
        let task = world.run(run_input("app")).await;
        let drive = super::super::lock(&world.ecs.drives).remove(task.rsplit('/').next().unwrap());
        assert!(drive.unwrap().future.await.unwrap_err().is_panic());
        task
    });
    runtime.shutdown_background();
    let published = Arc::new(Mutex::new(Vec::new()));
    let reopen = || {
        let published = Arc::clone(&published);
        let publish = move |detail: Value, _| published.lock().unwrap().push(detail);
        Ecs::open(ground(store(&dir), 1.0), Arc::new(publish), Arc::new(ProcessRunner::new()))
            .unwrap()
    };
    drop(reopen());
    let told = super::course(&published.lock().unwrap());
    assert_eq!(
        told,
        ["3 RUNNING RUNNING", "4 DEPROVISIONING STOPPED", "5 STOPPED STOPPED"],
        "{task}"
    );
    drop(reopen());
    assert_eq!(published.lock().unwrap().len(), 3);
}
