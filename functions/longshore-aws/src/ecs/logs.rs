//! DescribeTaskDefinition: how a container logs.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use aws_sdk_ecs::{Client, types::TaskDefinition};
use longshore::run::LogSettings;
use longshore_engine::ports::EcsError;

use crate::failure::said;

/// Most containers that are remembered: more than one deployment has, and a few KB.
const KNOWN_MAX: usize = 64;

/// A revision and one of its containers.
type Container = (String, String);

/// What revisions said. They never change, so that a thousand failures of one need one call.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<BTreeMap<Container, Option<LogSettings>>>);

impl Known {
    fn known(&self) -> MutexGuard<'_, BTreeMap<Container, Option<LogSettings>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How `container` of `definition` logs, or nothing if there is no such container.
    pub(super) async fn of(
        &self,
        ecs: &Client,
        definition: &str,
        container: &str,
    ) -> Result<Option<LogSettings>, EcsError> {
        let named = (definition.to_owned(), container.to_owned());
        if let Some(settings) = self.known().get(&named) {
            return Ok(settings.clone());
        }
        let call = ecs.describe_task_definition().task_definition(definition);
        let answer = call.send().await.map_err(|error| EcsError(said(&error)))?;
        let settings = answer.task_definition().and_then(|found| settings(found, container));
        let mut known = self.known();
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        known.insert(named, settings.clone());
        Ok(settings)
    }
}

fn settings(definition: &TaskDefinition, container: &str) -> Option<LogSettings> {
    let mut containers = definition.container_definitions().iter();
    let container = containers.find(|known| known.name() == Some(container))?;
    let Some(log) = container.log_configuration() else { return Some(LogSettings::default()) };
    let option = |name: &str| log.options()?.get(name).cloned();
    Some(LogSettings {
        driver: Some(log.log_driver().as_str().to_owned()),
        group: option("awslogs-group"),
        region: option("awslogs-region"),
        stream_prefix: option("awslogs-stream-prefix"),
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecs::types::{ContainerDefinition, LogConfiguration, LogDriver};

    use super::*;

    #[test]
    fn the_named_container_says_how_it_logs() {
        let log = LogConfiguration::builder()
            .log_driver(LogDriver::Awslogs)
            .options("awslogs-group", "g")
            .options("awslogs-stream-prefix", "p")
            .build()
            .unwrap();
        let app = ContainerDefinition::builder().name("app").log_configuration(log).build();
        let side = ContainerDefinition::builder().name("side").build();
        let definition = TaskDefinition::builder();
        let definition = definition.container_definitions(side).container_definitions(app).build();
        let told = LogSettings {
            driver: Some("awslogs".into()),
            group: Some("g".into()),
            region: None,
            stream_prefix: Some("p".into()),
        };
        assert_eq!(settings(&definition, "app"), Some(told));
        assert_eq!(settings(&definition, "side"), Some(LogSettings::default()));
        assert_eq!(settings(&definition, "other"), None);
    }
}
