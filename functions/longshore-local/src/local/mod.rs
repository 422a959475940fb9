//! Puts an AWS together: a template's resources on the services, behind one port.

mod assemble;
mod commands;
mod options;
mod targets;

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle, time::timeout};

use assemble::{Services, assemble};
pub use commands::Commands;
pub use options::{Options, StartError};

use crate::{
    Account, Activity, Chaos, Clock, Gate, Ground, Store,
    chaos::Behind,
    ecs::Placement,
    gateway::{Gateway, serve},
    lambda::Mapping,
    template::{self, Stack},
};

/// How long tasks have to end when this AWS stops.
const TASKS_STOP: Duration = Duration::from_secs(5);

/// How long invocations under way have to end before that.
const INVOCATIONS_DRAIN: Duration = Duration::from_secs(2);

/// A running AWS. Dropping it stops nothing: call [`Local::stop`].
pub struct Local {
    ground: Ground,
    stack: Stack,
    chaos: Option<u64>,
    services: Services,
    mappings: Vec<Mapping>,
    stopping: watch::Sender<bool>,
    serving: JoinHandle<()>,
    scheduling: JoinHandle<()>,
}

impl std::fmt::Debug for Local {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Local").field("account", &self.ground.account).finish_non_exhaustive()
    }
}

impl Local {
    /// Starts the AWS that `options` describe; it answers when this returns. Must be called within
    /// a multi-threaded Tokio runtime.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let listener = TcpListener::bind(("127.0.0.1", options.port)).await;
        let listener =
            listener.map_err(|source| StartError::Port { port: options.port, source })?;
        let port = listener.local_addr().map_or(options.port, |address| address.port());
        let account = Account::local(&format!("http://127.0.0.1:{port}"));
        let mut stack = template::read(
            &options.template,
            &options.template_path,
            &account,
            &options.stack_name,
            &options.parameters,
        )?;
        let unused = options.commands.apply(&mut stack);
        if !unused.is_empty() {
            return Err(StartError::UnusedCommands(unused));
        }
        let store = match &options.data {
            Some(dir) => Store::open(dir)?,
            None => Store::memory()?,
        };
        let ground = Ground { account, clock: options.clock, store, activity: options.activity };
        let chaos = options.chaos.map(|seed| Chaos::new(seed, ground.clone()));
        let (services, mappings, scheduler) = assemble(&ground, &stack, chaos.as_ref()).await?;
        if let Some(tasks_max) = options.tasks_max {
            services.ecs.place_with(Placement::up_to(tasks_max));
        }
        services.ecs.delay_launches(options.launch_delay);
        if !options.count_lag.is_zero() {
            services.sqs.lag_counts(options.count_lag);
        }
        let gateway = Gateway {
            ground: ground.clone(),
            gate: behind(options.gate, chaos),
            s3: Arc::clone(&services.s3),
            sqs: Arc::clone(&services.sqs),
            dynamodb: Arc::clone(&services.dynamodb),
            ecs: Arc::clone(&services.ecs),
            bus: Arc::clone(&services.bus),
            lambda: Arc::clone(&services.lambda),
        };
        let (stopping, stop) = watch::channel(false);
        let serving = tokio::spawn(serve(Arc::new(gateway), listener, stop.clone()));
        services.ecs.keep_services();
        let scheduling = tokio::spawn(async move {
            let mut stop = stop;
            let stopped = async move { drop(stop.wait_for(|stopping| *stopping).await) };
            scheduler.run(stopped).await;
        });
        Ok(Self {
            ground,
            stack,
            chaos: options.chaos,
            services,
            mappings,
            stopping,
            serving,
            scheduling,
        })
    }

    /// Where it answers.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.ground.account.endpoint
    }

    /// Its clock.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.ground.clock
    }

    /// What was read from the template.
    #[must_use]
    pub fn stack(&self) -> &Stack {
        &self.stack
    }

    /// Seed of the nastiness, if there is any.
    #[must_use]
    pub fn chaos(&self) -> Option<u64> {
        self.chaos
    }

    /// What happens, from now on.
    #[must_use]
    pub fn activity(&self) -> &Activity {
        &self.ground.activity
    }

    /// Directory of object bodies and logs.
    #[must_use]
    pub fn dir(&self) -> &std::path::Path {
        self.ground.store.dir()
    }

    /// Stops everything that was started, functions and tasks included, and returns when it has
    /// ended.
    pub async fn stop(self) {
        // An invocation that takes longer ends with its function, and its messages come back.
        let drained = join_all(self.mappings.into_iter().map(Mapping::stop));
        drop(timeout(INVOCATIONS_DRAIN, drained).await);
        self.stopping.send_replace(true);
        self.services.ecs.stop_all(TASKS_STOP).await;
        self.services.lambda.stop_all().await;
        drop(self.scheduling.await);
        drop(self.serving.await);
        self.services.dynamodb.stop().await;
    }
}

/// The gate with chaos behind it, if there is any.
fn behind(gate: Arc<dyn Gate>, chaos: Option<Chaos>) -> Arc<dyn Gate> {
    match chaos {
        Some(chaos) => Arc::new(Behind::new(gate, chaos)),
        None => gate,
    }
}
