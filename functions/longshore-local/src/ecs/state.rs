//! Everything that ECS knows, in memory; every change of it was written before.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::{Change, Store, StoreError};

use super::{
    cluster::{CLUSTER, Cluster},
    definition::{DEFINITION, Definition},
    service::{SERVICE, Service},
    task::{TASK, Task},
    token::{TOKEN, Token},
};

/// How often `RunTask` looks for what may be forgotten.
const FORGET_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// Clusters, task definitions, tasks, services and client tokens.
#[derive(Debug, Default)]
pub(super) struct State {
    /// By name.
    pub(super) clusters: BTreeMap<String, Cluster>,
    /// By family and revision.
    pub(super) definitions: BTreeMap<String, BTreeMap<u32, Definition>>,
    /// By id.
    pub(super) tasks: BTreeMap<String, Task>,
    /// By cluster and name.
    pub(super) services: BTreeMap<String, Service>,
    /// Ids of the tasks that have not stopped, by the key of their service.
    of_services: BTreeMap<String, BTreeSet<String>>,
    /// By cluster ARN and client token.
    pub(super) tokens: BTreeMap<String, Token>,
    /// Tasks that have not stopped.
    pub(super) alive: usize,
    /// Whether this AWS is shutting down, so that no task starts any more.
    pub(super) is_closing: bool,
    forgot_at: Option<Timestamp>,
}

impl State {
    pub(super) fn load(store: &Store) -> Result<Self, StoreError> {
        let mut state = Self {
            clusters: store.load(CLUSTER)?.into_iter().collect(),
            services: store.load(SERVICE)?.into_iter().collect(),
            tokens: store.load(TOKEN)?.into_iter().collect(),
            ..Self::default()
        };
        for (_, definition) in store.load(DEFINITION)? {
            state.put_definition(definition);
        }
        for (_, task) in store.load(TASK)? {
            state.put_task(task);
        }
        Ok(state)
    }

    pub(super) fn put_definition(&mut self, definition: Definition) {
        let revisions = self.definitions.entry(definition.family.clone()).or_default();
        revisions.insert(definition.revision, definition);
    }

    pub(super) fn put_service(&mut self, service: Service) {
        self.services.insert(service.key(), service);
    }

    pub(super) fn put_task(&mut self, task: Task) {
        let is_alive = !task.is_stopped();
        if let Some(key) = task.service_key() {
            let ids = self.of_services.entry(key).or_default();
            if is_alive {
                ids.insert(task.id.clone());
            } else {
                ids.remove(&task.id);
            }
        }
        let before = self.tasks.insert(task.id.clone(), task);
        let was_alive = before.is_some_and(|before| !before.is_stopped());
        self.alive = self.alive + usize::from(is_alive) - usize::from(was_alive);
    }

    /// The tasks of a service that have not stopped.
    pub(super) fn tasks_of(&self, service_key: &str) -> Vec<&Task> {
        let ids = self.of_services.get(service_key).into_iter().flatten();
        ids.filter_map(|id| self.tasks.get(id)).collect()
    }

    /// The task of an id or ARN, if it is of that cluster and can still be described.
    pub(super) fn task(&self, cluster_arn: &str, named: &str, now: Timestamp) -> Option<&Task> {
        let task = self.tasks.get(named.rsplit('/').next().unwrap_or(named))?;
        let is_named = !named.starts_with("arn:") || named == task.arn;
        (is_named && task.cluster_arn == cluster_arn && task.is_visible(now)).then_some(task)
    }

    /// Drops tasks and tokens whose time is over, now and then; the rows to remove.
    pub(super) fn forget(&mut self, now: Timestamp) -> Vec<Change> {
        let is_due = self.forgot_at.is_none_or(|at| now.duration_since(at) >= FORGET_EVERY);
        if !is_due {
            return Vec::new();
        }
        self.forgot_at = Some(now);
        let tasks = &self.tasks;
        let over = self.tokens.iter().filter(|(_, token)| !token.holds(tasks, now));
        let over: Vec<String> = over.map(|(key, _)| key.clone()).collect();
        let gone = self.tasks.values().filter(|task| !task.is_visible(now));
        let gone: Vec<String> = gone.map(|task| task.id.clone()).collect();
        let mut changes = Vec::with_capacity(over.len() + gone.len());
        for key in over {
            self.tokens.remove(&key);
            changes.push(Change::delete(TOKEN, key));
        }
        for id in gone {
            self.tasks.remove(&id);
            changes.push(Change::delete(TASK, id));
        }
        changes
    }
}
