//! How the work on a message ended ─▶ what becomes of the message.

use super::{Past, Rejection};
use crate::backoff::wait_secs;

/// Bound of the first wait of a message whose work failed, in seconds.
const FAILED_BASE_SECS: u32 = 5;
/// The same of work that met trouble which is not its own: whatever is down is not up so soon.
const TROUBLE_BASE_SECS: u32 = 30;
/// Longest wait: a message is back within a quarter of an hour of the end of an outage.
const WAIT_SECS_MAX: u32 = 900;
/// After so many receives, some half a day of trouble, …
const LONG_OUTAGE_RECEIVES: u32 = 100;
/// … the longest wait is an hour. So even in an outage without an end the queue drops a message, after
/// 14 days, before it has received it 1,000 times, which is as many as a redrive policy can allow.
const LONG_OUTAGE_WAIT_SECS_MAX: u32 = 3_600;

/// How the work on a message ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It is done, or there was nothing to do.
    Done,
    /// No retry can help.
    Rejected(Rejection),
    /// It met trouble that is not its own, and another try may work.
    TryLater(String),
    /// It failed.
    Failed(String),
    /// It was told to stop.
    Stopped(Stopped),
    /// It was told to stop, and came further than before: whoever has the message next goes on from
    /// there.
    Checkpointed,
}

/// Why work was told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// The worker leaves.
    Leaving,
    /// The message was held almost as long as SQS allows.
    Ceiling,
    /// The message may be another worker's by now.
    Lost,
}

/// What becomes of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It is deleted.
    Delete,
    /// It is set aside for this reason, all of it or in part, then deleted.
    SetAside(Rejection),
    /// It comes back after so many seconds.
    Back {
        /// When.
        secs: u32,
    },
    /// It is not touched any more.
    Leave,
}

/// What becomes of a message whose work `ended`, after it was received `receives` times, of which
/// `past` is known, this end included; work that fails is tried `tries` times.
///
/// Trouble spends no tries: a message waits for the end of an outage as long as the queue keeps it.
#[must_use]
pub fn settle(ended: &Ended, receives: u32, past: Past, tries: u32, jitter: u64) -> Settled {
    let failed = past.failed.max(1);
    let back = |base, max, before| Settled::Back { secs: wait_secs(base, max, before, jitter) };
    match ended {
        Ended::Done => Settled::Delete,
        Ended::Rejected(why) => Settled::SetAside(why.clone()),
        Ended::TryLater(_) => {
            let worked = receives.saturating_sub(past.unworked).max(1);
            let is_long = worked > LONG_OUTAGE_RECEIVES;
            let max = if is_long { LONG_OUTAGE_WAIT_SECS_MAX } else { WAIT_SECS_MAX };
            back(TROUBLE_BASE_SECS, max, worked - 1)
        }
        Ended::Failed(why) if failed >= tries => {
            Settled::SetAside(format!("{why}; it was tried {failed} times").into())
        }
        Ended::Failed(_) => back(FAILED_BASE_SECS, WAIT_SECS_MAX, failed - 1),
        Ended::Stopped(Stopped::Ceiling) if failed >= tries => {
            let why = "it was not done within 11 hours, and SQS lends a message for 12";
            Settled::SetAside(format!("{why}; it was tried {failed} times").into())
        }
        Ended::Checkpointed | Ended::Stopped(Stopped::Leaving | Stopped::Ceiling) => {
            Settled::Back { secs: 0 }
        }
        Ended::Stopped(Stopped::Lost) => Settled::Leave,
    }
}

impl Ended {
    /// Whether it spends one of the message's tries.
    #[must_use]
    pub fn spends_a_try(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::Stopped(Stopped::Ceiling))
    }

    /// Whether the message may be received again after it.
    #[must_use]
    pub fn comes_back(&self) -> bool {
        !matches!(self, Self::Done | Self::Rejected(_))
    }
}

