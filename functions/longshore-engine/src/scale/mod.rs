//! Scales a queue: look, decide, write down, act, and the same again until another scaler takes
//! over.
//!
//! ```text
//! depth, workers, ECS ─▶ tick ─▶ row of the queue (only if it is still ours) ─▶ RunTask or
//! UpdateService, drains, the change in words
//! ```
//!
//! The row is written before anything is done, and what is done follows from the row: a scaler may
//! die anywhere, and who comes next does the rest.

mod act;
mod hold;
mod look;
mod recording;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use longshore::{
    fleet::{Change, Queue, Scaled},
    scale::Reason,
};
use tracing::{debug, warn};

use crate::{
    Permits,
    ports::{self, LedgerError, Pause, World},
};
use hold::{Hold, Kept};
use recording::Recording;

/// Time between two ticks: with up to ten seconds waits stay the same, with more they grow.
const TICK: SignedDuration = SignedDuration::from_secs(5);
/// Time until another scaler begins: the schedule's.
const NEXT_SCALER_SECS: f64 = 60.0;
/// Ticks in a row that may come to nothing before the queue is left to the next scaler.
const TROUBLES_MAX: u32 = 20;
/// Time without a reading of the queue that is worth an alarm: most of what a scaler has.
const UNREAD: SignedDuration = SignedDuration::from_secs(45);

/// What scaling touches.
#[derive(Debug)]
pub struct ScalePorts<'a, L, R, D, F, W, T> {
    /// The ledger, for launch permits.
    pub ledger: &'a L,
    /// Rows of queues and of their workers.
    pub rows: &'a R,
    /// Depths of queues.
    pub depth: &'a D,
    /// ECS.
    pub fleet: &'a F,
    /// Time and chance.
    pub world: &'a W,
    /// The launches of this second.
    pub permits: &'a Permits,
    /// Tells each change of a queue's fleet.
    pub tell: &'a T,
}

/// Why a queue is not scaled any more by this scaler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scaling {
    /// Its time is over.
    Over,
    /// Another one has taken the queue over.
    TakenOver,
    /// There is nothing to do, and what comes before the next one begins can wait for it.
    Idle,
    /// However that came, it could not read the queue until then: the fleet stays as it is.
    Unread,
}

impl Scaling {
    /// It in a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Over => "over",
            Self::TakenOver => "taken over",
            Self::Idle => "idle",
            Self::Unread => "unread",
        }
    }
}

/// Nothing was done with the queue; the next scaler tries again.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ScaleTrouble {
    /// The ledger could not be asked or told.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Other scalers wrote the row each time between reading and writing it.
    #[error("the row of queue `{0}` was written by others {1} times in a row")]
    Contended(String, u32),
}

/// Scales `queue` until `until`, or until another scaler does.
pub async fn scale<L, R, D, F, W, T>(
    on: &ScalePorts<'_, L, R, D, F, W, T>,
    queue: &Queue,
    until: Timestamp,
) -> Result<Scaling, ScaleTrouble>
where
    L: ports::Ledger,
    R: ports::Scaling + ports::Workers,
    D: ports::Depth,
    F: ports::Fleet,
    W: World + Pause,
    T: Fn(&str, &Change) + Sync,
{
    let mut hold = Hold::take(on.rows, on.world, queue).await?;
    let mut recording = Recording::default();
    let (mut troubles, mut read_at) = (0, on.world.now());
    let ends = loop {
        let began = on.world.now();
        match tick(on, queue, &mut hold, &mut recording).await {
            Ok(None) => break Scaling::TakenOver,
            Ok(Some(Looked { is_idle, is_read })) => {
                troubles = 0;
                if is_read {
                    read_at = began;
                }
                let launch_secs = hold.scaled.state.launch_secs();
                if is_idle && queue.policy.may_be_left(NEXT_SCALER_SECS, launch_secs) {
                    break Scaling::Idle;
                }
            }
            Err(trouble) => {
                troubles += 1;
                warn!(queue = queue.name(), %trouble, "Could not tick, and nothing was changed");
                if troubles >= TROUBLES_MAX {
                    break Scaling::Over;
                }
            }
        }
        let next = began + TICK;
        if next > until {
            break Scaling::Over;
        }
        let wait = next.duration_since(on.world.now());
        on.world.sleep(Duration::try_from(wait).unwrap_or_default()).await;
    };
    let is_unread = on.world.now().duration_since(read_at) >= UNREAD;
    let ends = if is_unread { Scaling::Unread } else { ends };
    recording.flush(on.rows, queue.name()).await;
    debug!(queue = queue.name(), ends = ends.word(), "Left a queue");
    Ok(ends)
}

/// What a look at a queue has shown.
#[derive(Clone, Copy, Debug)]
struct Looked {
    /// There is neither a message nor a task.
    is_idle: bool,
    /// The depth could be read, and believed.
    is_read: bool,
}

/// Looks, decides, writes down and acts, once, unless another scaler has the queue.
async fn tick<L, R, D, F, W, T>(
    on: &ScalePorts<'_, L, R, D, F, W, T>,
    queue: &Queue,
    hold: &mut Hold,
    recording: &mut Recording,
) -> Result<Option<Looked>, ScaleTrouble>
where
    L: ports::Ledger,
    R: ports::Scaling + ports::Workers,
    D: ports::Depth,
    F: ports::Fleet,
    W: World + Pause,
    T: Fn(&str, &Change) + Sync,
{
    let look = look::look(on, &hold.scaled).await?;
    let ticked = hold.scaled.tick(&queue.policy, &look.sighting(&hold.answers, hold.is_told));
    let before = hold.scaled.state.clone();
    let reason = ticked.next.decided.as_ref().map(|decided| decided.decision.reason);
    let trouble = look.trouble.clone().or_else(|| hold.trouble.take());
    match hold.keep(on.rows, Scaled { trouble, ..ticked.next }).await? {
        Kept::Ours => recording.add(on.rows, queue, before, ticked.observation).await,
        // What that row was decided by is not known any more.
        Kept::OursBefore => recording.flush(on.rows, queue.name()).await,
        Kept::TakenOver => return Ok(None),
    }
    act::act(on, hold, look.service.as_ref(), look.at + TICK).await;
    let is_read = reason.is_some_and(|reason| reason != Reason::Stale);
    Ok(Some(Looked { is_idle: ticked.is_idle, is_read }))
}

#[cfg(test)]
mod tests;
