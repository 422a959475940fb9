//! What the desk wants done ─▶ a call, or work, that says how it went.

use std::{collections::BTreeMap, future::Future, ops::ControlFlow, sync::Arc};

use futures_util::stream::FuturesUnordered;
use longshore::poll::{Aside, Do, Happened, Key, Lend, Message, Note, Post, Protected, Told};
use tracing::{debug, error, info, warn};

use super::{Hold, Shared, Tools, UnderWay, Work};
use crate::ports::{Inbox, InboxTrouble, Pause, Protection, Shelf, Unprotected, Workers, World};

/// Everything that was begun and has not come to an end.
pub(super) struct Carried<'a, I, W, S, L, G, N> {
    tools: &'a Tools<'a, I, W, S, L, G, N>,
    queue: String,
    visibility_secs: u32,
    holds: BTreeMap<Key, Shared>,
    /// Calls that wait for messages.
    pub(super) receiving: UnderWay<'a>,
    pub(super) under_way: UnderWay<'a>,
}

impl<'a, I, W, S, L, G, N> Carried<'a, I, W, S, L, G, N>
where
    I: Inbox,
    W: Work,
    S: Shelf,
    L: Workers,
    G: Protection,
    N: World + Pause,
{
    pub(super) fn new(tools: &'a Tools<'a, I, W, S, L, G, N>, post: &Post) -> Self {
        let least = longshore::poll::VISIBILITY_SECS_MIN;
        Self {
            tools,
            queue: post.options.queue.clone(),
            visibility_secs: post.visibility_secs.max(least),
            holds: BTreeMap::new(),
            receiving: FuturesUnordered::new(),
            under_way: FuturesUnordered::new(),
        }
    }

    /// The work named `key` has ended.
    pub(super) fn ended(&mut self, key: Key) {
        self.holds.remove(&key);
    }

    /// Begins what is to be done; breaks off when it is over.
    pub(super) fn begin(&mut self, todo: Do) -> ControlFlow<()> {
        let tools = self.tools;
        match todo {
            Do::Receive { count } => self.receive(count),
            Do::ReceiveNoMore => self.receiving = FuturesUnordered::new(),
            Do::Begin { key, message, until } => {
                let hold = Arc::new(Hold::new(until));
                self.holds.insert(key, Arc::clone(&hold));
                self.push(async move {
                    let ended = tools.work.work(&message, &hold).await;
                    debug!(message.id, ?ended, "The work on a message has ended");
                    Happened::Ended { key, ended }
                });
            }
            Do::Note { key, message, note } => self.note(key, message, note),
            Do::Lent { key, until } => {
                if let Some(hold) = self.holds.get(&key) {
                    hold.lent(until);
                }
            }
            Do::Ask { key, ask } => {
                if let Some(hold) = self.holds.get(&key) {
                    hold.ask(ask);
                }
            }
            Do::Extend(lends) => {
                let called = tools.world.now();
                self.push(async move {
                    let told = told("extended", tools.inbox.lend(&lends).await, lends);
                    Happened::Extended { called, told }
                });
            }
            Do::Delete(lends) => self.push(async move {
                Happened::Settled(told("deleted", tools.inbox.delete(&lends).await, lends))
            }),
            Do::HandBack(lends) => self.push(async move {
                Happened::Settled(told("handed back", tools.inbox.lend(&lends).await, lends))
            }),
            Do::SetAside { key, message, rejection } => {
                warn!(message.id, reason = rejection.reason, "A message is set aside");
                let aside = Aside::new(&self.queue, &message, &rejection);
                self.push(async move {
                    let kept = tools.shelf.keep(&aside).await;
                    if let Err(trouble) = &kept {
                        warn!(trouble, "A message could not be set aside, and it is tried again");
                    }
                    Happened::Aside { key, done: kept.is_ok() }
                });
            }
            Do::Beat(_) | Do::Protect | Do::Unprotect => self.report(todo),
            Do::Leave => return ControlFlow::Break(()),
        }
        ControlFlow::Continue(())
    }

    fn receive(&self, count: usize) {
        let (inbox, secs) = (self.tools.inbox, self.visibility_secs);
        self.receiving.push(Box::pin(async move {
            let messages = inbox.receive(count, secs).await;
            if let Err(trouble) = &messages {
                warn!(%trouble, "No messages could be received");
            }
            Happened::Came { asked: count, messages: messages.ok() }
        }));
    }

    fn note(&self, key: Key, message: Arc<Message>, note: Note) {
        let tools = self.tools;
        let queue = longshore::fleet::queue_name(&self.queue).to_owned();
        self.push(async move {
            let Some(workers) = tools.workers else { return Happened::Noted { key, marks: None } };
            let marks = workers.note(&queue, &message, note, tools.world.now()).await;
            if let Err(trouble) = &marks {
                warn!(%trouble, message.id, ?note, "Other workers do not hear of a message");
            }
            Happened::Noted { key, marks: marks.ok() }
        });
    }

    fn report(&self, todo: Do) {
        let tools = self.tools;
        match todo {
            Do::Beat(beat) => {
                let Some(workers) = tools.workers else { return };
                let queue = longshore::fleet::queue_name(&self.queue).to_owned();
                self.push(async move {
                    let order = workers.beat(&queue, &beat).await;
                    if let Err(trouble) = &order {
                        warn!(%trouble, "The ledger does not know how this worker is");
                    }
                    Happened::Beaten(order.ok())
                });
            }
            Do::Protect => self.push(async move {
                Happened::Protected(match tools.protection.protect().await {
                    Ok(()) => Protected::Yes,
                    Err(refusal @ Unprotected::Blocked(_)) => {
                        info!(%refusal, "The worker receives no more");
                        Protected::Blocked
                    }
                    Err(trouble) => {
                        error!(%trouble, "Without protection nothing is received");
                        Protected::No
                    }
                })
            }),
            Do::Unprotect => self.push(async move {
                let done = tools.protection.unprotect().await;
                if let Err(trouble) = &done {
                    warn!(%trouble, "The task could not be released");
                }
                Happened::Unprotected { done: done.is_ok() }
            }),
            _ => {}
        }
    }

    fn push(&self, future: impl Future<Output = Happened> + 'a) {
        self.under_way.push(Box::pin(future));
    }
}

/// What was said of each message; of none for certain, if the call failed.
fn told(
    what: &str,
    answer: Result<Vec<Told>, InboxTrouble>,
    lends: Vec<Lend>,
) -> Vec<(Lend, Told)> {
    let answer = answer.unwrap_or_else(|trouble| {
        warn!(%trouble, "Messages could not be {what}, and it is tried again");
        Vec::new()
    });
    let all = answer.into_iter().chain(std::iter::repeat(Told::Again));
    lends.into_iter().zip(all).collect()
}
