//! Step 4: tasks for messages that keep coming.

use super::{deadline::Load, patience::patience_secs};

/// Seconds that a task is billed before it works: from the pull of its image (AWS Fargate pricing)
/// until it receives.
const START_BILLED_SECS: f64 = 23.0;
/// Share of one task that is little: what is busy for longer saves less by leaving than its next
/// start costs, and notices sooner when messages are other than they were.
const LITTLE: f64 = 0.5;

/// Tasks for `per_sec` arrivals a second: their load, and room that grows with its root (Halfin
/// and Whitt, square-root staffing). None if messages come so seldom that it costs less to start a
/// task for each, or if one has little to do and the wait leaves time to start it when it is needed.
pub(super) fn steady(per_sec: f64, load: &Load<'_>) -> f64 {
    let tuning = &load.tuning;
    if per_sec * (START_BILLED_SECS + tuning.warm_starts * load.launch_secs) < 1.0 {
        return 0.0;
    }
    let busy = per_sec * load.service_secs;
    let kept = (busy + room(load) * busy.sqrt()) / load.policy.slots;
    if kept <= LITTLE && patience_secs(load) > 0.0 { 0.0 } else { kept }
}

/// Spare room, in roots of the load. What finds no room must wait for a cold start at worst, so
/// there is as much less of it as that is less than the wait.
fn room(load: &Load<'_>) -> f64 {
    let start_share = (load.launch_secs / load.planned_secs()).min(1.0);
    let spare_roots = load.tuning.spare_roots;
    if load.tuning.is_patient { start_share * spare_roots } else { spare_roots }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scale::{
        policy::{Bias, Policy, Settings},
        supply::Supply,
    };
    use crate::trigger::Seconds;

    fn check(bias: Bias, per_sec: f64, messages_per_task: u32, expected: f64) {
        check_wait(60, bias, per_sec, messages_per_task, expected);
    }

    fn check_wait(max_wait: u32, bias: Bias, per_sec: f64, messages_per_task: u32, expected: f64) {
        let max_wait = Seconds::new(max_wait);
        let settings = Settings { max_wait, messages_per_task, ..Settings::default() };
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
        check(Bias::Balanced, 8.0, 1, 19.33);
        check(Bias::Balanced, 8.0, 4, 4.83);
        check(Bias::Cheap, 8.0, 1, 17.67);
        check(Bias::Fast, 8.0, 1, 24.0);
    }

    #[test]
    fn a_task_is_not_kept_for_a_message_now_and_then() {
        check(Bias::Cheap, 1.0 / 24.0, 1, 0.0);
        check(Bias::Cheap, 1.0 / 22.0, 1, 0.22);
        check(Bias::Balanced, 1.0 / 64.0, 1, 0.0);
        check(Bias::Balanced, 1.0 / 62.0, 1, 0.18);
        check(Bias::Fast, 1.0 / 224.0, 1, 0.0);
        check(Bias::Fast, 1.0 / 222.0, 1, 0.20);
    }

    #[test]
    fn a_longer_wait_needs_less_room() {
        check_wait(20, Bias::Balanced, 8.0, 1, 20.0);
        check_wait(100, Bias::Balanced, 8.0, 1, 18.0);
        check_wait(600, Bias::Balanced, 8.0, 1, 16.33);
        check_wait(600, Bias::Fast, 8.0, 1, 24.0);
    }

    #[test]
    fn a_task_that_has_little_to_do_is_kept_only_where_the_wait_needs_it() {
        check_wait(75, Bias::Balanced, 0.3, 2, 0.56);
        check_wait(75, Bias::Balanced, 0.3, 4, 0.28);
        check_wait(76, Bias::Balanced, 0.3, 2, 0.555);
        check_wait(76, Bias::Balanced, 0.3, 4, 0.0);
        check_wait(76, Bias::Fast, 0.3, 4, 0.54);
    }
}
