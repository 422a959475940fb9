//! How long a message is a worker's, and when it asks for more.
//!
//! SQS lends a message for its visibility timeout, which can be extended until 12 hours after it was
//! received ("Amazon SQS visibility timeout", developer guide).

use jiff::{SignedDuration, Timestamp};

/// Shortest visibility timeout that is asked for, whatever the queue's own is: at two thirds of it
/// nothing is written any more, and what is under way then arrives within a call's 20 seconds.
pub const VISIBILITY_SECS_MIN: u32 = 60;
/// Longest time that SQS lends a message for.
const LENT_SECS_MAX: i64 = 43_200;
/// After this the work is asked to end, so that there is time to do so: 11 hours.
const CEILING_SECS: i64 = 39_600;
/// The message is taken for lost so long before SQS may give it to another, or a third of the time it
/// is lent for: what is being written then has arrived, since no call takes longer.
const MARGIN_MS: i64 = 20_000;
/// Longest wait after an extension failed.
const AGAIN_MS_MAX: i64 = 5_000;

/// A message is this worker's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    timeout_secs: u32,
    received: Timestamp,
    until: Timestamp,
    extend_at: Timestamp,
}

impl Lease {
    /// Of a message that came at `received`, lent for `timeout_secs`.
    #[must_use]
    pub fn new(received: Timestamp, timeout_secs: u32, jitter: u64) -> Self {
        let timeout_secs = timeout_secs.max(VISIBILITY_SECS_MIN);
        let mut lease = Self { timeout_secs, received, until: received, extend_at: received };
        lease.lent(received, timeout_secs, jitter);
        lease
    }

    /// SQS has lent it for `secs` from `called` on, when it was asked.
    pub fn lent(&mut self, called: Timestamp, secs: u32, jitter: u64) {
        let lent = ms(i64::from(secs) * 1_000);
        let margin = ms(MARGIN_MS).min(lent / 3);
        self.until = later(called, lent - margin);
        // At a third, less up to a fifth of that, so that many who began together do not ask so.
        let third = lent / 3;
        let earlier = third * i32::try_from(jitter % 200).unwrap_or(0) / 1_000;
        self.extend_at = later(called, third - earlier);
    }

    /// An extension failed, and is tried again soon.
    pub fn not_extended(&mut self, now: Timestamp, jitter: u64) {
        let bound = (self.left_ms(now) / 4).clamp(1, AGAIN_MS_MAX);
        let drawn = i64::try_from(jitter % bound.unsigned_abs()).unwrap_or(0);
        self.extend_at = later(now, ms(1 + drawn));
    }

    /// Whether SQS may have given it to another.
    #[must_use]
    pub fn has_lapsed(&self, now: Timestamp) -> bool {
        now >= self.until
    }

    /// Whether the work is to be asked to end, since the message cannot be lent for much longer.
    #[must_use]
    pub fn at_ceiling(&self, now: Timestamp) -> bool {
        now >= self.ceiling()
    }

    /// When that is.
    #[must_use]
    pub fn ceiling(&self) -> Timestamp {
        later(self.received, SignedDuration::from_secs(CEILING_SECS))
    }

    /// When to ask for an extension.
    #[must_use]
    pub fn extend_at(&self) -> Timestamp {
        self.extend_at
    }

    /// When it lapses unless it is extended.
    #[must_use]
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// Whether to ask together with one that is due: soon enough, so that ten go in one call.
    #[must_use]
    pub fn is_almost_due(&self, now: Timestamp) -> bool {
        let soon = SignedDuration::from_secs(i64::from(self.timeout_secs)) / 12;
        later(now, soon) >= self.extend_at
    }

    /// For how long to ask; more than 12 hours in all would be refused.
    #[must_use]
    pub fn extension_secs(&self, now: Timestamp) -> u32 {
        let held = now.duration_since(self.received).as_secs() + 1;
        let left = LENT_SECS_MAX.saturating_sub(held).max(0);
        self.timeout_secs.min(u32::try_from(left).unwrap_or(u32::MAX))
    }

    fn left_ms(&self, now: Timestamp) -> i64 {
        i64::try_from(self.until.duration_since(now).as_millis()).unwrap_or(0)
    }
}

fn ms(ms: i64) -> SignedDuration {
    SignedDuration::from_millis(ms)
}

/// At the end of time there is nothing later.
fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + secs).unwrap()
    }

    #[test]
    fn a_lease_is_extended_at_a_third_and_ends_before_sqs_ends_it() {
        let mut lease = Lease::new(at(0), 300, 0);
        assert_eq!((lease.extend_at(), lease.until()), (at(100), at(280)));
        assert!(!lease.has_lapsed(at(279)) && lease.has_lapsed(at(280)));
        assert_eq!(
            Lease::new(at(0), 300, 199).extend_at().duration_since(at(0)).as_millis(),
            80_100
        );
        lease.lent(at(100), 300, 0);
        assert_eq!((lease.extend_at(), lease.until()), (at(200), at(380)));
        lease.not_extended(at(200), 4_999);
        assert_eq!(lease.extend_at(), at(205));
        assert!(lease.is_almost_due(at(180)) && !lease.is_almost_due(at(179)));
    }

    #[test]
    fn no_queue_lends_for_too_short_a_time_or_for_more_than_twelve_hours() {
        assert_eq!(Lease::new(at(0), 0, 0), Lease::new(at(0), 60, 0));
        let lease = Lease::new(at(0), 3_600, 0);
        assert!(!lease.at_ceiling(at(39_599)) && lease.at_ceiling(at(39_600)));
        assert_eq!(lease.extension_secs(at(39_600)), 3_599);
        assert_eq!(lease.extension_secs(at(100_000)), 0);
        assert_eq!(Lease::new(at(0), 43_200, 0).extension_secs(at(14_400)), 28_799);
    }

    proptest! {
        #[test]
        fn it_is_asked_for_more_while_it_is_held(
            timeout in 0_u32..=43_200, jitter: u64, again: u64, asked in 0_i64..43_200,
        ) {
            let mut lease = Lease::new(at(0), timeout, jitter);
            prop_assert!(at(0) < lease.extend_at() && lease.extend_at() < lease.until());
            let asked = at(asked);
            prop_assert!(lease.extension_secs(asked) <= lease.timeout_secs);
            let until = lease.until();
            lease.not_extended(asked, again);
            prop_assert!(lease.extend_at() > asked && lease.until() == until);
            if !lease.has_lapsed(asked) {
                prop_assert!(lease.extend_at() <= until, "there is time for another try");
            }
        }

        #[test]
        fn all_extensions_together_stay_within_twelve_hours(timeout in 0_u32..=43_200, jitter: u64) {
            let mut lease = Lease::new(at(0), timeout, jitter);
            while !lease.at_ceiling(lease.extend_at()) {
                let asked = lease.extend_at();
                let secs = lease.extension_secs(asked);
                let end = asked.duration_since(at(0)).as_secs() + i64::from(secs);
                prop_assert!(secs > 0 && end <= LENT_SECS_MAX);
                lease.lent(asked, secs, jitter);
            }
        }
    }
}
