//! From how many launches a second on a pool is the better way.

/// Launches a second, for minutes, from which on a task for each run waits for others: Fargate starts
/// 20 a second in a whole account ("AWS Fargate throttling quotas"), bursts of retries and other
/// triggers included.
const POOL_FROM_PER_SEC: f64 = 5.0;

/// What to do about so many launches a second of one trigger, if anything.
#[must_use]
pub fn advice(launches_per_sec: f64) -> Option<String> {
    (launches_per_sec > POOL_FROM_PER_SEC).then(|| {
        format!(
            "{launches_per_sec:.1} launches a second, of the 20 that Fargate starts in an account, \
             and a minute of each is paid: with `\"launch\": \"pool\"` the workers of a queue do \
             these runs (`Launch=pool` of the template)"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_is_advised_above_five_a_second() {
        assert_eq!((advice(0.0), advice(5.0), advice(f64::NAN)), (None, None, None));
        assert!(advice(12.0).is_some_and(|told| told.starts_with("12.0 launches a second")));
    }
}
