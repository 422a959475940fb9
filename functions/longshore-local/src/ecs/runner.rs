//! What carries containers: processes of this machine now, a Docker engine later.

use std::{collections::BTreeMap, fmt::Debug, sync::Arc};

use futures_util::future::BoxFuture;
use serde_json::Value;

use super::lines::Lines;

/// Starts containers, signals them, and ends what an earlier life of this AWS left.
pub(crate) trait Runner: Debug + Send + Sync {
    /// Starts a container, whose output goes to `lines`.
    fn start<'a>(
        &'a self,
        launch: &'a Launch,
        lines: Arc<Lines>,
    ) -> BoxFuture<'a, Result<Started, NotStarted>>;

    /// Signals all of a started container; one that has ended is no error.
    fn signal(&self, mark: &Value, signal: Signal);

    /// Ends containers of an earlier life, and returns when they are gone.
    fn end_remains(&self, remains: &[Remains]);
}

/// A container to be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Launch {
    /// The runtime id, unique for ever.
    pub(crate) container_id: String,
    /// Name within the task definition.
    pub(crate) name: String,
    /// The image that the definition names.
    pub(crate) image: String,
    /// What stands for the image's entrypoint on this machine.
    pub(crate) entrypoint: Option<Vec<String>>,
    /// What follows the entrypoint.
    pub(crate) command: Vec<String>,
    /// Its environment, without what a runner adds.
    pub(crate) environment: BTreeMap<String, String>,
}

/// A container that was started.
pub(crate) struct Started {
    /// By what the runner finds it again; written to the store.
    pub(crate) mark: Value,
    /// Ends with the container, and carries its output meanwhile: its exit code if there is one.
    pub(crate) exit: BoxFuture<'static, Option<i32>>,
}

/// A container could not be started: an error name of ECS, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotStarted(pub(crate) String);

/// What a container is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// SIGTERM: finish and leave.
    Terminate,
    /// SIGKILL: end now.
    Kill,
}

/// A container that an earlier life of this AWS may have left running.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Remains {
    /// Its runtime id.
    pub(crate) container_id: String,
    /// Its mark, unless the end came before that was written.
    pub(crate) mark: Option<Value>,
}
