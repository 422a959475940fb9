//! The objects of a message become items of a table.
//!
//! ```text
//! body ─▶ objects ─▶ look ─▶ ingest ─▶ look again ─▶ the same: done
//!                              ▲            └─▶ another: read that too
//!                              └────────────────┘
//! ```

use std::{pin::pin, time::Duration};

use futures_util::future::{Either, select};
use longshore::{
    poll::{Ask, Brought, Ended, Fresh, Message, Stopped, fresh, is_the_same, objects},
    trigger::ObjectVersion,
};
use tracing::{info, warn};

use super::Hold;
use crate::{
    ingest::{IngestError, IngestPlan, ingest},
    ports::{Lease, Newest, ObjectRef, ObjectTrouble, Objects, Pause, Table, World},
};

/// How often an object may be overwritten while it is worked on.
const OVERWRITES_MAX: u32 = 5;
/// Longest call that reading may have left behind when it was broken off: a row of the bytes before
/// must not come after the same row of the next.
const SETTLE: Duration = Duration::from_secs(20);
/// Failures that a reason names.
const NAMED_MAX: usize = 3;

/// What turns objects into rows.
#[derive(Debug)]
pub struct Rows<'a, O, T, N, P> {
    /// The objects.
    pub objects: &'a O,
    /// The table.
    pub table: &'a T,
    /// Time, chance and waiting.
    pub world: &'a N,
    /// What is to be done with an object.
    pub plan: P,
}

/// Works off the objects of `message`, one after the other, as long as `hold` allows it.
///
/// All effects are the same again when it is repeated: puts of the rows of one version of an object.
/// Of two versions of one object the rows of the newest are written last, whoever has their
/// messages: after writing one, the worker looks again.
pub async fn work_off_objects<O, T, N, P>(
    rows: &Rows<'_, O, T, N, P>,
    message: &Message,
    hold: &Hold,
) -> Ended
where
    O: Objects + Newest,
    T: Table,
    N: World + Pause,
    P: Fn(ObjectRef) -> IngestPlan,
{
    let told = match objects(&message.body) {
        Ok(Brought::Objects(told)) => told,
        Ok(Brought::Test) => return Ended::Done,
        Err(why) => return Ended::Rejected(format!("the message names no object: {why}")),
    };
    let (work, stopped) = (pin!(all(rows, message, &told, hold)), pin!(stopped(hold)));
    match select(work, stopped).await {
        Either::Left((ended, _)) => ended,
        Either::Right((why, _)) => Ended::Stopped(why),
    }
}

/// Returns when the work is to stop at once; until then it may come to its end.
async fn stopped(hold: &Hold) -> Stopped {
    let mut known = None;
    loop {
        known = hold.asked(known).await;
        if let Some(Ask::Stop(why)) = known {
            return why;
        }
    }
}

/// Whether the message is still ours, asked before every call that writes.
struct HoldLease<'a, N>(&'a Hold, &'a N);

impl<N: World> Lease for HoldLease<'_, N> {
    async fn still_ours(&self) -> bool {
        self.0.is_ours(self.1.now())
    }
}

async fn all<O, T, N, P>(
    rows: &Rows<'_, O, T, N, P>,
    message: &Message,
    told: &[ObjectVersion],
    hold: &Hold,
) -> Ended
where
    O: Objects + Newest,
    T: Table,
    N: World + Pause,
    P: Fn(ObjectRef) -> IngestPlan,
{
    let lease = HoldLease(hold, rows.world);
    let (mut rejected, mut retryable) = (Vec::new(), Vec::new());
    for object in told {
        let ObjectVersion { bucket, key, .. } = object;
        // The lanes are large, and one allocation per object is nothing.
        let failures = match Box::pin(one(rows, message, object, &lease)).await {
            Ok(()) => continue,
            Err(IngestError::FenceLost) => return Ended::Stopped(Stopped::Lost),
            Err(error @ IngestError::Rejected(_)) => (&mut rejected, error),
            Err(error) => (&mut retryable, error),
        };
        let (failures, error) = failures;
        warn!(message.id, key, %error, "Object is not done");
        failures.push(format!("`{bucket}/{}`: {error}", key.escape_debug()));
    }
    let named = |failures: &[String]| {
        let more = if failures.len() > NAMED_MAX { "; …" } else { "" };
        let named = failures[..failures.len().min(NAMED_MAX)].join("; ");
        format!("{} of {} objects failed: {named}{more}", failures.len(), told.len())
    };
    if !retryable.is_empty() {
        Ended::TryLater(named(&retryable))
    } else if !rejected.is_empty() {
        Ended::Rejected(named(&rejected))
    } else {
        Ended::Done
    }
}

async fn one<O, T, N, P>(
    rows: &Rows<'_, O, T, N, P>,
    message: &Message,
    told: &ObjectVersion,
    lease: &impl Lease,
) -> Result<(), IngestError>
where
    O: Objects + Newest,
    T: Table,
    N: World + Pause,
    P: Fn(ObjectRef) -> IngestPlan,
{
    let Rows { objects, table, world, plan } = rows;
    let look = || objects.newest(&told.bucket, &told.key);
    let mut version = match fresh(told, message.receives, look().await?) {
        Fresh::Read(version) => version,
        why @ (Fresh::Gone | Fresh::Newer) => {
            info!(message.id, key = told.key, ?why, "There is nothing to do for an object");
            return Ok(());
        }
    };
    for _ in 0..OVERWRITES_MAX {
        let ObjectVersion { bucket, key, version_id, etag, .. } = version.clone();
        let plan = plan(ObjectRef { bucket, key, version_id, etag });
        let whole = match ingest(*objects, *table, *world, lease, &plan).await {
            Ok(_) => true,
            Err(IngestError::Superseded(ObjectTrouble::Gone(_) | ObjectTrouble::Superseded(_))) => {
                world.sleep(SETTLE).await;
                false
            }
            Err(error) => return Err(error),
        };
        match look().await? {
            None => return Ok(()),
            Some(newest) if whole && is_the_same(&version, &newest) => return Ok(()),
            Some(newest) => version = newest,
        }
    }
    let words = format!("it was overwritten {OVERWRITES_MAX} times while it was worked on");
    Err(IngestError::Retryable(words))
}
