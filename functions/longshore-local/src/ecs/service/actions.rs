//! `CreateService` and `DeleteService`, and services that a template declares.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{Fault, template::ServiceSpec};

use super::{
    super::{
        Ecs,
        plan::plan,
        refusal::{client, invalid, no_definition, service_not_found},
        state::State,
        token,
    },
    record::{Service, ServiceStatus, Terms},
    request::{ServiceRequest, as_run_task, deployed, terms},
    rolling::Rolling,
};

/// Most services of this AWS ("Services per cluster", Amazon ECS service quotas).
const SERVICES_MAX: usize = 5_000;

/// Digits of a deployment's id, as many as AWS's have.
const ID_DIGITS: u64 = 10_u64.pow(19);

impl State {
    /// The service of a request: a name or an ARN.
    pub(in crate::ecs) fn service(&self, cluster: &str, named: &str) -> Option<&Service> {
        let name = named.rsplit('/').next().unwrap_or(named);
        let service = self.services.get(&format!("{cluster}/{name}"))?;
        (!named.starts_with("arn:") || named == service.arn).then_some(service)
    }
}

/// Another `ecs-svc/…`.
pub(super) fn deployment_id() -> Result<String, Fault> {
    let random =
        getrandom::u64().map_err(|error| Fault::server(format!("no random id: {error}")))?;
    Ok(format!("ecs-svc/{:019}", random % ID_DIGITS))
}

impl Ecs {
    pub(in crate::ecs) fn create_service(&self, input: &Value) -> Result<Value, Fault> {
        let request = ServiceRequest::read(input)?;
        let name = request.new_name()?.to_owned();
        let now = self.ground.clock.now();
        let mut state = self.state();
        let cluster = state.cluster(request.cluster.as_deref())?;
        let digest = token::digest(input);
        match state.service(&cluster.name, &name) {
            Some(known) if known.status == ServiceStatus::Draining => {
                return Err(invalid("Unable to Start a service that is still Draining."));
            }
            Some(known) if known.is_active() && known.digest == digest => {
                return Ok(json!({"service": self.describe_service(&state, known)}));
            }
            Some(known) if known.is_active() => {
                return Err(invalid("Creation of service was not idempotent."));
            }
            _ => {}
        }
        if state.services.len() >= SERVICES_MAX {
            return Err(client("The maximum number of services has been reached."));
        }
        let desired = request.desired()?.ok_or_else(|| {
            invalid("desiredCount is required when the scheduling strategy is REPLICA.")
        })?;
        let mut service = self.new_service(&state, input, &cluster.name, name, now)?;
        service.desired_count = desired;
        service.digest = digest;
        self.ground.store.write(&[service.row()])?;
        state.put_service(service.clone());
        let answer = json!({"service": self.describe_service(&state, &service)});
        drop(state);
        self.bell.ring(service.key());
        Ok(answer)
    }

    fn new_service(
        &self,
        state: &State,
        input: &Value,
        cluster: &str,
        name: String,
        now: Timestamp,
    ) -> Result<Service, Fault> {
        let cluster = state.cluster(Some(cluster))?;
        let terms = terms(&Terms::default(), input)?;
        let deployed = checked(state, &Value::Object(deployed(input)), &terms, &cluster.arn)?;
        let mut service = Service {
            arn: self.ground.account.arn("ecs", &format!("service/{}/{name}", cluster.name)),
            name,
            cluster: cluster.name.clone(),
            cluster_arn: cluster.arn.clone(),
            status: ServiceStatus::Active,
            desired_count: 0,
            created_at: now,
            rolling: Rolling::default().with(input.get("deploymentConfiguration"))?,
            terms,
            deployments: Vec::new(),
            completed: None,
            events: VecDeque::new(),
            events_told: 0,
            standstill: None,
            digest: String::new(),
            declared: None,
        };
        service.deploy(&deployment_id()?, deployed, now);
        Ok(service)
    }

    pub(in crate::ecs) fn delete_service(&self, input: &Value) -> Result<Value, Fault> {
        let request = ServiceRequest::read(input)?;
        let mut state = self.state();
        let cluster = state.cluster(request.cluster.as_deref())?;
        let service = state.service(&cluster.name, &request.service);
        let service = service.filter(|service| service.status != ServiceStatus::Inactive);
        let mut service = service.ok_or_else(service_not_found)?.clone();
        if service.desired_count > 0 && request.force != Some(true) {
            return Err(invalid("The service cannot be stopped while it is scaled above 0."));
        }
        service.status = ServiceStatus::Draining;
        service.desired_count = 0;
        self.ground.store.write(&[service.row()])?;
        state.put_service(service.clone());
        let answer = json!({"service": self.describe_service(&state, &service)});
        drop(state);
        self.bell.ring(service.key());
        Ok(answer)
    }

    /// Makes a template's service. One that exists stays as it is, unless the template is another
    /// one now: then it is updated as CloudFormation would, its desired count only if the template
    /// says it.
    pub(crate) fn declare_service(&self, spec: &ServiceSpec) -> Result<(), Fault> {
        let known = {
            let state = self.state();
            let known = state.service(&spec.cluster, &spec.name);
            known.filter(|known| known.is_active()).map(|known| known.declared.clone())
        };
        match known {
            Some(declared) if declared.as_ref() == Some(&spec.create) => return Ok(()),
            Some(_) => {
                let mut update = spec.create.clone();
                update["service"] = json!(spec.name);
                self.update_service(&update)?;
            }
            None => {
                let mut create = spec.create.clone();
                if create["desiredCount"].is_null() {
                    create["desiredCount"] = json!(1);
                }
                self.create_service(&create)?;
            }
        }
        let mut state = self.state();
        let service = state.service(&spec.cluster, &spec.name).cloned();
        let Some(mut service) = service else { return Ok(()) };
        service.declared = Some(spec.create.clone());
        self.ground.store.write(&[service.row()])?;
        state.put_service(service);
        Ok(())
    }
}

/// A deployment's request with its revision and its capacity, if ECS would start tasks of it.
pub(super) fn checked(
    state: &State,
    deployed: &Value,
    terms: &Terms,
    cluster_arn: &str,
) -> Result<Value, Fault> {
    let request = as_run_task(deployed, terms)?;
    let cluster = state.cluster(Some(cluster_arn))?;
    let definition = state.definition(&request.task_definition).ok_or_else(no_definition)?;
    let capacities = plan(&request, definition, cluster)?;
    let mut deployed = deployed.clone();
    deployed["taskDefinition"] = json!(definition.arn);
    if request.launch_type.is_none() && request.capacity_provider_strategy.is_empty() {
        match cluster.default_strategy() {
            strategy if strategy.is_empty() => {
                deployed["launchType"] = json!(capacities.first().map(|one| &one.launch_type));
            }
            strategy => deployed["capacityProviderStrategy"] = json!(strategy),
        }
    }
    Ok(deployed)
}
