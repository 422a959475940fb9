//! Puts an AWS together: a template's resources on the services, behind one port.

mod commands;
mod options;
mod targets;

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle, time::timeout};

pub use commands::Commands;
pub use options::{Options, StartError};
use targets::{Polled, Targets, publish};

use crate::{
    Account, Activity, Bus, Ground, Scheduler, Store,
    dynamodb::DynamoDb,
    ecs::{Ecs, Placement, ProcessRunner},
    gateway::{Gateway, serve},
    lambda::{Lambda, Mapping},
    s3::S3,
    sqs::Sqs,
    template::{self, Resource, Stack},
};

/// How long tasks have to end when this AWS stops.
const TASKS_STOP: Duration = Duration::from_secs(5);

/// How long invocations under way have to end before that.
const INVOCATIONS_DRAIN: Duration = Duration::from_secs(2);

/// A running AWS. Dropping it stops nothing: call [`Local::stop`].
pub struct Local {
    ground: Ground,
    stack: Stack,
    services: Services,
    mappings: Vec<Mapping>,
    stopping: watch::Sender<bool>,
    serving: JoinHandle<()>,
    scheduling: JoinHandle<()>,
}

/// The services, each of which the gateway speaks to.
struct Services {
    sqs: Arc<Sqs>,
    bus: Arc<Bus>,
    s3: Arc<S3>,
    dynamodb: Arc<DynamoDb>,
    ecs: Arc<Ecs>,
    lambda: Arc<Lambda>,
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
        let (services, mappings, scheduler) = assemble(&ground, &stack).await?;
        if let Some(tasks_max) = options.tasks_max {
            services.ecs.place_with(Placement::up_to(tasks_max));
        }
        let gateway = Gateway {
            ground: ground.clone(),
            gate: options.gate,
            s3: Arc::clone(&services.s3),
            sqs: Arc::clone(&services.sqs),
            dynamodb: Arc::clone(&services.dynamodb),
            ecs: Arc::clone(&services.ecs),
            bus: Arc::clone(&services.bus),
            lambda: Arc::clone(&services.lambda),
        };
        let (stopping, stop) = watch::channel(false);
        let serving = tokio::spawn(serve(Arc::new(gateway), listener, stop.clone()));
        let scheduling = tokio::spawn(async move {
            let mut stop = stop;
            let stopped = async move { drop(stop.wait_for(|stopping| *stopping).await) };
            scheduler.run(stopped).await;
        });
        Ok(Self { ground, stack, services, mappings, stopping, serving, scheduling })
    }

    /// Where it answers.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.ground.account.endpoint
    }

    /// What was read from the template.
    #[must_use]
    pub fn stack(&self) -> &Stack {
        &self.stack
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

/// Opens the services in the order in which they need each other: what hands events over at its
/// opening comes after the rules and queues that take them.
async fn assemble(
    ground: &Ground,
    stack: &Stack,
) -> Result<(Services, Vec<Mapping>, Arc<Scheduler>), StartError> {
    let sqs = Sqs::open(ground.clone())?;
    let lambda = Lambda::open(ground.clone())?;
    let targets = Arc::new(Targets { sqs: Arc::clone(&sqs), lambda: Arc::clone(&lambda) });
    let bus = Bus::open(ground.clone(), targets.clone())?;
    let mut schedules = Vec::new();
    for declared in &stack.resources {
        match &declared.resource {
            Resource::Queue(spec) => sqs.create(spec.clone())?,
            Resource::Function(spec) => lambda.create(spec.clone())?,
            Resource::Rule(spec) => bus.put_rule(spec.clone())?,
            Resource::Schedule(spec) => schedules.push(spec.clone()),
            _ => {}
        }
    }
    let services = Services {
        s3: open_s3(ground, &bus)?,
        dynamodb: DynamoDb::open(ground)?,
        ecs: open_ecs(ground, &bus)?,
        sqs,
        bus,
        lambda,
    };
    let mut mappings = Vec::new();
    for declared in &stack.resources {
        match &declared.resource {
            Resource::Bucket(spec) => services.s3.create(spec)?,
            Resource::Table(spec) => services.dynamodb.create(spec).await?,
            Resource::Cluster(spec) => services.ecs.create_cluster(spec)?,
            Resource::TaskDefinition(spec) => services.ecs.register(spec)?,
            Resource::Mapping(spec) => {
                let source =
                    Polled { sqs: Arc::clone(&services.sqs), queue_arn: spec.queue_arn.clone() };
                mappings.push(Mapping::start(ground.clock, spec.clone(), source, &services.lambda));
            }
            _ => {}
        }
    }
    Ok((services, mappings, Scheduler::open(ground.clone(), targets, schedules)?))
}

fn open_s3(ground: &Ground, bus: &Arc<Bus>) -> Result<Arc<S3>, StartError> {
    let bus = Arc::clone(bus);
    let events = move |object: crate::s3::ObjectEvent| {
        let mut event = bus.event("aws.s3", &object.detail_type, object.resources, object.detail);
        event.time = object.time;
        publish(&bus, event);
    };
    Ok(S3::open(ground.clone(), Arc::new(events))?)
}

fn open_ecs(ground: &Ground, bus: &Arc<Bus>) -> Result<Arc<Ecs>, StartError> {
    let bus = Arc::clone(bus);
    let changes = move |detail, resources| {
        publish(&bus, bus.event("aws.ecs", "ECS Task State Change", resources, detail));
    };
    Ok(Ecs::open(ground.clone(), Arc::new(changes), Arc::new(ProcessRunner::new()))?)
}
