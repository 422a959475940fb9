//! A service whose desired count is set.

use aws_sdk_ecs::{Client, types};
use longshore::fleet::Service;
use longshore_engine::ports::EcsError;

use super::{no_service, told};

/// Status of the newest deployment of a service (DescribeServices API reference).
const NEWEST: &str = "PRIMARY";
/// Status of a service that was deleted: it is told of for a while.
const DELETED: &str = "INACTIVE";

pub(super) async fn describe(
    ecs: &Client,
    cluster: &str,
    service: &str,
) -> Result<Service, EcsError> {
    let call = ecs.describe_services().cluster(cluster).services(service);
    let answer = call.send().await;
    let answer = answer.map_err(|error| EcsError(told(&error, cluster, service)))?;
    let found = answer.services().first().filter(|found| found.status() != Some(DELETED));
    found.map(seen).ok_or_else(|| EcsError(no_service(cluster, service)))
}

fn seen(service: &types::Service) -> Service {
    let newest = service.deployments().iter().find(|one| one.status() == Some(NEWEST));
    Service {
        desired: u32::try_from(service.desired_count()).unwrap_or_default(),
        pending: u32::try_from(service.pending_count()).unwrap_or_default(),
        definition: newest
            .and_then(types::Deployment::task_definition)
            .or(service.task_definition())
            .map(str::to_owned),
    }
}

pub(super) async fn set_desired(
    ecs: &Client,
    cluster: &str,
    service: &str,
    desired: u32,
) -> Result<(), EcsError> {
    let call = ecs.update_service().cluster(cluster).service(service);
    let call = call.desired_count(i32::try_from(desired).unwrap_or(i32::MAX));
    call.send().await.map(drop).map_err(|error| EcsError(told(&error, cluster, service)))
}
