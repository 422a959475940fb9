//! What happens in this AWS, told to whoever listens.

use jiff::Timestamp;
use tokio::sync::broadcast;

/// Happenings a listener may lag behind before it misses some.
const LAG_MAX: usize = 4_096;

/// Tells listeners what happens; nobody needs to listen.
#[derive(Clone, Debug)]
pub struct Activity(broadcast::Sender<(Timestamp, Happening)>);

/// One thing that happened, in AWS's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// An object version was stored.
    ObjectCreated {
        /// Its bucket.
        bucket: String,
        /// Its key.
        key: String,
        /// Its size in bytes.
        size: u64,
    },
    /// A rule matched an event and handed it to a target.
    RuleMatched {
        /// Name of the rule.
        rule: String,
        /// ARN of the target.
        target: String,
    },
    /// A schedule fired.
    ScheduleFired {
        /// Name of the schedule.
        schedule: String,
        /// ARN of the target.
        target: String,
    },
    /// What a rule or a schedule sent did not arrive anywhere, a dead-letter queue included.
    DeliveryFailed {
        /// Name of the rule or the schedule.
        from: String,
        /// ARN of the target.
        target: String,
        /// Why.
        reason: String,
    },
    /// A function was given an event.
    FunctionInvoked {
        /// Name of the function.
        function: String,
        /// Its request id.
        request_id: String,
    },
    /// A function failed, crashed or took too long.
    FunctionFailed {
        /// Name of the function.
        function: String,
        /// Its request id.
        request_id: String,
        /// Why.
        reason: String,
    },
    /// A task changed its last status.
    TaskChanged {
        /// ARN of the task.
        task: String,
        /// `startedBy` of the RunTask call, or empty.
        started_by: String,
        /// The new last status, such as `RUNNING`.
        status: String,
        /// `stoppedReason` when it stopped.
        reason: Option<String>,
        /// Exit code of its first essential container, when it has one.
        exit_code: Option<i32>,
    },
    /// Chaos did something, in words for a person.
    Disturbed {
        /// To what, and what.
        what: String,
    },
    /// One line that a function or a container printed.
    Printed {
        /// Function name or `family/container`.
        from: String,
        /// The line without its end.
        line: String,
    },
}

impl Activity {
    /// A teller without listeners.
    #[must_use]
    pub fn new() -> Self {
        Self(broadcast::channel(LAG_MAX).0)
    }

    /// Tells all listeners.
    pub fn tell(&self, at: Timestamp, happening: Happening) {
        // Without a listener there is nobody to tell, which is no error.
        drop(self.0.send((at, happening)));
    }

    /// Hears everything told from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<(Timestamp, Happening)> {
        self.0.subscribe()
    }
}

impl Default for Activity {
    fn default() -> Self {
        Self::new()
    }
}
