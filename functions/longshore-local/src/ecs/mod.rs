//! Amazon ECS as this AWS has it: clusters, task definitions, services, and tasks that really run.
//!
//! ```text
//! RunTask ─▶ request (checked) ─▶ token? ─▶ plan ─▶ tasks written ─▶ drive ─▶ runner ─▶ process
//!                                                        │             │
//!                                           outbox ◀─────┴─ transition ┘ ─▶ ECS Task State Change
//! ```
//!
//! A task's row and the events of its changes are one write, so that no event is lost when this
//! AWS is killed; an event is handed over at least once and in the order of its `version`.

mod capacity;
mod checks;
mod cluster;
mod definition;
mod definitions;
mod describe;
mod drive;
mod launch;
mod lines;
mod metadata;
mod order;
mod outbox;
mod page;
mod placement;
mod plan;
mod process;
mod protection;
mod queries;
mod refusal;
mod register;
mod remains;
mod request;
mod runner;
mod service;
mod size;
mod state;
mod stop;
mod task;
#[cfg(test)]
mod tests;
mod token;
mod transition;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use serde_json::Value;
use tokio::task::JoinHandle;

use crate::{
    Chaos, Fault, Ground, StoreError,
    template::{ClusterSpec, TaskDefinitionSpec},
};

pub(crate) use outbox::Publish;
pub(crate) use placement::{Placement, Seat};
pub(crate) use process::ProcessRunner;
pub(crate) use protection::{AGENT_TIMEOUT, AgentAnswer, agent_error};
pub(crate) use runner::{Launch, NotStarted, Remains, Runner, Signal, Started};

use drive::Drive;
use outbox::{Notice, Outbox};
use service::{Bell, Service, heard};
use state::State;
use task::Task;
use transition::Course;

/// Tasks alive at once unless told otherwise: each is a process of this machine.
const TASKS_ALIVE_MAX: usize = 1_000;

/// The ECS control plane of this AWS.
pub(crate) struct Ecs {
    ground: Ground,
    state: Mutex<State>,
    outbox: Outbox,
    runner: Arc<dyn Runner>,
    placement: Mutex<Placement>,
    drives: Mutex<BTreeMap<String, Drive>>,
    bell: Bell,
    keeping: Mutex<Option<JoinHandle<()>>>,
    launch_delay: OnceLock<Duration>,
    chaos: OnceLock<Chaos>,
}

impl Ecs {
    /// Opens with what the store holds.
    ///
    /// Containers that a killed AWS left behind are ended first, their tasks stop as
    /// `InfrastructureHealth`, and events that were not handed over are published.
    pub(crate) fn open(
        ground: Ground,
        publish: Publish,
        runner: Arc<dyn Runner>,
    ) -> Result<Arc<Self>, StoreError> {
        let state = State::load(&ground.store)?;
        let outbox = Outbox::load(&ground, publish)?;
        let ecs = Arc::new(Self {
            ground,
            state: Mutex::new(state),
            outbox,
            runner,
            placement: Mutex::new(Placement::up_to(TASKS_ALIVE_MAX)),
            drives: Mutex::new(BTreeMap::new()),
            bell: Bell::default(),
            keeping: Mutex::new(None),
            launch_delay: OnceLock::new(),
            chaos: OnceLock::new(),
        });
        ecs.end_remains()?;
        ecs.outbox.flush(&ecs.ground);
        Ok(ecs)
    }

