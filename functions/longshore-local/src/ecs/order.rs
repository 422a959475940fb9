//! What the tasks of one `RunTask` call, or of one look at a service, are made of.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{Account, CLOCK_VARIABLE, Clock, Fault};

use super::{
    Launch,
    capacity::Capacity,
    cluster::Cluster,
    definition::{Container, Definition},
    request::{ContainerOverride, Request},
    size,
    task::{Status, Task, TaskContainer},
    transition,
};

/// Bytes of a task's id.
const ID_BYTES: usize = 16;

/// What all tasks of one call are made from.
pub(super) struct Order<'a> {
    pub(super) account: &'a Account,
    pub(super) clock: Clock,
    pub(super) request: &'a Request,
    pub(super) overrides: &'a Value,
    pub(super) definition: &'a Definition,
    pub(super) cluster: &'a Cluster,
    pub(super) now: Timestamp,
    /// Name of the service that orders them.
    pub(super) service: Option<&'a str>,
}

impl Order<'_> {
    /// One item of `failures[]`.
    pub(super) fn failure(&self, capacity: &Capacity, reason: &str) -> Value {
        if capacity.launch_type == "FARGATE" {
            return json!({"reason": reason});
        }
        let instance = format!("container-instance/{}/{:032}", self.cluster.name, 0);
        json!({"arn": self.account.arn("ecs", &instance), "reason": reason})
    }

    /// One task, and what its containers are started with.
    pub(super) fn task(&self, capacity: Capacity) -> Result<(Task, Vec<Launch>), Fault> {
        let id = new_id()?;
        let containers = &self.definition.containers;
        let launches: Vec<Launch> = containers
            .iter()
            .enumerate()
            .map(|(index, container)| self.launch(&id, index, container))
            .collect();
        let pairs = containers.iter().zip(&launches);
        let shown = pairs.map(|(container, launch)| self.container(&id, container, launch));
        let shown = shown.collect();
        let task = self.record(id, capacity, shown);
        Ok((transition::created(task).task, launches))
    }

    fn container(&self, task_id: &str, container: &Container, launch: &Launch) -> TaskContainer {
        let path = format!("container/{}/{task_id}/{}", self.cluster.name, launch.container_id);
        TaskContainer {
            id: launch.container_id.clone(),
            arn: self.account.arn("ecs", &path),
            name: container.name.clone(),
            image: container.image.clone(),
            essential: container.essential,
            stop_timeout_secs: container.stop_timeout_secs,
            last_status: Status::Pending,
            exit_code: None,
            reason: None,
            started_at: None,
            finished_at: None,
            mark: None,
        }
    }

    fn record(&self, id: String, capacity: Capacity, containers: Vec<TaskContainer>) -> Task {
        let Self { request, definition, cluster, .. } = self;
        let overrides = &request.overrides;
        let sized = |over: &Option<String>, member: &str| {
            over.clone().or_else(|| definition.text(member).map(str::to_owned))
        };
        let cpu = sized(&overrides.cpu, "cpu").map(|cpu| plain(cpu, size::cpu_units));
        let memory = sized(&overrides.memory, "memory").map(|size| plain(size, size::memory_mib));
        let storage = overrides.ephemeral_storage.map(|storage| storage.size_gib);
        let of_definition = definition.body.get("ephemeralStorage");
        let of_definition = of_definition.and_then(|storage| storage["sizeInGiB"].as_i64());
        Task {
            arn: self.account.arn("ecs", &format!("task/{}/{id}", cluster.name)),
            id,
            cluster_arn: cluster.arn.clone(),
            definition_arn: definition.arn.clone(),
            family: definition.family.clone(),
            revision: definition.revision,
            version: 0,
            desired_status: Status::Running,
            last_status: Status::Provisioning,
            created_at: self.now,
            updated_at: self.now,
            pull_started_at: None,
            pull_stopped_at: None,
            started_at: None,
            stopping_at: None,
            execution_stopped_at: None,
            stopped_at: None,
            stop_code: None,
            stopped_reason: None,
            containers,
            group: request.group.clone().unwrap_or_else(|| format!("family:{}", definition.family)),
            started_by: request.started_by.clone(),
            overrides: self.shown_overrides(),
            cpu,
            memory,
            launch_type: capacity.launch_type,
            capacity_provider: capacity.provider,
            platform_version: request.platform_version.clone(),
            availability_zone: format!("{}a", self.account.region),
            subnet: request.network().and_then(|network| network.subnets.first().cloned()),
            ephemeral_storage_gib: storage.or(of_definition),
            execute_command: request.enable_execute_command,
            tags: self.tags(),
            service: self.service.map(str::to_owned),
            protected_until: None,
        }
    }

    fn override_of(&self, container: &str) -> Option<&ContainerOverride> {
        let overrides = &self.request.overrides.containers;
        overrides.iter().find(|one| one.name == container)
    }

    fn launch(&self, task_id: &str, index: usize, container: &Container) -> Launch {
        let over = self.override_of(&container.name);
        let command = over.map(|over| &over.command).filter(|command| !command.is_empty());
        let mut environment = container.environment.clone();
        let given = over.into_iter().flat_map(|over| &over.environment);
        environment.extend(given.map(|one| (one.name.clone(), one.value.clone())));
        let container_id = format!("{task_id}-{index:010}");
        environment.extend(surroundings(self.account, &container_id));
        environment.extend(self.clock.variable().map(|clock| (CLOCK_VARIABLE.to_owned(), clock)));
        Launch {
            container_id,
            name: container.name.clone(),
            image: container.image.clone(),
            entrypoint: container.entrypoint.clone(),
            command: command.unwrap_or(&container.command).clone(),
            environment,
        }
    }

    /// The overrides as given, with an entry for every container.
    fn shown_overrides(&self) -> Value {
        let mut shown = self.overrides.as_object().cloned().unwrap_or_default();
        let given = shown.remove("containerOverrides");
        let mut entries = given.and_then(|given| given.as_array().cloned()).unwrap_or_default();
        for container in &self.definition.containers {
            if self.override_of(&container.name).is_none() {
                entries.push(json!({"name": container.name}));
            }
        }
        shown.insert("containerOverrides".into(), json!(entries));
        shown.entry("inferenceAcceleratorOverrides").or_insert_with(|| json!([]));
        Value::Object(shown)
    }

    fn tags(&self) -> Vec<Value> {
        let given = self.request.tags.iter().map(|tag| json!({"key": tag.key, "value": tag.value}));
        let mut tags: Vec<Value> = given.collect();
        if self.request.propagate_tags.as_deref() == Some("TASK_DEFINITION") {
            let is_given = |key: &Value| self.request.tags.iter().any(|tag| *key == tag.key);
            let inherited = self.definition.tags.iter().filter(|tag| !is_given(&tag["key"]));
            tags.extend(inherited.cloned());
        }
        tags
    }
}

