//! The objects of a message become items of a table.
//!
//! ```text
//! checkpoint ─┐
//! body ─▶ objects ─▶ look ─▶ ingest ─▶ look again ─▶ the same: done
//!                              ▲            └─▶ another: read that too
//!                              └────────────────┘
//! ```

use std::{pin::pin, time::Duration};

use futures_util::future::{Either, select};
use longshore::{
    ingest::Refused,
    poll::{Brought, Ended, Fresh, Message, Part, Rejection, Stopped, fresh, is_the_same, objects},
    trigger::ObjectVersion,
};
use tracing::{info, warn};

use super::{Hold, progress::Progress};
use crate::{
    ingest::{IngestError, IngestPlan, ingest},
    ports::{Checkpoints, Lease, Newest, ObjectRef, ObjectTrouble, Objects, Pause, Table, World},
};

/// How often an object may be overwritten while it is worked on.
const OVERWRITES_MAX: u32 = 5;
/// Longest call that work may have left behind when it was broken off: a row of the bytes before must
/// not come after the same row of the next.
const SETTLE: Duration = Duration::from_secs(20);
/// Failures that a reason names.
const NAMED_MAX: usize = 3;

/// What turns objects into rows.
#[derive(Debug)]
pub struct Rows<'a, O, T, N, P, C> {
    /// The objects.
    pub objects: &'a O,
    /// The table.
    pub table: &'a T,
    /// Time, chance and waiting.
    pub world: &'a N,
    /// What is to be done with an object.
    pub plan: P,
    /// Where workers tell each other how far they came, if they do.
    pub checkpoints: Option<&'a C>,
    /// The name of their queue.
    pub queue: &'a str,
}

/// Works off the objects of `message`, one after the other, as long as `hold` allows it.
///
/// All effects are the same again when it is repeated: puts of the rows of one version of an object.
/// Of two versions of one object the rows of the newest are written last, whoever has their
/// messages: after writing one, the worker looks again. Work that is asked to stop waits for what is
/// under way and says how far it is; whoever has the message next goes on from there.
pub async fn work_off_objects<O, T, N, P, C>(
    rows: &Rows<'_, O, T, N, P, C>,
    message: &Message,
    hold: &Hold,
) -> Ended
where
    O: Objects + Newest,
    T: Table,
    N: World + Pause,
    P: Fn(ObjectRef) -> IngestPlan,
    C: Checkpoints,
{
    let (told, bad) = match objects(&message.body) {
        Ok(Brought::Objects(told, bad)) => (told, bad),
        Ok(Brought::Test) => return Ended::Done,
        Err(why) => return Ended::Rejected(format!("the message names no object: {why}").into()),
    };
    let progress = match Progress::of(rows, message).await {
        Ok(progress) => progress,
        Err(trouble) => return Ended::TryLater(format!("nobody knows how far it is: {trouble}")),
    };
    let mut work = pin!(all(rows, message, &told, bad, hold, &progress));
    let keeping = pin!(progress.keep_now_and_then());
    let why = match select(work.as_mut(), pin!(select(pin!(hold.stopped()), keeping))).await {
        Either::Left((ended, _)) => {
            if ended.comes_back() {
                progress.keep().await;
            }
            return ended;
        }
        Either::Right((Either::Left((why, _)), _)) => why,
        Either::Right((Either::Right((never, _)), _)) => match never {},
    };
    if why == Stopped::Lost {
        return Ended::Stopped(why);
    }
    // It writes nothing more, and ends once it is known what became of all that was sent. There may
    // not be so much time.
    let settled = async {
        progress.keep().await;
        rows.world.sleep(SETTLE).await;
    };
    match select(work, pin!(settled)).await {
        Either::Left((Ended::Stopped(_), _)) | Either::Right(_) => {}
        Either::Left((ended, _)) => return ended,
    }
    if progress.keep().await { Ended::Checkpointed } else { Ended::Stopped(why) }
}

