//! The tasks of a fleet, as ECS starts them and tells of them.

use std::{collections::BTreeMap, future::Future};

use longshore::fleet::{Fate, FleetLaunch, Service};

use super::{EcsError, LaunchTrouble};

/// Amazon ECS, for fleets: tasks of our own, or those of a service.
pub trait Fleet: Sync {
    /// Starts the tasks of `launch` and gives their ARNs, fewer if there was no room for all;
    /// however often it is called within the life of the client token, the same tasks.
    fn launch(
        &self,
        launch: &FleetLaunch<'_>,
    ) -> impl Future<Output = Result<Vec<String>, LaunchTrouble>> + Send;

    /// What became of tasks, up to 100 of them, by their ids.
    fn fates(
        &self,
        cluster: &str,
        tasks: &[String],
    ) -> impl Future<Output = Result<BTreeMap<String, Fate>, EcsError>> + Send;

    /// The service as it stands.
    fn service(
        &self,
        cluster: &str,
        service: &str,
    ) -> impl Future<Output = Result<Service, EcsError>> + Send;

    /// Sets how many tasks the service should have.
    fn set_desired(
        &self,
        cluster: &str,
        service: &str,
        desired: u32,
    ) -> impl Future<Output = Result<(), EcsError>> + Send;
}
