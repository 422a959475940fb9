//! An event source mapping: it polls a queue and invokes a function with batches.
//!
//! A message is deleted when its invocation has succeeded; everything else reappears after its
//! visibility timeout, so nothing is lost when the mapping, the function or this AWS ends.
//!
//! ```text
//! Source ─receive─▶ batch ─event─▶ Invoke ─answer─▶ settlement ─delete─▶ Source
//! ```

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::{sync::watch, task::JoinSet};

use super::{Invoked, Lambda, Message, poll::Flow};
use crate::{Clock, Fault, template::MappingSpec};

/// The queue of a mapping.
pub(crate) trait Source: Send + Sync + 'static {
    /// Receives up to `max` (1 to 10) messages. Waits up to `wait` for the first one, and not at
    /// all when there are some.
    fn receive(
        &self,
        max: usize,
        wait: Duration,
    ) -> impl Future<Output = Result<Vec<Message>, Fault>> + Send;

    /// Deletes up to 10 messages by their receipt handles.
    fn delete(
        &self,
        receipt_handles: Vec<String>,
    ) -> impl Future<Output = Result<(), Fault>> + Send;
}

/// The function of a mapping.
pub(crate) trait Invoke: Send + Sync + 'static {
    /// Invokes it with an event and waits for what becomes of it.
    fn invoke(&self, event: Bytes) -> impl Future<Output = Result<Invoked, Fault>> + Send;
}

/// A function by its name or ARN.
#[derive(Debug)]
struct Named {
    lambda: Arc<Lambda>,
    function: String,
}

impl Invoke for Named {
    async fn invoke(&self, event: Bytes) -> Result<Invoked, Fault> {
        self.lambda.invoke(&self.function, event).await
    }
}

/// A running event source mapping; it ends when it is stopped or dropped.
#[derive(Debug)]
pub(crate) struct Mapping {
    stop: watch::Sender<bool>,
    polling: JoinSet<()>,
}

impl Mapping {
    /// Starts to hand the messages of `source` to the function that `spec` names. A disabled
    /// mapping does nothing.
    #[must_use]
    pub(crate) fn start(
        clock: Clock,
        spec: MappingSpec,
        source: impl Source,
        lambda: &Arc<Lambda>,
    ) -> Self {
        let function = spec.function_arn.clone();
        Self::between(clock, spec, source, Named { lambda: Arc::clone(lambda), function })
    }

    /// Starts to hand the messages of `source` to `target`.
    #[must_use]
    pub(crate) fn between(
        clock: Clock,
        spec: MappingSpec,
        source: impl Source,
        target: impl Invoke,
    ) -> Self {
        let (stop, stopping) = watch::channel(!spec.enabled);
        let flow = Arc::new(Flow { clock, spec, source, target });
        let mut polling = JoinSet::new();
        polling.spawn(flow.poll(stopping));
        Self { stop, polling }
    }

    /// Stops polling, and returns when running invocations are settled or have had their time.
    pub(crate) async fn stop(self) {
        self.stop.send_replace(true);
        self.polling.join_all().await;
    }
}
