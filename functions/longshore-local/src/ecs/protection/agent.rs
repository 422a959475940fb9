//! The task protection endpoint of the container agent, which calls ECS for the task.
//!
//! Its answers are those of the agent (amazon-ecs-agent, `taskprotection/v1`): what ECS lists in
//! `failures[]` has status 200, an error has ECS's own status, and a field that is not known 400.

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Fault;

use super::{
    super::{Ecs, describe::iso, refusal::invalid, task::Task},
    actions::protectable,
    judge::{Reason, Wanted},
};

/// What the agent says of a call that ECS did not answer in time.
pub(crate) const AGENT_TIMEOUT: (u16, &str, &str) =
    (504, "RequestCanceled", "Timed out calling ECS Task Protection API");

/// Status and body.
pub(crate) type AgentAnswer = (u16, Value);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PutRequest {
    protection_enabled: Option<bool>,
    expires_in_minutes: Option<i64>,
}

/// An error as the agent writes it.
pub(crate) fn agent_error(arn: &str, fault: &Fault) -> AgentAnswer {
    let mut error = json!({"Code": fault.code, "Message": fault.message});
    if !arn.is_empty() {
        error["Arn"] = json!(arn);
    }
    (fault.status, json!({"error": error}))
}

fn failure(arn: &str, reason: Reason) -> AgentAnswer {
    (200, json!({"failure": {"Arn": arn, "Detail": null, "Reason": reason.name()}}))
}

impl Ecs {
    /// ARN of the task whose container asks, when there is one.
    pub(crate) fn task_of_container(&self, container_id: &str) -> Option<String> {
        self.with_container(container_id).map(|task| task.arn)
    }

    /// Answers a GET or a PUT of the endpoint for the container of that id.
    pub(crate) fn agent(&self, method: &Method, container_id: &str, body: &[u8]) -> AgentAnswer {
        let request = (*method == Method::PUT).then(|| serde_json::from_slice(body));
        let Ok(request): Result<Option<PutRequest>, _> = request.transpose() else {
            let fault = invalid("UpdateTaskProtection: failed to decode request");
            return agent_error("", &fault);
        };
        let Some(task) = self.with_container(container_id) else {
            let message = "Failed to find a task for the request";
            let fault = Fault::client("ResourceNotFoundException", message);
            return agent_error("", &Fault { status: 404, ..fault });
        };
        let arn = task.arn.clone();
        let answer = match request {
            None => Ok(protectable(&task).cloned()),
            Some(request) => self.put(task, &request),
        };
        match answer {
            Ok(Ok(task)) => self.protection(&task),
            Ok(Err(reason)) => failure(&arn, reason),
            Err(fault) => agent_error(&arn, &fault),
        }
    }

    fn put(&self, task: Task, request: &PutRequest) -> Result<Result<Task, Reason>, Fault> {
        let is_enabled = request.protection_enabled.ok_or_else(|| {
            invalid("Invalid request: does not contain 'ProtectionEnabled' field")
        })?;
        let wanted = Wanted::read(is_enabled, request.expires_in_minutes)?;
        let mut state = self.state();
        // It may have changed since the container was found.
        let task = state.tasks.get(&task.id).cloned().unwrap_or(task);
        self.protect(&mut state, task, wanted, self.ground.clock.now())
    }

    fn protection(&self, task: &Task) -> AgentAnswer {
        let is_protected = task.is_protected(self.ground.clock.now());
        let until = task.protected_until.filter(|_| is_protected).map(iso);
        let protection = json!({
            "ExpirationDate": until,
            "ProtectionEnabled": is_protected,
            "TaskArn": task.arn,
        });
        (200, json!({"protection": protection}))
    }

    fn with_container(&self, container_id: &str) -> Option<Task> {
        let state = self.state();
        let task = state.tasks.get(container_id.split('-').next()?)?;
        let has_it = task.containers.iter().any(|container| container.id == container_id);
        has_it.then(|| task.clone())
    }
}
