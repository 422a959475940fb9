//! How long to wait before the next try: full jitter, so that many who failed together do not
//! come back together.

/// A random wait in seconds, from 1 up to `base_secs` × 2ⁿ and `secs_max`, drawn by `jitter`.
#[must_use]
pub fn wait_secs(base_secs: u32, secs_max: u32, tries: u32, jitter: u64) -> u32 {
    let bound = base_secs.saturating_mul(2_u32.saturating_pow(tries)).clamp(1, secs_max.max(1));
    let drawn = jitter % u64::from(bound) + 1;
    u32::try_from(drawn).unwrap_or(bound)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::wait_secs;

    proptest! {
        #[test]
        fn waits_stay_within_their_bound(base: u32, max: u32, tries: u32, jitter: u64) {
            let wait = wait_secs(base, max, tries, jitter);
            prop_assert!(wait >= 1 && wait <= max.max(1));
            prop_assert!(wait <= base.saturating_mul(2_u32.saturating_pow(tries)).max(1));
        }
    }
}
