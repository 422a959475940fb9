//! What the queue is set to, asked before anything is received.

use std::time::Duration;

use longshore::backoff::wait_secs;
use tracing::warn;

use crate::ports::{Inbox, InboxTrouble, Pause, Terms, World};

/// Longest wait between two tries, in seconds.
const WAIT_SECS_MAX: u32 = 30;
/// Tries, the first included: some three minutes, after which ECS may as well start another task.
const TRIES_MAX: u32 = 12;

/// Asks until the queue answers, or refuses.
pub async fn terms(inbox: &impl Inbox, on: &(impl World + Pause)) -> Result<Terms, InboxTrouble> {
    let mut tries = 0;
    loop {
        match inbox.terms().await {
            Err(InboxTrouble::Retryable(trouble)) if tries + 1 < TRIES_MAX => {
                warn!(trouble, "The queue is asked again");
            }
            answer => return answer,
        }
        let wait = wait_secs(1, WAIT_SECS_MAX, tries, on.draw());
        on.sleep(Duration::from_secs(wait.into())).await;
        tries += 1;
    }
}
