//! Lambda: functions as child processes on the real Runtime API.
//!
//! What runs here is the program that is deployed, started by a command. It is not sandboxed and
//! its time limits run on the machine's clock, as its own clock does.
//!
//! ```text
//! queue ─▶ mapping ─┐
//! Invoke ───────────┴▶ Lambda ─▶ function ─▶ instance ─▶ Runtime API ◀─▶ process
//! ```

mod batch;
mod environment;
mod http_api;
mod ids;
mod invoked;
mod mapping;
mod poll;
mod pool;
mod printer;
mod process;
mod record;
mod runtime_api;
mod settlement;

#[cfg(test)]
mod fake;
#[cfg(test)]
mod mapping_tests;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::join_all;
use tokio::{sync::oneshot, task::JoinSet};

use self::pool::{Function, Seat};
pub(crate) use self::{
    invoked::Invoked,
    mapping::{Invoke, Mapping, Source},
    record::{Message, MessageAttribute},
};
use crate::{Fault, Ground, template::FunctionSpec};

/// How often idle instances are looked through.
const IDLE_LOOK: Duration = Duration::from_secs(30);

/// Attempts after the first of an asynchronous invocation, and how long each waits (Lambda
/// Developer Guide, "How Lambda handles errors and retries with asynchronous invocation").
const ASYNC_RETRY_SECS: [u64; 2] = [60, 120];

/// How long an asynchronous invocation is throttled before Lambda drops it: 6 h.
const ASYNC_AGE_SECS_MAX: i64 = 6 * 3_600;

/// Longest wait between two tries of a throttled asynchronous invocation.
const THROTTLE_SECS_MAX: u64 = 300;

/// The functions of this AWS.
#[derive(Debug)]
pub(crate) struct Lambda {
    ground: Ground,
    functions: Mutex<BTreeMap<String, Arc<Function>>>,
    /// Everything that runs; `None` once stopped.
    running: Mutex<Option<JoinSet<()>>>,
}

impl Lambda {
    /// A Lambda without functions. Must be called within a tokio runtime.
    pub(crate) fn open(ground: Ground) -> Result<Arc<Self>, Fault> {
        let lambda = Arc::new(Self {
            ground,
            functions: Mutex::default(),
            running: Mutex::new(Some(JoinSet::new())),
        });
        lambda.spawn(end_idle(Arc::downgrade(&lambda), lambda.ground.clock))?;
        Ok(lambda)
    }

    /// Makes a function, or changes it: running invocations of the former one go on.
    pub(crate) fn create(&self, spec: FunctionSpec) -> Result<(), Fault> {
        let is_name_char = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if spec.name.is_empty() || !spec.name.chars().all(is_name_char) {
            let message = format!("`{}` is no function name: use [a-zA-Z0-9-_]+", spec.name);
            return Err(Fault::client("InvalidParameterValueException", message));
        }
        let mut functions = lock(&self.functions);
        if functions.get(&spec.name).is_some_and(|function| function.spec == spec) {
            return Ok(());
        }
        let function = Arc::new(Function::open(&self.ground, spec)?);
        if let Some(former) = functions.insert(function.spec.name.clone(), function) {
            drop(functions);
            self.spawn(async move { former.end_all_idle().await })?;
        }
        Ok(())
    }

    /// Invokes the function of that name or ARN and waits for its response.
    ///
    /// The invocation goes on when the caller no longer waits, as it does in AWS.
    pub(crate) async fn invoke(&self, function: &str, payload: Bytes) -> Result<Invoked, Fault> {
        let seat = self.function(function)?.admit()?;
        self.run(seat, payload).await
    }

    /// Invokes the function asynchronously: two more attempts when it fails, then it is dropped.
    pub(crate) fn invoke_event(
        self: &Arc<Self>,
        function: &str,
        payload: Bytes,
    ) -> Result<(), Fault> {
        let name = self.function(function)?.spec.name.clone();
        self.spawn(Arc::clone(self).deliver(name, payload))
    }

    /// Ends everything: no invocation starts any more, and every process it started is gone when
    /// this returns.
    pub(crate) async fn stop_all(&self) {
        let running = lock(&self.running).take();
        if let Some(mut running) = running {
            running.shutdown().await;
        }
        let functions: Vec<Arc<Function>> = lock(&self.functions).values().cloned().collect();
        join_all(functions.iter().map(|function| function.end_all())).await;
    }

    async fn run(&self, seat: Seat, payload: Bytes) -> Result<Invoked, Fault> {
        let (told, invoked) = oneshot::channel();
        self.spawn(async move {
            let invoked = seat.run(ids::request_id(), payload).await;
            // Nobody may wait for it any more.
            drop(told.send(invoked));
        })?;
        invoked.await.map_err(|_| stopping())
    }

    async fn deliver(self: Arc<Self>, function: String, payload: Bytes) {
        let began = self.ground.clock.now();
        let (mut failures, mut throttles) = (0, 0);
        loop {
            let wait_secs = match self.invoke(&function, payload.clone()).await {
                Ok(invoked) if invoked.function_error.is_none() => return,
                Ok(_) => {
                    let Some(wait) = ASYNC_RETRY_SECS.get(failures) else { return };
                    failures += 1;
                    *wait
                }
                Err(fault) if fault.status == 429 => {
                    throttles += 1;
                    2_u64.saturating_pow(throttles - 1).min(THROTTLE_SECS_MAX)
                }
                Err(fault) => {
                    tracing::warn!(%function, %fault, "asynchronous invocation dropped");
                    return;
                }
            };
            let age = self.ground.clock.now().duration_since(began);
            if age.as_secs() > ASYNC_AGE_SECS_MAX {
                tracing::warn!(%function, "asynchronous invocation dropped: throttled for too long");
                return;
            }
            self.ground.clock.sleep(Duration::from_secs(wait_secs)).await;
        }
    }

    fn function(&self, name_or_arn: &str) -> Result<Arc<Function>, Fault> {
        let functions = lock(&self.functions);
        let found = http_api::name_of(name_or_arn).and_then(|name| functions.get(name));
        found.cloned().ok_or_else(|| {
            let resource = format!("function:{name_or_arn}");
            let arn = if name_or_arn.starts_with("arn:") {
                name_or_arn.to_owned()
            } else {
                self.ground.account.arn("lambda", &resource)
            };
            let mut fault =
                Fault::client("ResourceNotFoundException", format!("Function not found: {arn}"));
            fault.status = 404;
            fault
        })
    }

    fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) -> Result<(), Fault> {
        let mut running = lock(&self.running);
        let running = running.as_mut().ok_or_else(stopping)?;
        while running.try_join_next().is_some() {}
        running.spawn(future);
        Ok(())
    }
}

async fn end_idle(lambda: Weak<Lambda>, clock: crate::Clock) {
    loop {
        clock.sleep(IDLE_LOOK).await;
        let Some(lambda) = lambda.upgrade() else { return };
        let functions: Vec<Arc<Function>> = lock(&lambda.functions).values().cloned().collect();
        drop(lambda);
        join_all(functions.iter().map(|function| function.end_idle())).await;
    }
}

fn stopping() -> Fault {
    let mut fault = Fault::server("the embedded AWS is stopping");
    fault.status = 503;
    fault
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
