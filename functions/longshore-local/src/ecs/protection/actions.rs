//! `GetTaskProtection` and `UpdateTaskProtection`.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Fault;

use super::{
    super::{
        Ecs,
        describe::epoch,
        refusal::{invalid, parse},
        state::State,
        task::Task,
    },
    judge::{Reason, Wanted, judge},
};

/// Most tasks of one `UpdateTaskProtection` call (API Reference).
const UPDATED_MAX: usize = 10;

/// Most tasks of one `GetTaskProtection` call (API Reference).
const ASKED_MAX: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProtectionRequest {
    cluster: Option<String>,
    #[serde(default)]
    tasks: Vec<String>,
    protection_enabled: Option<bool>,
    expires_in_minutes: Option<i64>,
}

impl ProtectionRequest {
    fn read(input: Value, tasks_max: usize) -> Result<Self, Fault> {
        let request: Self = parse(input)?;
        if request.tasks.is_empty() {
            return Err(invalid("Tasks cannot be empty."));
        }
        if request.tasks.len() > tasks_max {
            return Err(invalid(format!("Tasks can have at most {tasks_max} items.")));
        }
        Ok(request)
    }
}

/// The protection of a task as it stands.
pub(super) fn shown(task: &Task, now: Timestamp) -> Value {
    let until = task.protected_until.filter(|_| task.is_protected(now));
    let mut shown = json!({"taskArn": task.arn, "protectionEnabled": until.is_some()});
    if let Some(until) = until {
        shown["expirationDate"] = epoch(until);
    }
    shown
}

impl Ecs {
    pub(in crate::ecs) fn get_task_protection(&self, input: Value) -> Result<Value, Fault> {
        let request = ProtectionRequest::read(input, ASKED_MAX)?;
        let now = self.ground.clock.now();
        let state = self.state();
        let cluster = state.cluster(request.cluster.as_deref())?;
        let answers = request.tasks.iter().map(|named| {
            let task = state.task(&cluster.arn, named, now).ok_or(Reason::Missing);
            let task = task.and_then(protectable);
            task.map(|task| shown(task, now)).map_err(|reason| (named.clone(), reason))
        });
        Ok(self.answer(&cluster.name, answers.collect()))
    }

    pub(in crate::ecs) fn update_task_protection(&self, input: Value) -> Result<Value, Fault> {
        let request = ProtectionRequest::read(input, UPDATED_MAX)?;
        let is_enabled = request.protection_enabled;
        let is_enabled = is_enabled.ok_or_else(|| invalid("protectionEnabled is required."))?;
        let wanted = Wanted::read(is_enabled, request.expires_in_minutes)?;
        let now = self.ground.clock.now();
        let mut state = self.state();
        let cluster = state.cluster(request.cluster.as_deref())?.clone();
        let mut answers = Vec::new();
        for named in &request.tasks {
            let task = state.task(&cluster.arn, named, now).cloned();
            let answer = match task {
                Some(task) => self.protect(&mut state, task, wanted, now)?,
                None => Err(Reason::Missing),
            };
            answers.push(answer.map(|task| shown(&task, now)).map_err(|why| (named.clone(), why)));
        }
        Ok(self.answer(&cluster.name, answers))
    }

    /// Changes the protection of one task, if it may be, and has its service looked at.
    pub(super) fn protect(
        &self,
        state: &mut State,
        mut task: Task,
        wanted: Wanted,
        now: Timestamp,
    ) -> Result<Result<Task, Reason>, Fault> {
        let key = task.service_key().unwrap_or_default();
        let desired = state.services.get(&key).map_or(0, |service| service.desired_count);
        let siblings = state.tasks_of(&key).into_iter();
        task.protected_until = match judge(&task, siblings, desired, wanted, now) {
            Ok(until) => until,
            Err(reason) => return Ok(Err(reason)),
        };
        self.ground.store.write(&[task.row()])?;
        state.put_task(task.clone());
        self.bell.ring(key);
        Ok(Ok(task))
    }

    fn answer(&self, cluster: &str, answers: Vec<Result<Value, (String, Reason)>>) -> Value {
        let (mut tasks, mut failures) = (Vec::new(), Vec::new());
        for answer in answers {
            match answer {
                Ok(task) => tasks.push(task),
                Err((named, reason)) => {
                    let arn = self.task_arn(cluster, &named);
                    failures.push(json!({"arn": arn, "reason": reason.name()}));
                }
            }
        }
        json!({"protectedTasks": tasks, "failures": failures})
    }
}

/// Whether there is a protection to be told of.
pub(super) fn protectable(task: &Task) -> Result<&Task, Reason> {
    if task.service.is_some() { Ok(task) } else { Err(Reason::TaskNotValid) }
}
