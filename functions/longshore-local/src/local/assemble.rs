//! A template's resources on the services.

use std::sync::Arc;

use serde_json::Value;

use super::{
    StartError,
    targets::{Polled, Targets, publish},
};
use crate::{
    Bus, Chaos, Deliver, Ground, Scheduler,
    chaos::Disturbed,
    dynamodb::DynamoDb,
    ecs::{Ecs, ProcessRunner},
    lambda::{Lambda, Mapping},
    s3::S3,
    sqs::Sqs,
    template::{Resource, Stack},
};

/// The services, each of which the gateway speaks to.
pub(super) struct Services {
    pub(super) sqs: Arc<Sqs>,
    pub(super) bus: Arc<Bus>,
    pub(super) s3: Arc<S3>,
    pub(super) dynamodb: Arc<DynamoDb>,
    pub(super) ecs: Arc<Ecs>,
    pub(super) lambda: Arc<Lambda>,
}

/// Opens the services in the order in which they need each other: what hands events over at its
/// opening comes after the rules and queues that take them.
pub(super) async fn assemble(
    ground: &Ground,
    stack: &Stack,
    chaos: Option<&Chaos>,
) -> Result<(Services, Vec<Mapping>, Arc<Scheduler>), StartError> {
    let sqs = Sqs::open(ground.clone())?;
    let lambda = Lambda::open(ground.clone())?;
    let targets = Targets { sqs: Arc::clone(&sqs), lambda: Arc::clone(&lambda) };
    let targets = before(Arc::new(targets), chaos);
    let bus = Bus::open(ground.clone(), Arc::clone(&targets))?;
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
        ecs: open_ecs(ground, &bus, chaos)?,
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
                let source = Polled {
                    sqs: Arc::clone(&services.sqs),
                    queue_arn: spec.queue_arn.clone(),
                    chaos: chaos.cloned(),
                };
                mappings.push(Mapping::start(ground.clock, spec.clone(), source, &services.lambda));
            }
            _ => {}
        }
    }
    for declared in &stack.resources {
        if let Resource::Service(spec) = &declared.resource {
            services.ecs.declare_service(spec)?;
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

fn open_ecs(
    ground: &Ground,
    bus: &Arc<Bus>,
    chaos: Option<&Chaos>,
) -> Result<Arc<Ecs>, StartError> {
    let bus = Arc::clone(bus);
    let losing = chaos.cloned();
    let changes = move |detail: Value, resources| {
        let status = detail["lastStatus"].as_str().unwrap_or_default();
        if losing.as_ref().is_none_or(|chaos| !chaos.loses_task_event(status)) {
            publish(&bus, bus.event("aws.ecs", "ECS Task State Change", resources, detail));
        }
    };
    let ecs = Ecs::open(ground.clone(), Arc::new(changes), Arc::new(ProcessRunner::new()))?;
    if let Some(chaos) = chaos {
        ecs.disturb_with(chaos.clone());
    }
    Ok(ecs)
}

/// The targets with chaos before them, if there is any.
fn before(targets: Arc<dyn Deliver>, chaos: Option<&Chaos>) -> Arc<dyn Deliver> {
    match chaos {
        Some(chaos) => Arc::new(Disturbed { targets, chaos: chaos.clone() }),
        None => targets,
    }
}
