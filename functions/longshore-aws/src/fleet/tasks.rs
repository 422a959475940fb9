//! Tasks of a fleet that are launched by RunTask.

use std::collections::BTreeMap;

use aws_sdk_ecs::{
    Client,
    operation::run_task::RunTaskOutput,
    types::{Failure, Task},
};
use longshore::{
    fleet::{Fate, FleetLaunch, task_id},
    run::{LaunchRefusal, judge_failure},
};
use longshore_engine::ports::{EcsError, LaunchTrouble};

use super::told;
use crate::ecs::{call, trouble};

/// Starts the tasks, and gives their ARNs.
pub(super) async fn launch(
    ecs: &Client,
    launch: &FleetLaunch<'_>,
) -> Result<Vec<String>, LaunchTrouble> {
    let call = call::run_task(ecs, launch.task, &launch.environment)
        .count(launch.count.cast_signed())
        .client_token(launch.token)
        .started_by(&launch.started_by)
        .group(&launch.group);
    match call.send().await {
        Ok(answer) => answered(&answer),
        Err(error) => Err(match trouble(&error) {
            LaunchTrouble::Refused(refusal) => {
                let reason = told(&error, &launch.task.cluster, "");
                LaunchTrouble::Refused(LaunchRefusal { reason, ..refusal })
            }
            other => other,
        }),
    }
}

/// What an answer with status 200 says: it may hold tasks, failures, both or neither.
fn answered(answer: &RunTaskOutput) -> Result<Vec<String>, LaunchTrouble> {
    let started: Vec<String> =
        answer.tasks().iter().filter_map(Task::task_arn).map(str::to_owned).collect();
    match answer.failures().first() {
        _ if !started.is_empty() => Ok(started),
        Some(failure) => Err(LaunchTrouble::Refused(judge_failure(reason(failure)))),
        None => {
            let said = "the answer had neither a task nor a failure";
            Err(LaunchTrouble::Unknown(said.into()))
        }
    }
}

fn reason(failure: &Failure) -> String {
    let parts = [failure.reason(), failure.detail()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// What became of the tasks.
pub(super) async fn fates(
    ecs: &Client,
    cluster: &str,
    tasks: &[String],
) -> Result<BTreeMap<String, Fate>, EcsError> {
    let call = ecs.describe_tasks().cluster(cluster).set_tasks(Some(tasks.to_vec()));
    let answer = call.send().await.map_err(|error| EcsError(told(&error, cluster, "")))?;
    let mut fates: BTreeMap<String, Fate> = BTreeMap::new();
    for failure in answer.failures() {
        if let (Some(arn), Some("MISSING")) = (failure.arn(), failure.reason()) {
            fates.insert(task_id(arn).to_owned(), Fate::Missing);
        }
    }
    for task in answer.tasks() {
        let fate = if task.last_status() == Some("STOPPED") { Fate::Stopped } else { Fate::Alive };
        fates.insert(task_id(task.task_arn().unwrap_or_default()).to_owned(), fate);
    }
    Ok(fates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_count_even_where_others_found_no_room() {
        let failure = Failure::builder().reason("RESOURCE:MEMORY").build();
        let task = Task::builder().task_arn("arn:task/c/1").build();
        let answer = RunTaskOutput::builder();
        assert!(matches!(answered(&answer.clone().build()), Err(LaunchTrouble::Unknown(_))));
        let answer = answer.failures(failure);
        let refused = answered(&answer.clone().build());
        assert!(matches!(refused, Err(LaunchTrouble::Refused(_))), "{refused:?}");
        assert_eq!(answered(&answer.tasks(task).build()).unwrap(), ["arn:task/c/1"]);
    }
}
