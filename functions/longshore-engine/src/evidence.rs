//! run that is about to fail ─▶ what its messages should tell; whatever cannot be found out is said
//! to be so, and keeps no run from its end

use std::future::{Future, ready};

use longshore::{
    run::{Change, Evidence, LogPointer, Run},
    trigger::ObjectVersion,
};
use tracing::warn;

use crate::{
    ports::{Ecs, EcsError, Ledger, Ports, World},
    work::inputs_of,
};

/// Completes a change before it is written.
pub(crate) trait Complete: Sync {
    /// Has the messages of a failure tell what can be found out about it.
    fn complete(&self, change: Change) -> impl Future<Output = Change> + Send;
}

/// For steps by which no run fails.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NothingToAdd;

impl Complete for NothingToAdd {
    fn complete(&self, change: Change) -> impl Future<Output = Change> + Send {
        ready(change)
    }
}

impl<L: Ledger, E: Ecs, W: World> Complete for Ports<'_, L, E, W> {
    async fn complete(&self, change: Change) -> Change {
        let mut change = change;
        if change.is_failure() {
            // Rare, and no flow needs to have room for it.
            let evidence = Box::pin(evidence(self.ledger, self.ecs, &change.run)).await;
            change.tell(&evidence);
        }
        change
    }
}

async fn evidence(ledger: &impl Ledger, ecs: &impl Ecs, run: &Run) -> Evidence {
    Evidence { logs: logs(ecs, run).await, objects: objects(ledger, run).await }
}

/// Those of several objects that are left, which are the ones that failed.
async fn objects(ledger: &impl Ledger, run: &Run) -> Option<Result<Vec<ObjectVersion>, String>> {
    let read = inputs_of(ledger, run).await.map_err(|trouble| {
        warn!(run.id = %run.id, %trouble, "It is not known which objects failed");
        trouble.to_string()
    });
    read.transpose().map(|read| read.map(|inputs| inputs.objects))
}

async fn logs(ecs: &impl Ecs, run: &Run) -> Option<LogPointer> {
    let pointer = LogPointer::of(run)?;
    let definition = &run.target.as_ref()?.definition;
    let said = ecs.log_settings(definition, &pointer.container).await;
    let said = said.map_err(|EcsError(trouble)| {
        warn!(run.id = %run.id, trouble, "It is not known where the task logs");
        trouble
    });
    Some(pointer.with(said))
}

#[cfg(test)]
mod tests;
