//! Which of the tasks of a tick works off an object: a stable hash of its key says it.

use std::fmt;

use sha2::{Digest, Sha256};

/// Most tasks of one tick; beyond that starting them costs more than they share.
pub const SHARDS_MAX: u32 = 1_000;

/// One of the tasks that share a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    of: u32,
}

/// There is no such share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShardError {
    /// Nobody, or a crowd.
    #[error("LONGSHORE_SHARDS is {0}, expected 1 to {SHARDS_MAX}")]
    Of(u32),
    /// Counted from 0.
    #[error("LONGSHORE_SHARD is {index}, expected 0 to {} for {of} shards", .of - 1)]
    Index {
        /// What it is.
        index: u32,
        /// Of how many.
        of: u32,
    },
}

impl Shard {
    /// All of the work.
    pub const WHOLE: Self = Self { index: 0, of: 1 };

    /// The share `index`, from 0, of `of`.
    pub fn new(index: u32, of: u32) -> Result<Self, ShardError> {
        match of {
            1..=SHARDS_MAX if index < of => Ok(Self { index, of }),
            1..=SHARDS_MAX => Err(ShardError::Index { index, of }),
            _ => Err(ShardError::Of(of)),
        }
    }

    /// Which share, from 0.
    #[must_use]
    pub fn index(self) -> u32 {
        self.index
    }

    /// How many shares there are.
    #[must_use]
    pub fn of(self) -> u32 {
        self.of
    }

    /// Whether the object `key` is this share's.
    #[must_use]
    pub fn has(self, key: &str) -> bool {
        self.of == 1 || place(key) % u64::from(self.of) == u64::from(self.index)
    }
}

/// The first eight bytes of SHA-256 (FIPS 180-4) over the key's UTF-8, the most significant first.
///
/// Never to be changed: tasks of two versions may share a tick, and an object that both leave to
/// the other would be left out.
fn place(key: &str) -> u64 {
    let digest: [u8; 32] = Sha256::digest(key.as_bytes()).into();
    let (first, _) = digest.as_chunks::<8>();
    u64::from_be_bytes(first[0])
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.index, self.of)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Shard, place};

    /// From `printf %s KEY | sha256sum | cut -c1-16`.
    #[test]
    fn the_hash_is_the_same_for_ever() {
        for (key, expected) in [
            ("", 0xe3b0_c442_98fc_1c14),
            ("abc", 0xba78_16bf_8f01_cfea),
            ("in/2026/11/23/a b+c.csv", 0xdc15_6086_bc8e_36c3),
            ("żółć 🚢.ndjson", 0xcd81_c79f_0efd_d2f3),
        ] {
            assert_eq!(place(key), expected, "{key}");
        }
    }

    #[test]
    fn keys_that_count_up_are_shared_out_evenly() {
        for of in [2, 3, 7, 64] {
            let mut shares = vec![0_u32; of as usize];
            for n in 0..16_000 {
                let key = format!("logs/2026-11-23/part-{n:05}.csv.gz");
                for (index, share) in (0..).zip(&mut shares) {
                    *share += u32::from(Shard::new(index, of).unwrap().has(&key));
                }
            }
            let even = 16_000 / of;
            let is_near = |share: &u32| share.abs_diff(even) * 10 <= even * 3;
            assert!(shares.iter().all(is_near), "{of}: {shares:?}");
        }
    }

    #[test]
    fn a_share_that_is_not_there_is_refused() {
        let refused = |index, of| Shard::new(index, of).unwrap_err().to_string();
        assert_eq!(refused(0, 0), "LONGSHORE_SHARDS is 0, expected 1 to 1000");
        assert_eq!(refused(0, 1_001), "LONGSHORE_SHARDS is 1001, expected 1 to 1000");
        assert_eq!(refused(4, 4), "LONGSHORE_SHARD is 4, expected 0 to 3 for 4 shards");
        assert_eq!(Shard::new(0, 1), Ok(Shard::WHOLE));
    }

    proptest! {
        #[test]
        fn every_key_is_exactly_one_shares(key in "(?s).*", of in 1_u32..40) {
            let shares = (0..of).filter(|index| Shard::new(*index, of).unwrap().has(&key));
            prop_assert_eq!(shares.count(), 1);
        }
    }
}
