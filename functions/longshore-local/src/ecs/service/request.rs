//! `CreateService`, `UpdateService`, `DeleteService`: read, and refused as far as that needs no
//! service.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::Fault;

use super::{
    super::{
        refusal::{given, invalid, parse, unsupported},
        request::Request,
    },
    record::Terms,
    rolling::is_set,
};

/// Longest name of a service in characters ("CreateService", API Reference).
const NAME_CHARS_MAX: usize = 255;

/// Most tasks of a service ("Amazon ECS service quotas").
const DESIRED_MAX: i64 = 5_000;

/// Longest `clientToken` in characters ("CreateService", API Reference).
const TOKEN_CHARS_MAX: usize = 36;

/// Members without whose effect a service would not be what it is on AWS.
const NOT_SERVED: [&str; 7] = [
    "loadBalancers",
    "serviceRegistries",
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
    "gatewayConnectors",
    "role",
];

/// Members that make a deployment, in the words of `RunTask`.
const DEPLOYED: [&str; 5] = [
    "taskDefinition",
    "launchType",
    "capacityProviderStrategy",
    "networkConfiguration",
    "platformVersion",
];

/// Members of [`Terms`].
const TERMS: [&str; 5] =
    ["placementStrategy", "placementConstraints", "propagateTags", "enableExecuteCommand", "tags"];

/// What the actions on one service read alike.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ServiceRequest {
    pub(super) cluster: Option<String>,
    #[serde(default)]
    pub(super) service: String,
    #[serde(default)]
    pub(super) service_name: String,
    desired_count: Option<i64>,
    client_token: Option<String>,
    scheduling_strategy: Option<String>,
    deployment_controller: Option<Value>,
    #[serde(default)]
    pub(super) force_new_deployment: bool,
    pub(super) force: Option<bool>,
}

impl ServiceRequest {
    /// Reads a request, and refuses what this AWS has not.
    pub(super) fn read(input: &Value) -> Result<Self, Fault> {
        let request: Self = parse(input.clone())?;
        if let Some(name) = NOT_SERVED.into_iter().find(|name| is_set(&input[*name])) {
            return Err(unsupported(&format!("{name} of a service")));
        }
        if request.scheduling_strategy.as_deref().is_some_and(|one| one != "REPLICA") {
            return Err(unsupported("a scheduling strategy other than REPLICA"));
        }
        let controller = request.deployment_controller.as_ref().map(|given| &given["type"]);
        if controller.is_some_and(|controller| controller != "ECS") {
            return Err(unsupported("a deployment controller other than ECS"));
        }
        request.desired()?;
        let token = request.client_token.as_deref().unwrap_or("-");
        let fits = (1..=TOKEN_CHARS_MAX).contains(&token.len());
        if !fits || !token.bytes().all(|c| c.is_ascii_graphic()) {
            return Err(invalid(format!(
                "clientToken must have 1 to {TOKEN_CHARS_MAX} ASCII characters from 33 to 126."
            )));
        }
        Ok(request)
    }

    /// `desiredCount`, when given.
    pub(super) fn desired(&self) -> Result<Option<u32>, Fault> {
        let Some(desired) = self.desired_count else { return Ok(None) };
        if !(0..=DESIRED_MAX).contains(&desired) {
            return Err(invalid(format!("desiredCount must be from 0 to {DESIRED_MAX}.")));
        }
        Ok(u32::try_from(desired).ok())
    }

    /// The name of a new service.
    pub(super) fn new_name(&self) -> Result<&str, Fault> {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let name = self.service_name.as_str();
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || !name.chars().all(is_name) {
            return Err(invalid(format!(
                "serviceName must have 1 to {NAME_CHARS_MAX} letters, digits, underscores or \
                 hyphens."
            )));
        }
        Ok(name)
    }
}

fn members(input: &Value, names: &[&str]) -> Map<String, Value> {
    let given = names.iter().filter(|name| !input[**name].is_null());
    given.map(|name| ((*name).to_owned(), input[*name].clone())).collect()
}

/// What of a request a deployment is made of.
pub(super) fn deployed(input: &Value) -> Map<String, Value> {
    members(input, &DEPLOYED)
}

/// The terms with what a request gives.
pub(super) fn terms(terms: &Terms, input: &Value) -> Result<Terms, Fault> {
    let mut all = json!(terms);
    for (name, value) in members(input, &TERMS) {
        all[name] = value;
    }
    parse(all)
}

/// A deployment's request and the terms of its service as the `RunTask` request that they amount
/// to, refused where ECS would refuse one.
pub(super) fn as_run_task(deployed: &Value, terms: &Terms) -> Result<Request, Fault> {
    let mut request = deployed.clone();
    for (name, value) in members(&json!(terms), &TERMS) {
        request[name] = value;
    }
    if request["propagateTags"] == "SERVICE" {
        request["propagateTags"] = json!("NONE");
    }
    Request::read(&given(request))
}
