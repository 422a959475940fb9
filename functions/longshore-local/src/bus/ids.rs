//! UUIDs for events and executions.

use std::sync::atomic::{AtomicU64, Ordering};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::Fault;

/// Gives ids that no other process gives: one random seed, and a count hashed with it.
#[derive(Debug)]
pub(crate) struct Ids {
    seed: [u8; 16],
    next: AtomicU64,
}

impl Ids {
    /// Takes a seed from the operating system.
    pub(crate) fn new() -> Result<Self, Fault> {
        let mut seed = [0; 16];
        getrandom::fill(&mut seed)
            .map_err(|error| Fault::server(format!("no randomness for ids: {error}")))?;
        Ok(Self { seed, next: AtomicU64::new(0) })
    }

    /// The next id, with the bits of a random (version 4) UUID.
    pub(crate) fn next(&self) -> String {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        let mut hash = Sha256::new();
        hash.update(self.seed);
        hash.update(count.to_be_bytes());
        let mut bytes = hash.finalize();
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let hex = HEXLOWER.encode(&bytes[..16]);
        [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_uuids_and_differ() {
        let ids = Ids::new().unwrap();
        let (first, second) = (ids.next(), ids.next());
        assert_ne!(first, second);
        assert_ne!(Ids::new().unwrap().next(), first);
        let lengths: Vec<_> = first.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(&first[14..15], "4");
        assert!("89ab".contains(&first[19..20]));
    }
}
