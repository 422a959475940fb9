//! A 64-bit hash of short byte strings, the same in every run and on every machine.
//!
//! Lanes and duplicate names need speed and spread, not secrecy: equal hashes are always followed
//! by a comparison of the bytes.

const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// Hashes `bytes`.
#[must_use]
pub(super) fn hash(bytes: &[u8]) -> u64 {
    let mut state = bytes.len() as u64 ^ SPREAD;
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        state = mix(state ^ u64::from_le_bytes(*word));
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    mix(state ^ u64::from_le_bytes(last))
}

fn mix(state: u64) -> u64 {
    let product = u128::from(state ^ (state >> 29)) * u128::from(SPREAD);
    #[expect(clippy::cast_possible_truncation, reason = "both halves of the product are mixed")]
    let folded = product as u64 ^ (product >> 64) as u64;
    folded
}

#[cfg(test)]
mod tests {
    use super::hash;

    #[test]
    fn keys_that_count_up_spread_over_lanes() {
        let mut lanes = [0_u32; 8];
        for n in 0..8_000 {
            lanes[(hash(format!("user-{n}").as_bytes()) % 8) as usize] += 1;
        }
        assert!(lanes.iter().all(|&rows| (800..1_200).contains(&rows)), "{lanes:?}");
    }
}
