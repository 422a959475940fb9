//! What the tasks that are there, or on their way, can work off until some time from now.

/// Soonest that a task may be ready that takes longer than usual.
const READY_SECS_MIN: f64 = 3.0;

/// Tasks, and when they will be there.
#[derive(Debug)]
pub(super) struct Supply {
    slots: f64,
    running: f64,
    /// Seconds until each that starts will be ready, ascending, and the sums of them.
    ready: Vec<(f64, f64)>,
}

impl Supply {
    /// `running` tasks of `slots` messages at once, and others that were asked for `starting_secs`
    /// ago, ascending, where `launch_secs` are usual.
    pub(super) fn new(slots: f64, running: f64, starting_secs: &[f64], launch_secs: f64) -> Self {
        let mut sum = 0.0;
        let ready = starting_secs.iter().rev().map(|age_secs| {
            let secs = (launch_secs - age_secs).max(READY_SECS_MIN);
            sum += secs;
            (secs, sum)
        });
        Self { slots, running, ready: ready.collect() }
    }

    /// Tasks, those included that start.
    #[expect(clippy::cast_precision_loss, reason = "tasks are thousands at most")]
    pub(super) fn tasks(&self) -> f64 {
        self.running + self.ready.len() as f64
    }

    /// Messages that a task works on at once.
    pub(super) fn slots(&self) -> f64 {
        self.slots
    }

    /// Seconds of work on messages that can be done until `secs` from now.
    #[expect(clippy::cast_precision_loss, reason = "tasks are thousands at most")]
    pub(super) fn until(&self, secs: f64) -> f64 {
        let ready = self.ready.partition_point(|(ready_secs, _)| *ready_secs < secs);
        let waited = ready.checked_sub(1).and_then(|last| self.ready.get(last));
        let started = ready as f64 * secs - waited.map_or(0.0, |(_, sum)| *sum);
        self.slots * (self.running * secs + started)
    }

    /// Tasks that do `work` seconds of work until `secs` from now: those that are there and such as
    /// are launched now and take `launch_secs`, or so many fewer.
    pub(super) fn needed(&self, work: f64, secs: f64, launch_secs: f64) -> f64 {
        let missing = work - self.until(secs);
        let useful_secs = if missing > 0.0 { secs - launch_secs } else { secs };
        (self.tasks() + missing / (self.slots * useful_secs)).max(0.0)
    }

    /// Seconds until `work` seconds of work are done, if ever, with `launched` more tasks that take
    /// `launch_secs`.
    pub(super) fn done_in(&self, work: f64, launched: f64, launch_secs: f64) -> Option<f64> {
        let (mut active, mut late, mut done_at) = (self.running, 0.0, None);
        let mut events: Vec<(f64, f64)> = self.ready.iter().map(|(secs, _)| (*secs, 1.0)).collect();
        events.push((launch_secs, launched));
        events.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (secs, tasks) in std::iter::once((0.0, 0.0)).chain(events) {
            if done_at.is_some_and(|done_at| done_at <= secs) {
                break;
            }
            active += tasks;
            late += tasks * secs;
            done_at = (active > 0.0).then(|| (work / self.slots + late) / active);
        }
        done_at
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::scale::number::whole;

    #[test]
    fn tasks_that_start_count_from_when_they_are_ready() {
        let supply = Supply::new(4.0, 2.0, &[0.0, 10.0, 100.0], 40.0);
        let until = [0.0, 3.0, 10.0, 30.0, 50.0].map(|secs| whole(supply.until(secs)));
        // Ready after 40, 30 and, though late, 3 seconds.
        assert_eq!(until, [0, 24, 80 + 28, 240 + 108, 400 + 188 + 80 + 40]);
    }

    #[test]
    fn what_is_missing_is_done_by_tasks_that_must_start_first() {
        let supply = Supply::new(1.0, 10.0, &[], 40.0);
        let needed = |work, secs: f64| whole(supply.needed(work, secs, 40.0));
        assert_eq!([needed(1_000.0, 100.0), needed(1_600.0, 100.0)], [10, 20]);
        assert_eq!([needed(500.0, 100.0), needed(0.0, 100.0)], [5, 0]);
    }

    #[test]
    fn without_tasks_nothing_is_ever_done() {
        assert_eq!(Supply::new(1.0, 0.0, &[], 40.0).done_in(1.0, 0.0, 40.0), None);
        assert_eq!(Supply::new(1.0, 0.0, &[], 40.0).done_in(10.0, 2.0, 40.0), Some(45.0));
        assert_eq!(Supply::new(2.0, 1.0, &[], 40.0).done_in(10.0, 2.0, 40.0), Some(5.0));
    }

    proptest! {
        #[test]
        fn work_is_done_when_the_supply_says(
            running in 1.0..50.0_f64,
            mut starting in proptest::collection::vec(0.0..100.0_f64, 0..20),
            work in 0.0..1e6_f64,
        ) {
            starting.sort_by(f64::total_cmp);
            let supply = Supply::new(3.0, running, &starting, 40.0);
            let done_in = supply.done_in(work, 0.0, 40.0).unwrap();
            prop_assert!((supply.until(done_in) - work).abs() <= 1e-6 * work.max(1.0));
        }
    }
}
