//! The runs of a trigger with `launch: pool` are done by the workers of a queue, once each, whoever is
//! killed; and what people see and do is as with a task for each run.

use std::collections::{BTreeMap, BTreeSet};

use rustix::process::Signal;

use crate::stand::{RunRow, Stand, Template, eventually, kill, pids_with};

const QUEUE: &str = "longshore-work";

/// The repository's template, whose uploads are work for a pool.
fn stand(template: &Template, arguments: &[&str]) -> Stand {
    let mut all = vec!["--parameter", "Launch=pool", "--parameter", "MaxTasks=4"];
    all.extend(arguments);
    Stand::of(template, &all)
}

/// Workers of the queue that live, without their commands.
fn workers(stand: &Stand) -> Vec<u32> {
    let ours = pids_with(&format!("LONGSHORE_QUEUE={}/000000000000/{QUEUE}", stand.dev.endpoint));
    let polls = |pid: &u32| {
        let line = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.split('\0').any(|word| word == "poll" || word == "--poll")
    };
    ours.into_iter().filter(polls).collect()
}

/// Definitions of the tasks that were started.
async fn started(stand: &Stand) -> BTreeSet<String> {
    let mut definitions = BTreeSet::new();
    for status in ["RUNNING", "STOPPED"] {
        let list = stand.ecs.list_tasks().cluster("longshore-Cluster");
        let tasks = list.desired_status(status.into()).send().await.unwrap().task_arns.unwrap();
        for tasks in tasks.chunks(100) {
            let call = stand.ecs.describe_tasks().cluster("longshore-Cluster");
            let told = call.set_tasks(Some(tasks.to_vec())).send().await.unwrap();
            let names = told.tasks.unwrap_or_default().into_iter();
            definitions.extend(names.filter_map(|task| task.task_definition_arn));
        }
    }
    definitions
}

async fn all_ended(stand: &Stand, count: usize) -> Vec<RunRow> {
    eventually("the end of every run", || async {
        let runs = stand.runs().await;
        (runs.len() == count && runs.iter().all(RunRow::has_ended)).then_some(runs)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_become_rows_once_each_while_workers_are_killed() {
    const OBJECTS: usize = 120;
    const VERSIONS: usize = 2;
    let stand = stand(&Template::of_repository(), &[]);
    let mut versions = BTreeSet::new();
    for version in 0..VERSIONS {
        for number in 0..OBJECTS {
            let rows = format!("id,version\nr{number},{version}\n");
            versions.insert(stand.upload(&format!("{number}.csv"), rows).await);
        }
    }
    eventually("rows of a tenth", || async {
        (stand.items().await.len() > OBJECTS / 10).then_some(())
    })
    .await;
    for pid in workers(&stand).into_iter().step_by(2) {
        kill(pid, Signal::KILL);
    }
    let runs = all_ended(&stand, OBJECTS * VERSIONS).await;
    let newest = (0..OBJECTS).map(|number| (format!("r{number}"), (VERSIONS - 1).to_string()));
    let rows = stand.items().await.into_iter();
    let rows = rows.map(|mut it| (it.remove("id").unwrap(), it.remove("version").unwrap()));
    assert_eq!(rows.collect::<BTreeMap<_, _>>(), newest.collect());
    assert_eq!(versions.len(), runs.len());
    for run in &runs {
        assert!(["succeeded", "superseded"].contains(&run.state().as_str()), "{run:?}");
    }
    let definitions = started(&stand).await;
    assert!(definitions.iter().all(|it| it.contains("task-definition/longshore-poll:")));
    assert_eq!(stand.depth("failed").await, 0);
    eventually("an empty queue", || async { (stand.depth("work").await == 0).then_some(()) }).await;
    eventually("the end of the fleet", || async { workers(&stand).is_empty().then_some(()) }).await;

    let done = runs.iter().find(|run| run.state() == "succeeded").unwrap();
    let why = stand.longshore(&["why", &done.id()]).well();
    for told in ["lies in the queue of its pool", "does the work", "the work is done"] {
        assert!(why.contains(told), "{told}: {why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_has_the_contract_of_a_task_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let said = dir.path().join("said");
    let script = format!(
        "echo $LONGSHORE_KEY $LONGSHORE_ATTEMPT $(wc -l < $LONGSHORE_INPUT_FILE) >> {}; \
         case $LONGSHORE_KEY in rejects*) exit 3;; sleeps*) sleep 600;; fails*) exit 1;; esac",
        said.display()
    );
    let task = format!("PollTask={} exec --poll -- sh -c '{script}'", crate::stand::PROGRAM);
    let template = Template::of_repository().quick_attempts();
    let stand = stand(&template, &["--task", &task]);
    for key in ["does", "rejects", "fails", "sleeps"] {
        stand.upload(key, "id\n1\n").await;
    }
    for (key, state, attempts, reason) in [
        ("does", "succeeded", "1", "the work is done"),
        ("rejects", "failed", "1", "code 3"),
        ("fails", "failed", "3", "code 1"),
    ] {
        let run = stand.ended(key).await;
        let told = [run.state(), run.text(&["att"])];
        assert_eq!(told, [state, attempts], "{run:?}");
        assert!(run.text(&["outcome", "reason"]).contains(reason), "{run:?}");
    }
    let sleeping = eventually("the one that sleeps", || async {
        stand.runs_of("sleeps").await.into_iter().find(|run| run.state() == "running")
    })
    .await;
    stand.longshore(&["cancel", &sleeping.id()]).well();
    assert_eq!(stand.ended("sleeps").await.state(), "cancelled");
    let worker = stand.ecs.describe_tasks().cluster("longshore-Cluster");
    let worker = worker.tasks(sleeping.text(&["exec"])).send().await.unwrap().tasks.unwrap();
    assert_eq!(worker[0].last_status(), Some("RUNNING"), "its worker goes on");
    let said = std::fs::read_to_string(said).unwrap();
    for line in ["does 1 1", "rejects 1 1", "fails 1 1", "fails 2 1", "fails 3 1", "sleeps 1 1"] {
        assert_eq!(said.lines().filter(|it| *it == line).count(), 1, "{line}: {said}");
    }
    let failed = stand.take("failed").await.body.unwrap();
    let failed: serde_json::Value = serde_json::from_str(&failed).unwrap();
    assert_eq!(failed["logs"]["container"], "worker", "{failed}");
}
