//! What an AWS is started with, and why it may not start.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use super::Commands;
use crate::{
    Activity, Clock, Fault, Gate, Open, RuleError, SchedulerError, StoreError,
    template::TemplateError,
};

/// What an AWS is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Loopback port; 0 takes any that is free.
    pub port: u16,
    /// Directory that keeps the state; without one it ends with the process.
    pub data: Option<PathBuf>,
    /// Text of the template.
    pub template: String,
    /// Path of the template, for messages.
    pub template_path: String,
    /// Name of the stack.
    pub stack_name: String,
    /// Values of the template's parameters.
    pub parameters: BTreeMap<String, String>,
    /// Commands of functions and tasks.
    pub commands: Commands,
    /// Most tasks alive at once, 1,000 unless told: a task beyond finds no capacity.
    pub tasks_max: Option<usize>,
    /// How long a task waits before its containers start, by the clock; none unless told.
    pub launch_delay: Duration,
    /// How old the counts of a queue are that `GetQueueAttributes` shows, by the clock; those of
    /// now unless told.
    pub count_lag: Duration,
    /// The clock.
    pub clock: Clock,
    /// Decides about calls.
    pub gate: Arc<dyn Gate>,
    /// Seed of nastiness: with one, this AWS does to its callers what AWS may do on a bad day, and
    /// the same with the same seed.
    pub chaos: Option<u64>,
    /// Hears what happens, from the first moment.
    pub activity: Activity,
}

impl Options {
    /// The template `template`, read from `template_path`, on any free port, kept nowhere.
    #[must_use]
    pub fn new(template: String, template_path: &str) -> Self {
        Self {
            port: 0,
            data: None,
            template,
            template_path: template_path.into(),
            stack_name: "longshore".into(),
            parameters: BTreeMap::new(),
            commands: Commands::default(),
            tasks_max: None,
            launch_delay: Duration::ZERO,
            count_lag: Duration::ZERO,
            clock: Clock::system(),
            gate: Arc::new(Open),
            chaos: None,
            activity: Activity::new(),
        }
    }
}

/// This AWS cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is taken or not allowed.
    #[error(
        "cannot listen on 127.0.0.1:{port}: {source}; choose another with --port, or 0 for any"
    )]
    Port {
        /// The port.
        port: u16,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The template cannot be served.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// Commands were given for what the template does not declare.
    #[error("no function or task definition is named {}; use logical ids of the template", .0.join(" or "))]
    UnusedCommands(Vec<String>),
    /// The state cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A rule cannot be served.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// A schedule cannot be served.
    #[error(transparent)]
    Schedule(#[from] SchedulerError),
    /// A service refused a resource.
    #[error("a resource of the template is refused: {0}")]
    Resource(#[from] Fault),
}
