//! `StopTask`, and the end of all tasks when this AWS shuts down.

use std::time::Duration;

use futures_util::future::{OptionFuture, join_all};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Fault;

use super::{
    Ecs, describe,
    drive::{Drive, Stop},
    lock,
    refusal::{invalid, parse},
    task::StopCode,
    transition,
};

/// How long killed processes may take to vanish before a shutdown goes on without them.
const VANISH: Duration = Duration::from_secs(2);

#[derive(Deserialize)]
struct StopRequest {
    cluster: Option<String>,
    #[serde(default)]
    task: String,
    reason: Option<String>,
}

impl Ecs {
    pub(super) fn stop_task(&self, input: Value) -> Result<Value, Fault> {
        let request: StopRequest = parse(input)?;
        let now = self.ground.clock.now();
        let not_found = || invalid("The referenced task was not found.");
        let id = {
            let state = self.state();
            let cluster = state.cluster(request.cluster.as_deref())?;
            let task = state.task(&cluster.arn, &request.task, now).ok_or_else(not_found)?;
            task.id.clone()
        };
        let reason = request.reason.as_deref().unwrap_or("Task stopped by user");
        let code = StopCode::UserInitiated;
        let task = self
            .advance(&id, |task| transition::stop_requested(task, code, reason, now))?
            .ok_or_else(not_found)?;
        if let Some(drive) = lock(&self.drives).get(&id) {
            drive.tell(Stop::Terminate);
        }
        Ok(json!({"task": describe::api(&task)}))
    }

    /// Ends every task: SIGTERM now, SIGKILL after each container's stop timeout or when
    /// `deadline`, in the machine's own time, has passed. No task starts any more.
    pub(crate) async fn stop_all(&self, deadline: Duration) {
        self.state().is_closing = true;
        self.bell.wake();
        let keeping = lock(&self.keeping).take();
        if let Some(Err(error)) = OptionFuture::from(keeping).await {
            tracing::error!(%error, "the services were no longer kept");
        }
        let drives = std::mem::take(&mut *lock(&self.drives));
        let now = self.ground.clock.now();
        for (id, drive) in &drives {
            let code = StopCode::InfrastructureHealth;
            let reason = "The embedded AWS is shutting down";
            let step = self.advance(id, |task| transition::stop_requested(task, code, reason, now));
            if let Err(error) = step {
                tracing::error!(task = id, %error, "the stop of a task could not be written");
            }
            drive.tell(Stop::Terminate);
        }
        let stops: Vec<_> = drives.values().map(Drive::stop_sender).collect();
        let mut ends = Box::pin(join_all(drives.into_values().map(|drive| drive.future)));
        if tokio::time::timeout(deadline, &mut ends).await.is_ok() {
            return;
        }
        for stop in stops {
            super::drive::raise(&stop, Stop::Kill);
        }
        if tokio::time::timeout(VANISH, ends).await.is_err() {
            tracing::error!("some containers did not end although they were killed");
        }
    }
}
