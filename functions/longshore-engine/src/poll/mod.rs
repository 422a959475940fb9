//! A queue is worked off: messages in, work, and what became of each told to SQS.
//!
//! ```text
//! inbox ─▶ Desk ─ Do ─▶ receive · work · extend · delete · hand back · set aside · beat · protect
//!           ▲                                                                          │
//!           └──────────────────────────── Happened ◀───────────────────────────────────┘
//! ```
//!
//! One future does it all: dropping it at any moment is what a crash is, and SQS gives again what
//! was not deleted.

mod carry;
mod hold;
mod objects;
mod progress;
mod terms;

#[cfg(test)]
mod fakes;
#[cfg(test)]
mod tests;

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
    time::Duration,
};

use futures_util::{Stream, stream::FuturesUnordered};
use jiff::Timestamp;
use longshore::poll::{Desk, Ended, Happened, Message, Post};

pub use hold::Hold;
pub use objects::{Rows, work_off_objects};
pub use terms::terms;

use crate::ports::{Inbox, Pause, Protection, Shelf, Workers, World};
use carry::Carried;

/// Works on messages.
pub trait Work: Sync {
    /// Works on `message` as long as `hold` says that it is ours, and ends when it asks to. The
    /// same message may be worked on again, here or elsewhere.
    fn work(&self, message: &Message, hold: &Hold) -> impl Future<Output = Ended>;
}

/// What a worker touches.
#[derive(Debug)]
pub struct Tools<'a, I, W, S, L, G, N> {
    /// The queue.
    pub inbox: &'a I,
    /// The work.
    pub work: &'a W,
    /// Where messages are set aside.
    pub shelf: &'a S,
    /// Where it says how it is going, if it does.
    pub workers: Option<&'a L>,
    /// The protection of its task.
    pub protection: &'a G,
    /// Time, chance and waiting.
    pub world: &'a N,
}

/// Works off a queue until the worker is told to leave, by its row or by `terminate`.
pub async fn poll<I, W, S, L, G, N>(
    tools: &Tools<'_, I, W, S, L, G, N>,
    post: Post,
    terminate: impl Future<Output = ()>,
) where
    I: Inbox,
    W: Work,
    S: Shelf,
    L: Workers,
    G: Protection,
    N: World + Pause,
{
    let world = tools.world;
    let mut carried = Carried::new(tools, &post);
    let mut desk = Desk::new(post.clone(), world.now());
    let mut terminate = pin!(terminate);
    let mut terminated = false;
    loop {
        let now = world.now();
        for todo in desk.next(now, world.draw()) {
            if carried.begin(todo).is_break() {
                return;
            }
        }
        let wake = desk.wake_at(now);
        let mut timer = pin!(world.sleep(between(now, wake)));
        let mut what = Vec::new();
        poll_fn(|context| {
            for futures in [&mut carried.receiving, &mut carried.under_way] {
                while let Poll::Ready(Some(happened)) = Pin::new(&mut *futures).poll_next(context) {
                    what.push(happened);
                }
            }
            if !terminated && terminate.as_mut().poll(context).is_ready() {
                terminated = true;
                what.push(Happened::Terminated);
            }
            let is_due = timer.as_mut().poll(context).is_ready();
            if is_due || !what.is_empty() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        let now = world.now();
        for happened in what {
            if let Happened::Ended { key, .. } = &happened {
                carried.ended(*key);
            }
            desk.happened(happened, now, world.draw());
        }
    }
}

/// The futures of everything that was begun.
type UnderWay<'a> = FuturesUnordered<Pin<Box<dyn Future<Output = Happened> + 'a>>>;

fn between(now: Timestamp, then: Timestamp) -> Duration {
    then.duration_since(now).try_into().unwrap_or(Duration::ZERO)
}

/// A message's hold, shared by its work and its worker.
type Shared = Arc<Hold>;
