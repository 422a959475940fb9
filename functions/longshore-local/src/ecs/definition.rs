//! A revision of a task definition, and what this machine needs to run its containers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{Change, template::ContainerSpec};

use super::{describe::epoch, size};

/// Kind of a revision's row; its key is the ARN.
pub(super) const DEFINITION: &str = "ecs-definition";

/// Seconds from SIGTERM to SIGKILL unless told (`ContainerDefinition`, `stopTimeout`).
pub(super) const STOP_TIMEOUT_SECS: u32 = 30;

/// Bounds of `stopTimeout` in seconds, as Fargate has them.
const STOP_TIMEOUT_SECS_RANGE: (u32, u32) = (2, 120);

/// One revision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Definition {
    pub(super) arn: String,
    pub(super) family: String,
    pub(super) revision: u32,
    pub(super) registered_at: Timestamp,
    pub(super) deregistered_at: Option<Timestamp>,
    /// The members of `RegisterTaskDefinition`, with defaults filled in.
    pub(super) body: Map<String, Value>,
    pub(super) tags: Vec<Value>,
    pub(super) containers: Vec<Container>,
}

/// One container of a revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Container {
    pub(super) name: String,
    pub(super) image: String,
    pub(super) essential: bool,
    pub(super) command: Vec<String>,
    pub(super) environment: BTreeMap<String, String>,
    pub(super) stop_timeout_secs: u32,
    /// What stands for the image's entrypoint on this machine.
    pub(super) entrypoint: Option<Vec<String>>,
}

/// A name with a value, as ECS lists environment variables.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct KeyValue {
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) value: String,
}

/// One item of `containerDefinitions`, as far as this AWS acts on it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawContainer {
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) image: String,
    pub(super) essential: Option<bool>,
    #[serde(default)]
    command: Vec<String>,
    #[serde(default)]
    environment: Vec<KeyValue>,
    stop_timeout: Option<u32>,
    pub(super) memory: Option<i64>,
    pub(super) memory_reservation: Option<i64>,
}

impl Container {
    /// A container registered by an API call, with the entrypoint that it had before.
    pub(super) fn of_request(raw: RawContainer, earlier: &[Self]) -> Self {
        let known = earlier.iter().find(|known| known.name == raw.name);
        Self {
            entrypoint: known.and_then(|known| known.entrypoint.clone()),
            name: raw.name,
            image: raw.image,
            essential: raw.essential.unwrap_or(true),
            command: raw.command,
            environment: raw.environment.into_iter().map(|one| (one.name, one.value)).collect(),
            stop_timeout_secs: stop_timeout(raw.stop_timeout.unwrap_or(STOP_TIMEOUT_SECS)),
        }
    }

    /// A template's container.
    pub(super) fn of_template(spec: &ContainerSpec, image: String) -> Self {
        Self {
            name: spec.name.clone(),
            image,
            essential: spec.essential,
            command: spec.command.clone(),
            environment: spec.environment.clone(),
            stop_timeout_secs: stop_timeout(spec.stop_timeout_secs),
            entrypoint: spec.entrypoint.clone(),
        }
    }
}

fn stop_timeout(told: u32) -> u32 {
    let (least, most) = STOP_TIMEOUT_SECS_RANGE;
    told.clamp(least, most)
}

impl Definition {
    pub(super) fn row(&self) -> Change {
        Change::put(DEFINITION, &self.arn, self)
    }

    pub(super) fn is_active(&self) -> bool {
        self.deregistered_at.is_none()
    }

    /// Whether its tasks need `networkConfiguration`.
    pub(super) fn is_awsvpc(&self) -> bool {
        self.body.get("networkMode").and_then(Value::as_str) == Some("awsvpc")
    }

    /// Whether its tasks may run on that launch type.
    pub(super) fn supports(&self, launch_type: &str) -> bool {
        let required = self.body.get("requiresCompatibilities").and_then(Value::as_array);
        match required.filter(|required| !required.is_empty()) {
            Some(required) => required.iter().any(|one| one.as_str() == Some(launch_type)),
            None => launch_type != "FARGATE" || (self.is_awsvpc() && self.has_fargate_size()),
        }
    }

    fn has_fargate_size(&self) -> bool {
        let cpu = self.body.get("cpu").and_then(size::cpu_units);
        let memory = self.body.get("memory").and_then(size::memory_mib);
        cpu.zip(memory).is_some_and(|(cpu, memory)| size::exists_on_fargate(cpu, memory))
    }

    /// A text member of the definition.
    pub(super) fn text(&self, member: &str) -> Option<&str> {
        self.body.get(member).and_then(Value::as_str)
    }

    /// As `DescribeTaskDefinition` answers.
    pub(super) fn describe(&self) -> Value {
        let mut shown = self.body.clone();
        let fitting = ["EC2", "FARGATE"].into_iter().filter(|one| self.supports(one));
        shown.insert("compatibilities".into(), fitting.collect());
        shown.insert("taskDefinitionArn".into(), json!(self.arn));
        shown.insert("family".into(), json!(self.family));
        shown.insert("revision".into(), json!(self.revision));
        shown.insert("status".into(), json!(if self.is_active() { "ACTIVE" } else { "INACTIVE" }));
        shown.insert("registeredAt".into(), epoch(self.registered_at));
        if let Some(at) = self.deregistered_at {
            shown.insert("deregisteredAt".into(), epoch(at));
        }
        Value::Object(shown)
    }
}
