//! How events and ticks reach their targets: twice, late, out of order, but never not at all.
//!
//! EventBridge delivers at least once and promises no order ("Troubleshooting Amazon EventBridge",
//! User Guide), and so does Scheduler. Once an event is on the bus it is not dropped, and what S3 tells is on
//! the bus ("Delivery level for AWS service events": durable).

use std::sync::Arc;

use futures_util::{FutureExt, future::BoxFuture};

use super::{
    Chaos,
    draw::{Kind, Rate},
};
use crate::{Deliver, Delivery, Fault};

/// What can happen to a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Course {
    /// Once now and once later.
    Twice,
    /// After those that come next.
    Overtaken,
    /// Long after.
    Late,
}

/// One delivery in ten: events are few beside calls, and nobody repeats them.
pub(super) const DELIVERIES: [Rate<Course>; 3] =
    [(40, Course::Twice), (40, Course::Overtaken), (20, Course::Late)];

/// Shortest and longest time between two copies, in seconds.
const COPY_SECS: (u32, u32) = (0, 5);

/// Time in which what comes next overtakes, in seconds.
const OVERTAKEN_SECS: (u32, u32) = (1, 3);

/// A delivery that is late, in seconds. EventBridge tries for 24 hours; this is for those who wait.
const LATE_SECS: (u32, u32) = (10, 30);

/// One deletion in 50: a standard queue may deliver a deleted message again, when a server that
/// holds a copy was away ("At-least-once delivery", Amazon SQS Developer Guide).
pub(super) const DELETIONS: [Rate<()>; 1] = [(20, ())];

/// End of the name of every FIFO queue.
const FIFO: &str = ".fifo";

/// Targets with chaos before them: the one point through which every event and tick passes.
#[derive(Debug)]
pub(crate) struct Disturbed {
    pub(crate) targets: Arc<dyn Deliver>,
    pub(crate) chaos: Chaos,
}

impl Deliver for Disturbed {
    fn deliver<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Result<(), Fault>> {
        async move {
            match self.chaos.course(&delivery.arn) {
                Some((Course::Twice, secs)) => {
                    self.targets.deliver(delivery).await?;
                    // A copy that does not arrive is no loss.
                    drop(self.targets.deliver(&after(delivery, secs)).await);
                    Ok(())
                }
                Some((_, secs)) => self.targets.deliver(&after(delivery, secs)).await,
                None => self.targets.deliver(delivery).await,
            }
        }
        .boxed()
    }
}

/// The same, later. The queue keeps what is delayed, so that it outlives this process.
fn after(delivery: &Delivery, delay_secs: u32) -> Delivery {
    Delivery { delay_secs, ..delivery.clone() }
}

impl Chaos {
    /// What becomes of the next delivery to `arn`, and after how many seconds.
    ///
    /// Standard queues get everything. A function gets copies only, because its events wait
    /// nowhere; a FIFO queue gets nothing, because it promises order and no duplicates.
    pub(super) fn course(&self, arn: &str) -> Option<(Course, u32)> {
        let is_function = arn.split(':').nth(2) == Some("lambda");
        if is_fifo(arn) {
            return None;
        }
        let (course, draw) = self.next(Kind::Delivery, arn, &DELIVERIES)?;
        let (least, most) = match course {
            Course::Twice => COPY_SECS,
            Course::Overtaken => OVERTAKEN_SECS,
            Course::Late => LATE_SECS,
        };
        let secs = if is_function { 0 } else { draw.between(least, most) };
        let what = match course {
            Course::Twice => format!("a copy after {secs} s"),
            _ if is_function => return None,
            Course::Overtaken | Course::Late => format!("{secs} s late"),
        };
        self.tell(format!("event for {}: {what}", name(arn)));
        Some((course, secs))
    }

    /// Whether a deletion is lost, so that the message is delivered again.
    pub(crate) fn loses_deletion(&self, queue_arn: &str) -> bool {
        let is_lost =
            !is_fifo(queue_arn) && self.next(Kind::Deletion, queue_arn, &DELETIONS).is_some();
        if is_lost {
            self.tell(format!("deletion from {} lost: the message comes back", name(queue_arn)));
        }
        is_lost
    }
}

fn is_fifo(arn: &str) -> bool {
    arn.ends_with(FIFO)
}

fn name(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}
