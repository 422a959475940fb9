//! Step 4: tasks for messages that keep coming.

use super::deadline::Load;

/// Seconds that a task is billed before it works: from the pull of its image (AWS Fargate pricing)
/// until it receives.
const START_BILLED_SECS: f64 = 23.0;

/// Tasks for `per_sec` arrivals a second: their load, and room that grows with its root (Halfin
/// and Whitt, square-root staffing). None if messages come so seldom that it costs less to start a
/// task for each.
pub(super) fn steady(per_sec: f64, load: &Load<'_>) -> f64 {
    let tuning = &load.tuning;
    if per_sec * (START_BILLED_SECS + tuning.warm_starts * load.launch_secs) < 1.0 {
        return 0.0;
    }
    let busy = per_sec * load.service_secs;
    (busy + tuning.spare_roots * busy.sqrt()) / load.policy.slots
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scale::{
        policy::{Bias, Policy, Settings},
        supply::Supply,
    };

    fn check(bias: Bias, per_sec: f64, messages_per_task: u32, expected: f64) {
        let settings = Settings { messages_per_task, ..Settings::default() };
        let load = Load {
            policy: &Policy::new("queue", &settings).unwrap(),
            tuning: bias.tuning(),
            supply: &Supply::new(1.0, 0.0, &[], 40.0),
            at_secs: 0.0,
            visible: 0.0,
            in_flight: 0.0,
            service_secs: 2.0,
            launch_secs: 40.0,
        };
        let tasks = steady(per_sec, &load);
        assert!((tasks - expected).abs() < 0.005, "{bias:?} {per_sec}: {tasks}");
    }

    #[test]
    fn the_load_and_its_root_are_shared_out() {
        check(Bias::Balanced, 8.0, 1, 20.0);
        check(Bias::Balanced, 8.0, 4, 5.0);
        check(Bias::Cheap, 8.0, 1, 18.0);
        check(Bias::Fast, 8.0, 1, 24.0);
    }

    #[test]
    fn a_task_is_not_kept_for_a_message_now_and_then() {
        check(Bias::Cheap, 1.0 / 24.0, 1, 0.0);
        check(Bias::Cheap, 1.0 / 22.0, 1, 0.24);
        check(Bias::Balanced, 1.0 / 64.0, 1, 0.0);
        check(Bias::Balanced, 1.0 / 62.0, 1, 0.21);
        check(Bias::Fast, 1.0 / 224.0, 1, 0.0);
        check(Bias::Fast, 1.0 / 222.0, 1, 0.20);
    }
}
