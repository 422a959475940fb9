//! The ids that S3 gives away: versions, uploads, requests, bodies, and the order of writes.

use std::fmt;

use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD, HEXLOWER};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Nanoseconds in a second.
const SECOND_NANOS: u64 = 1_000_000_000;

/// Place of a write in the order of all writes; later is greater.
///
/// Amazon S3 promises order per key only (S3 user guide, "Event message structure"); here one
/// sequence serves all keys, so that a key that was deleted and made again stays in order too.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub(super) struct Sequencer(u64);

impl Sequencer {
    /// The next in the sequence: the time in 1/2³² s, or one more than the last if that is later.
    pub(super) fn after(self, now: Timestamp) -> Self {
        let secs = u64::try_from(now.as_second()).unwrap_or(0);
        let nanos = u64::try_from(now.subsec_nanosecond()).unwrap_or(0);
        Self(((secs << 32) | ((nanos << 32) / SECOND_NANOS)).max(self.0 + 1))
    }
}

/// Sixteen hexadecimal digits, so that order by text is order in time.
impl fmt::Display for Sequencer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// A time as HTTP dates and events state it.
pub(super) fn whole_second(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

/// An id of a version or an upload: 32 characters without meaning, never starting with `-`.
pub(super) fn opaque_id() -> String {
    BASE64URL_NOPAD.encode(&random::<24>()).replace('-', ".")
}

/// The id of a request, as in `x-amz-request-id`.
pub(super) fn request_id() -> String {
    BASE32_NOPAD.encode(&random::<10>())
}

/// The name of a file that holds a body; it says nothing of the key.
pub(super) fn file_name() -> String {
    HEXLOWER.encode(&random::<16>())
}

fn random<const BYTES: usize>() -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;

    fn check(now: &str, expect: &Expect) {
        expect.assert_eq(&Sequencer::default().after(now.parse().unwrap()).to_string());
    }

    #[test]
    fn a_sequencer_is_the_time_in_sixteen_digits() {
        check("2021-10-31T21:00:02.6Z", &expect!["617f03d299999999"]);
        check("1970-01-01T00:00:00Z", &expect!["0000000000000001"]);
    }

    proptest! {
        #[test]
        fn later_writes_have_greater_sequencers_whatever_the_clock_says(
            times in proptest::collection::vec(0_i64..4_000_000_000_000, 2..50)
        ) {
            let mut last = Sequencer::default();
            for ms in times {
                let next = last.after(Timestamp::from_millisecond(ms).unwrap());
                prop_assert!(next > last);
                prop_assert!(next.to_string() > last.to_string());
                prop_assert_eq!(next.to_string().len(), 16);
                last = next;
            }
        }
    }
}
