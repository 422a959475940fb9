//! `DescribeTasks` and `ListTasks`.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Chaos, Fault};

use super::{
    Ecs, describe,
    page::page,
    refusal::{invalid, parse, service_not_found},
    task::{Status, Task},
};

/// Most tasks of one `DescribeTasks` call (`DescribeTasks` API reference).
const DESCRIBED_MAX: usize = 100;

/// How long a task is new. Callers are told to look again, starting with a couple of seconds of
/// wait ("RunTask" on eventual consistency, Amazon ECS API Reference).
const NEW: SignedDuration = SignedDuration::from_secs(5);

#[derive(Deserialize)]
struct DescribeRequest {
    cluster: Option<String>,
    #[serde(default)]
    tasks: Vec<String>,
    #[serde(default)]
    include: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ListRequest {
    cluster: Option<String>,
    container_instance: Option<String>,
    family: Option<String>,
    service_name: Option<String>,
    started_by: Option<String>,
    desired_status: Option<String>,
    launch_type: Option<String>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

impl ListRequest {
    fn check(&self) -> Result<(), Fault> {
        let others =
            [&self.container_instance, &self.family, &self.service_name, &self.launch_type];
        let has_others = others.iter().any(|one| one.is_some()) || self.desired_status.is_some();
        if self.started_by.is_some() && has_others {
            return Err(invalid("startedBy must be the only filter of ListTasks."));
        }
        match self.desired_status.as_deref() {
            None | Some("RUNNING" | "PENDING" | "STOPPED") => Ok(()),
            Some(other) => Err(invalid(format!("Invalid desiredStatus '{other}'."))),
        }
    }

    fn admits(&self, task: &Task) -> bool {
        let is = |wanted: &Option<String>, has: &str| wanted.as_ref().is_none_or(|it| it == has);
        let desired = self.desired_status.as_deref().unwrap_or(Status::Running.name());
        // No task here is of one of several instances.
        self.container_instance.is_none()
            && self
                .service_name
                .as_deref()
                .is_none_or(|name| task.service.as_deref() == Some(name_of(name)))
            && task.desired_status.name() == desired
            && is(&self.family, &task.family)
            && is(&self.launch_type, &task.launch_type)
            && is(&self.started_by, task.started_by.as_deref().unwrap_or_default())
    }
}

/// The name in a name or an ARN of a service.
fn name_of(named: &str) -> &str {
    named.rsplit('/').next().unwrap_or(named)
}

impl Ecs {
    pub(super) fn describe_tasks(&self, input: Value) -> Result<Value, Fault> {
        let request: DescribeRequest = parse(input)?;
        if request.tasks.is_empty() {
            return Err(invalid("Tasks cannot be empty."));
        }
        if request.tasks.len() > DESCRIBED_MAX {
            return Err(invalid(format!("Tasks can have at most {DESCRIBED_MAX} items.")));
        }
        let shows_tags = request.include.iter().any(|one| one == "TAGS");
        let now = self.ground.clock.now();
        let state = self.state();
        let cluster = state.cluster(request.cluster.as_deref())?;
        let (mut tasks, mut failures) = (Vec::new(), Vec::new());
        for named in &request.tasks {
            let known = state.task(&cluster.arn, named, now);
            let Some(task) = known.filter(|task| !self.is_missed(task, now)) else {
                failures
                    .push(json!({"arn": self.task_arn(&cluster.name, named), "reason": "MISSING"}));
                continue;
            };
            let mut shown = describe::api(task);
            shown["tags"] = if shows_tags { json!(task.tags) } else { json!([]) };
            tasks.push(shown);
        }
        Ok(json!({"tasks": tasks, "failures": failures}))
    }

    /// Whether chaos hides a task that is new.
    fn is_missed(&self, task: &Task, now: Timestamp) -> bool {
        now.duration_since(task.created_at) < NEW
            && self.chaos.get().is_some_and(Chaos::misses_new_task)
    }

    pub(super) fn task_arn(&self, cluster: &str, named: &str) -> String {
        if named.starts_with("arn:") {
            return named.to_owned();
        }
        self.ground.account.arn("ecs", &format!("task/{cluster}/{named}"))
    }

    pub(super) fn list_tasks(&self, input: Value) -> Result<Value, Fault> {
        let request: ListRequest = parse(input)?;
        request.check()?;
        let now = self.ground.clock.now();
        let state = self.state();
        let cluster = state.cluster(request.cluster.as_deref())?;
        if let Some(named) = &request.service_name {
            state.service(&cluster.name, named).ok_or_else(service_not_found)?;
        }
        let wanted = state
            .tasks
            .values()
            .filter(|task| task.cluster_arn == cluster.arn && task.is_visible(now))
            .filter(|task| request.admits(task))
            .map(|task| (task.id.clone(), task.arn.clone()));
        let token = request.next_token.as_deref();
        let (arns, next) = page(wanted, token, request.max_results, false)?;
        Ok(json!({"taskArns": arns, "nextToken": next}))
    }
}
