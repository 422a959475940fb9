//! What ties the work on a message to its worker: whose the message is, and what is asked.

use std::{
    future::poll_fn,
    sync::{Mutex, PoisonError},
    task::{Poll, Waker},
};

use jiff::Timestamp;
use longshore::poll::{Ask, Stopped};

/// A message that is worked on.
#[derive(Debug)]
pub struct Hold(Mutex<State>);

#[derive(Debug)]
struct State {
    until: Timestamp,
    ask: Option<Ask>,
    waker: Option<Waker>,
}

impl Hold {
    /// Of a message that is ours until then.
    #[must_use]
    pub fn new(until: Timestamp) -> Self {
        Self(Mutex::new(State { until, ask: None, waker: None }))
    }

    /// Whether no other worker can have the message at `now`, and nobody asked to stop at once.
    pub fn is_ours(&self, now: Timestamp) -> bool {
        let state = self.state();
        now < state.until && !matches!(state.ask, Some(Ask::Stop(_)))
    }

    /// What is asked of the work, once it is something else than `known`.
    pub async fn asked(&self, known: Option<Ask>) -> Option<Ask> {
        poll_fn(|context| {
            let mut state = self.state();
            if state.ask != known {
                return Poll::Ready(state.ask);
            }
            state.waker = Some(context.waker().clone());
            Poll::Pending
        })
        .await
    }

    /// Returns when the work is to stop at once; until then it may come to its end.
    pub async fn stopped(&self) -> Stopped {
        let mut known = None;
        loop {
            known = self.asked(known).await;
            if let Some(Ask::Stop(why)) = known {
                return why;
            }
        }
    }

    pub(super) fn lent(&self, until: Timestamp) {
        self.state().until = until;
    }

    /// Asks the work to end.
    pub fn ask(&self, ask: Ask) {
        let mut state = self.state();
        state.ask = Some(ask);
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
