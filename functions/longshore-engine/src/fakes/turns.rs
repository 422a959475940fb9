//! Futures that give way at every call of a port, so that tests choose who goes on.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use super::Cloud;

/// More than the calls of any flow; one that needs more does not end.
const TURNS_MAX: u32 = 1_000_000;
/// Most turns after which the one gives way to the other: more than the calls of most flows.
const GIVES_WAY_MAX: u32 = 14;

/// Gives way once.
pub(super) async fn turn() {
    let mut has_given_way = false;
    poll_fn(|context| {
        if std::mem::replace(&mut has_given_way, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn goes_on<F: Future>(future: Pin<&mut F>, turns: u32) -> Option<F::Output> {
    let mut future = future;
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..turns {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
    }
    None
}

/// The output of a future, unless the process that has it dies before it ends.
pub(crate) fn until_dead<F: Future>(cloud: &Cloud, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    for _ in 0..TURNS_MAX {
        if let Some(output) = goes_on(future.as_mut(), 1) {
            return Some(output);
        }
        if cloud.process.is_dead() {
            return None;
        }
    }
    panic!("it does not end")
}

/// The output of a future that waits for nobody else.
pub(crate) fn ready<F: Future>(future: F) -> F::Output {
    goes_on(pin!(future), TURNS_MAX).expect("it ends")
}

/// Plays two flows at once: the first makes `give_way.0` calls, then the other `give_way.1`, then
/// each goes on to its end.
pub(crate) fn together<A: Future, B: Future>(
    first: A,
    other: B,
    give_way: (u32, u32),
) -> (A::Output, B::Output) {
    let (mut first, mut other) = (pin!(first), pin!(other));
    // A future makes its first call at its second turn.
    let begun = goes_on(first.as_mut(), give_way.0 + 1);
    let meanwhile = goes_on(other.as_mut(), give_way.1 + 1);
    let first = begun.unwrap_or_else(|| goes_on(first, TURNS_MAX).expect("it ends"));
    let other = meanwhile.unwrap_or_else(|| goes_on(other, TURNS_MAX).expect("it ends"));
    (first, other)
}

/// Where two flows may give way to each other.
pub(crate) fn ways() -> impl Iterator<Item = (u32, u32)> {
    (0..GIVES_WAY_MAX).flat_map(|first| (0..GIVES_WAY_MAX).map(move |other| (first, other)))
}