/// What a container finds around it: this AWS, and its own metadata. Nothing of a template may
/// lead it to another AWS, so this wins over the definition.
fn surroundings(account: &Account, container_id: &str) -> BTreeMap<String, String> {
    let endpoint = &account.endpoint;
    [
        ("AWS_REGION", account.region.clone()),
        ("AWS_DEFAULT_REGION", account.region.clone()),
        ("AWS_ACCESS_KEY_ID", "test".into()),
        ("AWS_SECRET_ACCESS_KEY", "test".into()),
        ("AWS_ENDPOINT_URL", endpoint.clone()),
        ("ECS_CONTAINER_METADATA_URI_V4", format!("{endpoint}/_ecs/v4/{container_id}")),
        ("ECS_AGENT_URI", format!("{endpoint}/_ecs/api/{container_id}")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// A size as ECS answers it: `1 vCPU` is `1024`.
fn plain(given: String, read: impl Fn(&Value) -> Option<u32>) -> String {
    read(&json!(given)).map_or(given, |amount| amount.to_string())
}

fn new_id() -> Result<String, Fault> {
    let mut id = [0_u8; ID_BYTES];
    getrandom::fill(&mut id).map_err(|error| Fault::server(format!("no random id: {error}")))?;
    Ok(HEXLOWER.encode(&id))
}
