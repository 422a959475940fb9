//! I14: RunTask is called no more often than permits were granted, and those are so many a second.

use std::collections::BTreeMap;

use super::world::{SECOND, World};

/// Permits per second and kind of capacity: fewer than the 20 that Fargate takes.
const PERMITS_PER_SECOND_MAX: u32 = 18;

/// Permits and calls, by kind of capacity.
#[derive(Debug, Default)]
pub(super) struct Pace {
    granted: BTreeMap<String, u64>,
    seconds: BTreeMap<(String, i64), u32>,
    calls: BTreeMap<String, u64>,
    calls_in_second: BTreeMap<(String, u64), u64>,
}

impl World {
    /// Permits are granted in a second.
    pub(super) fn grants(&self, kind: &str, second: i64, permits: u32) {
        let in_second = self.pace(|pace| {
            *pace.granted.entry(kind.to_owned()).or_default() += u64::from(permits);
            let in_second = pace.seconds.entry((kind.to_owned(), second)).or_default();
            *in_second += permits;
            *in_second
        });
        if in_second > PERMITS_PER_SECOND_MAX {
            self.violate("I14 launches per second", format!("{in_second} permits of {kind}"));
        }
    }

    /// RunTask is called.
    pub(super) fn paces(&self, kind: &str) {
        let second = self.now_ms() / SECOND;
        let (calls, granted, in_second) = self.pace(|pace| {
            let in_second = pace.calls_in_second.entry((kind.to_owned(), second)).or_default();
            *in_second += 1;
            let calls = pace.calls.entry(kind.to_owned()).or_default();
            *calls += 1;
            (*calls, pace.granted.get(kind).copied().unwrap_or_default(), *in_second)
        });
        self.count(|stats| stats.calls_in_second = stats.calls_in_second.max(in_second));
        if calls > granted {
            let seen = format!("call {calls} of {kind}, and {granted} permits were granted");
            self.violate("I14 a permit for every launch", seen);
        }
    }
}