impl Settled {
    /// The same where there is nowhere to set a message aside: it comes back, ever more seldom, until
    /// the queue's own redrive policy takes it.
    #[must_use]
    pub fn with_nowhere_aside(self) -> Self {
        match self {
            Self::SetAside(_) => Self::Back { secs: WAIT_SECS_MAX },
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use proptest::prelude::*;

    use super::*;

    fn ends() -> [Ended; 8] {
        let why = || "no".to_owned();
        [
            Ended::Done,
            Ended::Rejected(why().into()),
            Ended::TryLater(why()),
            Ended::Failed(why()),
            Ended::Stopped(Stopped::Leaving),
            Ended::Stopped(Stopped::Ceiling),
            Ended::Stopped(Stopped::Lost),
            Ended::Checkpointed,
        ]
    }

    fn told(settled: &Settled) -> String {
        match settled {
            Settled::SetAside(why) => format!("aside: {}", why.reason),
            Settled::Back { secs } => format!("back in {secs} s"),
            Settled::Delete | Settled::Leave => format!("{settled:?}").to_lowercase(),
        }
    }

    #[test]
    fn the_table_of_ends() {
        let mut table = Vec::new();
        for ended in ends() {
            // The largest wait that can be drawn.
            let settled = [1, 4, 5, 20].map(|times| {
                let bound = if matches!(ended, Ended::TryLater(_)) { 30 } else { 5 };
                let bound = u64::from((bound << (times - 1_u32).min(9)).min(900_u32));
                let past = Past { failed: times, ..Past::default() };
                told(&settle(&ended, times, past, 5, bound - 1))
            });
            let ended = match ended {
                Ended::Rejected(why) => format!("rejected: {}", why.reason),
                ended => format!("{ended:?}").to_lowercase(),
            };
            table.push(format!("{ended}: {}\n", settled.join(" | ")));
        }
        expect![[r#"
            done: delete | delete | delete | delete
            rejected: no: aside: no | aside: no | aside: no | aside: no
            trylater("no"): back in 30 s | back in 240 s | back in 480 s | back in 900 s
            failed("no"): back in 5 s | back in 40 s | aside: no; it was tried 5 times | aside: no; it was tried 20 times
            stopped(leaving): back in 0 s | back in 0 s | back in 0 s | back in 0 s
            stopped(ceiling): back in 0 s | back in 0 s | aside: it was not done within 11 hours, and SQS lends a message for 12; it was tried 5 times | aside: it was not done within 11 hours, and SQS lends a message for 12; it was tried 20 times
            stopped(lost): leave | leave | leave | leave
            checkpointed: back in 0 s | back in 0 s | back in 0 s | back in 0 s
        "#]].assert_eq(&table.concat());
    }

    proptest! {
        #[test]
        fn only_what_is_done_is_deleted_without_a_word(
            which in 0_usize..8, receives: u32, unworked: u32, failed: u32, tries in 1_u32..100,
            jitter: u64,
        ) {
            let ended = &ends()[which];
            let past = Past { unworked, failed, ..Past::default() };
            let settled = settle(ended, receives, past, tries, jitter);
            prop_assert_eq!(settled == Settled::Delete, *ended == Ended::Done);
            if let Settled::Back { secs } = settled.clone().with_nowhere_aside() {
                prop_assert!(secs <= LONG_OUTAGE_WAIT_SECS_MAX);
            }
            prop_assert!(!matches!(settled.with_nowhere_aside(), Settled::SetAside(_)));
        }

        #[test]
        fn only_failures_spend_tries(receives: u32, failed in 1_u32..5, jitter: u64) {
            let past = Past { failed, ..Past::default() };
            for ended in [Ended::Failed("no".into()), Ended::TryLater("no".into())] {
                let settled = settle(&ended, receives, past, 5, jitter);
                let is_back = matches!(settled, Settled::Back { .. });
                prop_assert!(is_back, "{settled:?}");
            }
        }

        #[test]
        fn in_an_outage_without_an_end_the_queue_drops_a_message_before_it_redrives_it(seed: u64) {
            const RETAINED_SECS: u32 = 1_209_600;
            let (mut secs, mut receives) = (0, 0_u32);
            while secs < RETAINED_SECS {
                receives += 1;
                let jitter = (seed ^ u64::from(receives)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 7;
                let ended = Ended::TryLater("down".into());
                let Settled::Back { secs: wait } =
                    settle(&ended, receives, Past::default(), 5, jitter)
                else {
                    return Err(TestCaseError::fail("it comes back"));
                };
                secs += wait;
            }
            prop_assert!(receives < 1_000, "{receives}");
        }
    }
}
