//! Fleets on Amazon ECS: tasks that are launched one by one, or those of a service.

mod service;
mod tasks;

use std::collections::BTreeMap;

use aws_sdk_ecs::Client;
use longshore::fleet::{Fate, FleetLaunch, Service};
use longshore_engine::ports::{EcsError, Fleet, LaunchTrouble};

use crate::Clients;

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