/// Whether the message is still ours, asked before every call that writes; and how far the object is
/// that has this place in it.
struct HoldLease<'a, N, C> {
    hold: &'a Hold,
    world: &'a N,
    progress: &'a Progress<'a, N, C>,
    place: usize,
}

impl<N: World, C: Sync> Lease for HoldLease<'_, N, C> {
    async fn still_ours(&self) -> bool {
        self.hold.is_ours(self.world.now())
    }

    fn reached(&self, records: u64, refused: &[Refused]) {
        self.progress.note(|checkpoint| checkpoint.reached(self.place, records, refused));
    }
}

async fn all<O, T, N, P, C>(
    rows: &Rows<'_, O, T, N, P, C>,
    message: &Message,
    told: &[ObjectVersion],
    bad: Vec<Part>,
    hold: &Hold,
    progress: &Progress<'_, N, C>,
) -> Ended
where
    O: Objects + Newest,
    T: Table,
    N: World + Pause,
    P: Fn(ObjectRef) -> IngestPlan,
    C: Checkpoints,
{
    let count = told.len() + bad.len();
    let (mut rejected, mut retryable) = (bad, Vec::new());
    for (place, object) in told.iter().enumerate() {
        if progress.note(|checkpoint| checkpoint.done.contains(&place)) {
            continue;
        }
        let ObjectVersion { bucket, key, .. } = object;
        let lease = HoldLease { hold, world: rows.world, progress, place };
        // The lanes are large, and one allocation per object is nothing.
        let error = match Box::pin(one(rows, message, object, &lease)).await {
            Ok(()) => {
                progress.note(|checkpoint| checkpoint.done(place));
                continue;
            }
            Err(IngestError::FenceLost) => return Ended::Stopped(Stopped::Lost),
            Err(error) => error,
        };
        warn!(message.id, key, %error, "Object is not done");
        let reason = format!("`{bucket}/{}`: {error}", key.escape_debug());
        if matches!(error, IngestError::Rejected(_) | IngestError::Bad { .. }) {
            let body = serde_json::to_string(object).unwrap_or_default();
            rejected.push(Part { body, reason });
        } else {
            retryable.push(reason);
        }
    }
    let named = |failures: &[String]| {
        let more = if failures.len() > NAMED_MAX { "; …" } else { "" };
        let named = failures[..failures.len().min(NAMED_MAX)].join("; ");
        format!("{} of {count} objects failed: {named}{more}", failures.len())
    };
    if !retryable.is_empty() {
        Ended::TryLater(named(&retryable))
    } else if !rejected.is_empty() {
        let reasons: Vec<_> = rejected.iter().map(|part| part.reason.clone()).collect();
        Ended::Rejected(Rejection { reason: named(&reasons), parts: rejected })
    } else {
        Ended::Done
    }
}

async fn one<O, T, N, P, C>(
    rows: &Rows<'_, O, T, N, P, C>,
    message: &Message,
    told: &ObjectVersion,
    lease: &HoldLease<'_, N, C>,
) -> Result<(), IngestError>
where
    O: Objects + Newest,
    T: Table,
    N: World + Pause,
    P: Fn(ObjectRef) -> IngestPlan,
    C: Checkpoints,
{
    let Rows { objects, table, world, plan, .. } = rows;
    let look = || objects.newest(&told.bucket, &told.key);
    let mut version = match fresh(told, message.receives, look().await?) {
        Fresh::Read(version) => version,
        why @ (Fresh::Gone | Fresh::Newer) => {
            info!(message.id, key = told.key, ?why, "There is nothing to do for an object");
            return Ok(());
        }
    };
    for _ in 0..OVERWRITES_MAX {
        let behind = lease.progress.begin(lease.place, &version).await?;
        if behind.records > 0 {
            info!(message.id, key = told.key, behind.records, "An object is gone on with");
        }
        let ObjectVersion { bucket, key, version_id, etag, .. } = version.clone();
        let plan = IngestPlan { behind, ..plan(ObjectRef { bucket, key, version_id, etag }) };
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
