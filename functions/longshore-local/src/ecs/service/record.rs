//! A service and its deployments, as they are kept.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Change;

use super::{rolling::Rolling, throttle::Throttle};

/// Kind of a service's row; its key is `CLUSTER/SERVICE`.
pub(in crate::ecs) const SERVICE: &str = "ecs-service";

/// Most events that a service keeps ("Service", API Reference).
const EVENTS_MAX: usize = 100;

/// Where a service is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum ServiceStatus {
    Active,
    Draining,
    Inactive,
}

/// How far a deployment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum RolloutState {
    InProgress,
    Completed,
    Failed,
}

/// What was said last of a service that does not move, so that it is said once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Standstill {
    /// It is as it shall be.
    Steady,
    /// Protected tasks are in the way.
    Protected,
    /// Its deployment configuration leaves no room for a step.
    Configuration,
}

/// One service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::ecs) struct Service {
    pub(in crate::ecs) name: String,
    pub(in crate::ecs) arn: String,
    /// Name of its cluster.
    pub(in crate::ecs) cluster: String,
    pub(in crate::ecs) cluster_arn: String,
    pub(super) status: ServiceStatus,
    pub(in crate::ecs) desired_count: u32,
    pub(super) created_at: Timestamp,
    pub(super) rolling: Rolling,
    pub(super) terms: Terms,
    /// The PRIMARY one first, then those whose tasks are being replaced.
    pub(super) deployments: Vec<Deployment>,
    /// The last one that completed, to which a failed one is rolled back.
    pub(super) completed: Option<Completed>,
    /// The newest first.
    pub(super) events: VecDeque<Event>,
    /// Events told so far, which gives each its number.
    pub(super) events_told: u64,
    pub(super) standstill: Option<Standstill>,
    /// What is the same in two equal `CreateService` calls.
    pub(super) digest: String,
    /// The template's request, if a template declared it.
    pub(super) declared: Option<Value>,
}

/// What holds for all new tasks of a service, whatever their deployment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Terms {
    pub(super) placement_strategy: Vec<Value>,
    pub(super) placement_constraints: Vec<Value>,
    pub(super) propagate_tags: Option<String>,
    pub(super) enable_execute_command: bool,
    pub(super) tags: Vec<Value>,
}

/// One deployment: tasks that are alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Deployment {
    /// `ecs-svc/…`, which is also `startedBy` of its tasks.
    pub(super) id: String,
    /// Task definition, capacity, network and platform version, in the words of `RunTask`.
    pub(super) request: Value,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    pub(super) rollout: RolloutState,
    pub(super) reason: String,
    /// Tasks in a row that never ran.
    pub(super) failed_tasks: u64,
    pub(super) throttle: Throttle,
}

/// What a deployment that completed was made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Completed {
    pub(super) id: String,
    pub(super) request: Value,
}

/// One event of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Event {
    pub(super) number: u64,
    pub(super) at: Timestamp,
    pub(super) message: String,
}

impl Service {
    /// Key of its row.
    pub(in crate::ecs) fn key(&self) -> String {
        format!("{}/{}", self.cluster, self.name)
    }

    pub(in crate::ecs) fn row(&self) -> Change {
        Change::put(SERVICE, self.key(), self)
    }

    pub(in crate::ecs) fn is_active(&self) -> bool {
        self.status == ServiceStatus::Active
    }

    /// The deployment that new tasks are of.
    pub(super) fn primary(&self) -> Option<&Deployment> {
        self.deployments.first()
    }

    /// Makes another deployment the PRIMARY one.
    pub(super) fn deploy(&mut self, id: &str, request: Value, now: Timestamp) {
        self.deployments.insert(0, Deployment::new(id, request, now));
        self.standstill = None;
    }

    /// Adds an event about this service, and forgets the oldest beyond the limit.
    pub(super) fn say(&mut self, now: Timestamp, message: &str) {
        let message = format!("(service {}) {message}", self.name);
        self.events.push_front(Event { number: self.events_told, at: now, message });
        self.events_told += 1;
        self.events.truncate(EVENTS_MAX);
    }

    /// The same, unless it was the last thing said of a standstill.
    pub(super) fn stand_still(&mut self, why: Standstill, now: Timestamp, message: &str) {
        if self.standstill != Some(why) {
            self.standstill = Some(why);
            self.say(now, message);
        }
    }

    /// A deployment's part of a `RunTask` request, with everything that its tasks are given.
    pub(super) fn order_of(&self, deployment: &Deployment) -> Value {
        let mut request = deployment.request.clone();
        request["group"] = json!(format!("service:{}", self.name));
        request["startedBy"] = json!(deployment.id);
        request["placementStrategy"] = json!(self.terms.placement_strategy);
        request["placementConstraints"] = json!(self.terms.placement_constraints);
        request["enableExecuteCommand"] = json!(self.terms.enable_execute_command);
        match self.terms.propagate_tags.as_deref() {
            Some("TASK_DEFINITION") => request["propagateTags"] = json!("TASK_DEFINITION"),
            Some("SERVICE") => request["tags"] = json!(self.terms.tags),
            _ => {}
        }
        request
    }
}

impl Deployment {
    fn new(id: &str, request: Value, now: Timestamp) -> Self {
        Self {
            id: id.into(),
            request,
            created_at: now,
            updated_at: now,
            rollout: RolloutState::InProgress,
            reason: format!("ECS deployment {id} in progress."),
            failed_tasks: 0,
            throttle: Throttle::default(),
        }
    }

    /// Turns to another state.
    pub(super) fn turn(&mut self, rollout: RolloutState, reason: String, now: Timestamp) {
        self.rollout = rollout;
        self.reason = reason;
        self.updated_at = now;
    }
}
