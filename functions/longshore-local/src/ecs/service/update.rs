//! `UpdateService`: what makes a new deployment, and what only changes the count.

use serde_json::{Value, json};

use crate::Fault;

use super::{
    super::{
        Ecs,
        refusal::{client, no_definition, service_not_active, service_not_found},
        state::State,
    },
    actions::{checked, deployment_id},
    record::Service,
    request::{ServiceRequest, deployed, terms},
};

impl Ecs {
    pub(in crate::ecs) fn update_service(&self, input: &Value) -> Result<Value, Fault> {
        let request = ServiceRequest::read(input)?;
        let now = self.ground.clock.now();
        let mut state = self.state();
        let cluster = state.cluster(request.cluster.as_deref())?;
        let service = state.service(&cluster.name, &request.service);
        let mut service = service.ok_or_else(service_not_found)?.clone();
        if !service.is_active() {
            return Err(service_not_active());
        }
        service.rolling = service.rolling.with(input.get("deploymentConfiguration"))?;
        let before = service.terms.clone();
        service.terms = terms(&before, input)?;
        let deployed = redeployed(&state, &service, input)?;
        let is_other = service.primary().is_none_or(|primary| primary.request != deployed)
            || service.terms.enable_execute_command != before.enable_execute_command;
        if is_other || request.force_new_deployment {
            service.deploy(&deployment_id()?, deployed, now);
        }
        if let Some(desired) = request.desired()? {
            service.desired_count = desired;
        }
        self.ground.store.write(&[service.row()])?;
        state.put_service(service.clone());
        let answer = json!({"service": self.describe_service(&state, &service)});
        drop(state);
        self.bell.ring(service.key());
        Ok(answer)
    }
}

/// What the PRIMARY deployment is made of, with what the request gives.
fn redeployed(state: &State, service: &Service, input: &Value) -> Result<Value, Fault> {
    let primary = service.primary().map(|primary| primary.request.clone());
    let mut request = primary.unwrap_or_else(|| json!({}));
    let given = deployed(input);
    let is_active = |named: &Value| {
        let definition = named.as_str().and_then(|named| state.definition(named));
        definition.map(super::super::definition::Definition::is_active)
    };
    if let Some(named) = given.get("taskDefinition")
        && !is_active(named).ok_or_else(no_definition)?
    {
        return Err(client("TaskDefinition is inactive"));
    }
    if given.contains_key("capacityProviderStrategy")
        && let Some(members) = request.as_object_mut()
    {
        members.remove("launchType");
    }
    for (name, value) in given {
        request[name] = value;
    }
    checked(state, &request, &service.terms, &service.cluster_arn)
}
