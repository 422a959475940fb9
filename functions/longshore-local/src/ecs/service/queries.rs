//! `DescribeServices` and `ListServices`.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::Fault;

use super::{
    super::{
        Ecs,
        page::page,
        refusal::{invalid, parse},
    },
    record::Service,
};

/// Most services of one `DescribeServices` call (API Reference).
const DESCRIBED_MAX: usize = 10;

/// Services of a page that says no `maxResults` ("ListServices", API Reference).
const PAGE_DEFAULT: i64 = 10;

#[derive(Deserialize)]
struct DescribeRequest {
    cluster: Option<String>,
    #[serde(default)]
    services: Vec<String>,
    #[serde(default)]
    include: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListRequest {
    cluster: Option<String>,
    launch_type: Option<String>,
    scheduling_strategy: Option<String>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

impl ListRequest {
    fn admits(&self, service: &Service) -> bool {
        let launch_type = service.primary().and_then(|one| one.request["launchType"].as_str());
        service.is_active()
            && self.launch_type.as_deref().is_none_or(|wanted| Some(wanted) == launch_type)
            && self.scheduling_strategy.as_deref().is_none_or(|wanted| wanted == "REPLICA")
    }
}

impl Ecs {
    pub(in crate::ecs) fn describe_services(&self, input: Value) -> Result<Value, Fault> {
        let request: DescribeRequest = parse(input)?;
        if request.services.is_empty() {
            return Err(invalid("Services cannot be empty."));
        }
        if request.services.len() > DESCRIBED_MAX {
            return Err(invalid(format!("Services can have at most {DESCRIBED_MAX} items.")));
        }
        let shows_tags = request.include.iter().any(|one| one == "TAGS");
        let state = self.state();
        let cluster = state.cluster(request.cluster.as_deref())?;
        let (mut services, mut failures) = (Vec::new(), Vec::new());
        for named in &request.services {
            let Some(service) = state.service(&cluster.name, named) else {
                let arn = || format!("service/{}/{named}", cluster.name);
                let is_arn = named.starts_with("arn:");
                let arn =
                    if is_arn { named.clone() } else { self.ground.account.arn("ecs", &arn()) };
                failures.push(json!({"arn": arn, "reason": "MISSING"}));
                continue;
            };
            let mut shown = self.describe_service(&state, service);
            if shows_tags {
                shown["tags"] = json!(service.terms.tags);
            }
            services.push(shown);
        }
        Ok(json!({"services": services, "failures": failures}))
    }

    pub(in crate::ecs) fn list_services(&self, input: Value) -> Result<Value, Fault> {
        let request: ListRequest = parse(input)?;
        let state = self.state();
        let cluster = state.cluster(request.cluster.as_deref())?;
        let wanted = state
            .services
            .values()
            .filter(|service| service.cluster_arn == cluster.arn && request.admits(service))
            .map(|service| (service.name.clone(), service.arn.clone()));
        let size = request.max_results.unwrap_or(PAGE_DEFAULT);
        let (arns, next) = page(wanted, request.next_token.as_deref(), Some(size), false)?;
        Ok(json!({"serviceArns": arns, "nextToken": next}))
    }
}
