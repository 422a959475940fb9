//! A `RunTask` request, read and checked as far as that needs no task definition.

use serde::Deserialize;
use serde_json::Value;

use crate::Fault;

use super::{capacity::StrategyItem, checks, definition::KeyValue, refusal::parse};

/// A `RunTask` request. Members that change nothing here are read and let be.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Request {
    pub(super) task_definition: String,
    pub(super) cluster: Option<String>,
    pub(super) count: Option<i64>,
    pub(super) launch_type: Option<String>,
    pub(super) capacity_provider_strategy: Vec<StrategyItem>,
    network_configuration: Option<NetworkConfiguration>,
    pub(super) overrides: Overrides,
    pub(super) placement_constraints: Vec<Constraint>,
    pub(super) placement_strategy: Vec<Strategy>,
    pub(super) platform_version: Option<String>,
    pub(super) group: Option<String>,
    pub(super) started_by: Option<String>,
    pub(super) propagate_tags: Option<String>,
    pub(super) tags: Vec<Tag>,
    pub(super) enable_execute_command: bool,
    pub(super) client_token: Option<String>,
    pub(super) volume_configurations: Vec<Value>,
    /// Capacity providers of the tasks that a service has already: base and weights count them.
    #[serde(skip)]
    pub(super) has_on: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NetworkConfiguration {
    awsvpc_configuration: Option<Network>,
}

/// `awsvpcConfiguration`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Network {
    pub(super) subnets: Vec<String>,
    pub(super) security_groups: Vec<String>,
    pub(super) assign_public_ip: Option<String>,
}

/// `overrides`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Overrides {
    #[serde(rename = "containerOverrides")]
    pub(super) containers: Vec<ContainerOverride>,
    pub(super) cpu: Option<String>,
    pub(super) memory: Option<String>,
    pub(super) task_role_arn: Option<String>,
    pub(super) ephemeral_storage: Option<EphemeralStorage>,
}

/// One item of `containerOverrides`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ContainerOverride {
    pub(super) name: String,
    pub(super) command: Vec<String>,
    pub(super) environment: Vec<KeyValue>,
}

/// `ephemeralStorage`
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct EphemeralStorage {
    #[serde(rename = "sizeInGiB")]
    pub(super) size_gib: i64,
}

/// One placement constraint
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Constraint {
    pub(super) r#type: String,
    #[serde(default)]
    pub(super) expression: String,
}

/// One placement strategy
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Strategy {
    pub(super) r#type: String,
    #[serde(default)]
    pub(super) field: String,
}

/// One tag
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Tag {
    pub(super) key: String,
    #[serde(default)]
    pub(super) value: String,
}

impl Request {
    pub(super) fn read(input: &Value) -> Result<Self, Fault> {
        let request: Self = parse(input.clone())?;
        checks::check(&request, input)?;
        Ok(request)
    }

    /// `awsvpcConfiguration`, when given.
    pub(super) fn network(&self) -> Option<&Network> {
        self.network_configuration.as_ref()?.awsvpc_configuration.as_ref()
    }
}
