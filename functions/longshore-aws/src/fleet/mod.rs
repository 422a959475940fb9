//! Fleets on Amazon ECS: tasks that are launched one by one, or those of a service.

mod service;
mod tasks;

use std::collections::BTreeMap;

use aws_sdk_ecs::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
};
use longshore::fleet::{Fate, FleetLaunch, Service};
use longshore_engine::ports::{EcsError, Fleet, LaunchTrouble};

use crate::{Clients, failure::said};

/// Fleets, by the API of ECS.
#[derive(Clone, Debug)]
pub struct EcsFleets {
    ecs: Client,
}

impl EcsFleets {
    /// ECS of the clients' account and Region.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self { ecs: Client::new(clients.sdk()) }
    }
}

impl Fleet for EcsFleets {
    async fn launch(&self, launch: &FleetLaunch<'_>) -> Result<Vec<String>, LaunchTrouble> {
        tasks::launch(&self.ecs, launch).await
    }

    async fn fates(
        &self,
        cluster: &str,
        tasks: &[String],
    ) -> Result<BTreeMap<String, Fate>, EcsError> {
        tasks::fates(&self.ecs, cluster, tasks).await
    }

    async fn service(&self, cluster: &str, service: &str) -> Result<Service, EcsError> {
        service::describe(&self.ecs, cluster, service).await
    }

    async fn set_desired(
        &self,
        cluster: &str,
        service: &str,
        desired: u32,
    ) -> Result<(), EcsError> {
        service::set_desired(&self.ecs, cluster, service, desired).await
    }
}

/// What ECS said; of a cluster or service that is not there also which, and what to do.
fn told<E, R>(error: &SdkError<E, R>, cluster: &str, service: &str) -> String
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    match error.code() {
        Some("ClusterNotFoundException") => format!(
            "there is no cluster `{cluster}`: create it, or have the scaler's schedule name another"
        ),
        Some("ServiceNotFoundException" | "ServiceNotActiveException") => {
            no_service(cluster, service)
        }
        _ => said(error),
    }
}

fn no_service(cluster: &str, service: &str) -> String {
    format!(
        "there is no service `{service}` in cluster `{cluster}`: create it, or have the scaler's \
         schedule name another"
    )
}