    /// Answers one action of AWS JSON 1.1; must be called within a Tokio runtime.
    #[expect(clippy::unused_async, reason = "all services of this AWS are called alike")]
    pub(crate) async fn call(
        self: &Arc<Self>,
        operation: &str,
        input: Value,
    ) -> Result<Value, Fault> {
        let input = refusal::given(input);
        match operation {
            "RegisterTaskDefinition" => self.register_task_definition(input),
            "DeregisterTaskDefinition" => self.deregister_task_definition(input),
            "DescribeTaskDefinition" => self.describe_task_definition(input),
            "ListTaskDefinitions" => self.list_task_definitions(input),
            "CreateCluster" => self.create_cluster_of(input),
            "DescribeClusters" => self.describe_clusters(input),
            "ListClusters" => self.list_clusters(input),
            "RunTask" => self.run_task(&input),
            "DescribeTasks" => self.describe_tasks(input),
            "ListTasks" => self.list_tasks(input),
            "StopTask" => self.stop_task(input),
            "CreateService" => self.create_service(&input),
            "UpdateService" => self.update_service(&input),
            "DeleteService" => self.delete_service(&input),
            "DescribeServices" => self.describe_services(input),
            "ListServices" => self.list_services(input),
            "GetTaskProtection" => self.get_task_protection(input),
            "UpdateTaskProtection" => self.update_task_protection(input),
            _ => Err(Fault::unknown_operation("ECS", operation)),
        }
    }

    /// Makes a template's cluster; one of that name stays as it is.
    pub(crate) fn create_cluster(&self, spec: &ClusterSpec) -> Result<(), Fault> {
        self.ensure_cluster(cluster::Cluster::of_template(spec))
    }

    /// Registers a template's task definition under its own ARN, in place of what was there.
    pub(crate) fn register(&self, spec: &TaskDefinitionSpec) -> Result<(), Fault> {
        self.register_template(spec)
    }

    /// Decides from now on which tasks find no room.
    pub(crate) fn place_with(&self, placement: Placement) {
        *lock(&self.placement) = placement;
    }

    /// Lets chaos refuse tasks, end tokens early and hide new tasks, for good.
    pub(crate) fn disturb_with(&self, chaos: Chaos) {
        self.chaos.get_or_init(|| chaos);
    }

    /// Has every task wait so long before its containers start, for good.
    pub(crate) fn delay_launches(&self, delay: Duration) {
        self.launch_delay.get_or_init(|| delay);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Takes a task a step on: writes it with the events of the versions it passed, and publishes.
    ///
    /// A step that could not be written still happens, because the container has already done so.
    fn advance(
        &self,
        id: &str,
        step: impl FnOnce(Task) -> Course,
    ) -> Result<Option<Task>, StoreError> {
        let mut state = self.state();
        let Some(before) = state.tasks.get(id).cloned() else { return Ok(None) };
        let Course { task, passed } = step(before.clone());
        let key = task.service_key();
        let service = key.as_ref().and_then(|key| state.services.get(key));
        let service =
            service.and_then(|service| heard(service, &before, &task, self.ground.clock.now()));
        let notices = self.outbox.number(passed.iter().map(Notice::of));
        let mut changes = vec![task.row()];
        changes.extend(Outbox::rows(&notices));
        changes.extend(service.iter().map(Service::row));
        let written = self.ground.store.write(&changes);
        state.put_task(task.clone());
        if let Some(service) = service {
            state.put_service(service);
        }
        self.outbox.push(notices);
        drop(state);
        if let Some(key) = key {
            self.bell.ring(key);
        }
        self.outbox.flush(&self.ground);
        written.map(|()| Some(task))
    }

    /// Ends what the last life of this AWS left running, and says so of its tasks.
    fn end_remains(&self) -> Result<(), StoreError> {
        let lost: Vec<Task> =
            self.state().tasks.values().filter(|task| !task.is_stopped()).cloned().collect();
        let remains: Vec<Remains> = lost.iter().flat_map(Task::remains).collect();
        if !remains.is_empty() {
            self.runner.end_remains(&remains);
        }
        let now = self.ground.clock.now();
        for task in lost {
            self.advance(&task.id, |task| transition::lost(task, now))?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Ecs {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Ecs").field("runner", &self.runner).finish_non_exhaustive()
    }
}

/// A lock whose holder panicked still guards whole values: each is replaced in one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
