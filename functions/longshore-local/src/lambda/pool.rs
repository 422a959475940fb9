//! The instances of one function: idle ones are used again, dead ones are not.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};

use super::{
    invoked::Invoked,
    printer::Printer,
    process::{Instance, Outcome, Stop},
};
use crate::{Fault, Ground, Happening, template::FunctionSpec};

/// How long an instance is kept without work; AWS states no time, minutes are usual.
const IDLE_MAX: Duration = Duration::from_mins(5);

/// Instances of one function at most: each is a process of this machine. An account's quota on
/// AWS is 1,000.
const INSTANCES_MAX: usize = 100;

/// One function and its instances.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) spec: FunctionSpec,
    ground: Ground,
    printer: Printer,
    instances: Mutex<Instances>,
}

#[derive(Debug, Default)]
struct Instances {
    busy: usize,
    idle: Vec<Idle>,
    all: Vec<Arc<Instance>>,
}

#[derive(Debug)]
struct Idle {
    instance: Arc<Instance>,
    since: Timestamp,
}

/// The right to run one invocation; gone when dropped.
#[derive(Debug)]
pub(super) struct Seat {
    function: Arc<Function>,
    command: Vec<String>,
}

impl Function {
    /// A function without instances.
    pub(super) fn open(ground: &Ground, spec: FunctionSpec) -> Result<Self, Fault> {
        let printer = Printer::open(ground, &spec.name).map_err(|error| {
            Fault::server(format!("cannot write the log of function `{}`: {error}", spec.name))
        })?;
        let instances = Mutex::default();
        Ok(Self { spec, ground: ground.clone(), printer, instances })
    }

    /// Admits one invocation, or says why not.
    pub(super) fn admit(self: Arc<Self>) -> Result<Seat, Fault> {
        let command = self.spec.command.clone().filter(|command| !command.is_empty());
        let Some(command) = command else {
            return Err(no_command(&self.spec));
        };
        let reserved = self.spec.concurrency_max.map(|max| max as usize);
        let mut instances = self.lock();
        if instances.busy >= reserved.unwrap_or(INSTANCES_MAX) {
            return Err(throttled(reserved.is_some()));
        }
        instances.busy += 1;
        drop(instances);
        Ok(Seat { function: self, command })
    }

    /// Ends the instances that have been idle for too long.
    pub(super) async fn end_idle(&self) {
        let (now, max) = (self.ground.clock.now(), SignedDuration::try_from(IDLE_MAX));
        let Ok(max) = max else { return };
        let old: Vec<Idle> =
            self.lock().idle.extract_if(.., |idle| now.duration_since(idle.since) >= max).collect();
        join_all(old.iter().map(|idle| idle.instance.end(Stop::Terminate))).await;
    }

    /// Ends the instances that have no work; a busy one ends when nobody holds it.
    pub(super) async fn end_all_idle(&self) {
        let idle = std::mem::take(&mut self.lock().idle);
        join_all(idle.iter().map(|idle| idle.instance.end(Stop::Terminate))).await;
    }

    /// Ends every instance, also the busy ones.
    pub(super) async fn end_all(&self) {
        let all = std::mem::take(&mut self.lock().all);
        self.lock().idle.clear();
        join_all(all.iter().map(|instance| instance.end(Stop::Terminate))).await;
    }

    fn lock(&self) -> MutexGuard<'_, Instances> {
        self.instances.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The instance that was used last, because it is the likeliest to live.
    fn idle(&self) -> Option<Arc<Instance>> {
        let mut instances = self.lock();
        while let Some(idle) = instances.idle.pop() {
            if idle.instance.is_alive() {
                return Some(idle.instance);
            }
        }
        None
    }

    fn put_back(&self, instance: Arc<Instance>) {
        let since = self.ground.clock.now();
        self.lock().idle.push(Idle { instance, since });
    }
}

impl Seat {
    /// Runs one invocation to its end.
    pub(super) async fn run(self, request_id: String, payload: Bytes) -> Invoked {
        let Function { spec, ground, .. } = &*self.function;
        let name = || spec.name.clone();
        ground
            .tell(Happening::FunctionInvoked { function: name(), request_id: request_id.clone() });
        let invoked = match self.outcome(&request_id, payload).await {
            Ok(outcome) => Invoked::from_outcome(outcome, &request_id, spec.timeout_secs),
            Err(error) => Invoked::not_started(&request_id, &self.command, &error),
        };
        if let Some(reason) = invoked.failure() {
            ground.tell(Happening::FunctionFailed { function: name(), request_id, reason });
        }
        invoked
    }

    async fn outcome(&self, request_id: &str, payload: Bytes) -> std::io::Result<Outcome> {
        let spec = &self.function.spec;
        // An idle process may end just as it is chosen: nothing has happened, so another is asked.
        while let Some(instance) = self.function.idle() {
            let outcome = instance.run(request_id, spec, payload.clone()).await;
            if !matches!(outcome, Outcome::NeverFetched(_)) {
                return Ok(self.after(outcome, instance).await);
            }
        }
        let instance = self.start()?;
        let outcome = instance.run(request_id, spec, payload).await;
        Ok(self.after(outcome, instance).await)
    }

    fn start(&self) -> std::io::Result<Arc<Instance>> {
        let Function { spec, ground, printer, .. } = &*self.function;
        let instance = Arc::new(Instance::start(spec, &self.command, ground, printer)?);
        let mut instances = self.function.lock();
        instances.all.retain(|instance| instance.is_alive());
        instances.all.push(Arc::clone(&instance));
        Ok(instance)
    }

    async fn after(&self, outcome: Outcome, instance: Arc<Instance>) -> Outcome {
        if matches!(outcome, Outcome::Answered(_)) {
            self.function.put_back(instance);
        } else {
            instance.end(Stop::Kill).await;
        }
        outcome
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.function.lock().busy -= 1;
    }
}

fn no_command(spec: &FunctionSpec) -> Fault {
    let FunctionSpec { name, logical_id, .. } = spec;
    Fault::client(
        "InvalidRuntimeException",
        format!(
            "function `{name}` has no command on this machine: give one in the template as \
             `Metadata: {{Local: {{Command: [...]}}}}` of `{logical_id}`, or with \
             --function {logical_id}='command'"
        ),
    )
}

fn throttled(reserved: bool) -> Fault {
    let reason = if reserved {
        "ReservedFunctionConcurrentInvocationLimitExceeded"
    } else {
        "ConcurrentInvocationLimitExceeded"
    };
    let mut fault = Fault::client("TooManyRequestsException", "Rate Exceeded.");
    fault.status = 429;
    fault.with("Reason", reason.into())
}
