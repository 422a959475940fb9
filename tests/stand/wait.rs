//! Waiting for what must come: until it is there, or much longer than it takes.

use std::time::{Duration, Instant};

/// Longest wait: what takes milliseconds takes seconds under load, and a launch that was cut off
/// is taken up again after its lease (120 s).
const WAIT: Duration = Duration::from_mins(10);
/// Between two looks, at first and at most: who waits long looks seldom, for a look costs too.
const LOOK: Duration = Duration::from_millis(20);
const LOOK_MAX: Duration = Duration::from_millis(500);

/// Looks until there is something, and panics with `what` if it does not come.
pub(crate) async fn eventually<T, F>(what: &str, mut look: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let began = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(began.elapsed() < WAIT, "{what} did not come within {WAIT:?}");
        tokio::time::sleep((began.elapsed() / 8).clamp(LOOK, LOOK_MAX)).await;
    }
}
