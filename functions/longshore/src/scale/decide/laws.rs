//! What holds for every history, however hostile.

use proptest::prelude::*;

use crate::scale::{
    Decision, Observation, Policy, Reading, Reason, State, decide,
    number::{tasks, within},
    samples::{self, POLL_SECS, histories, policies},
};

/// Moments of a history.
const LENGTH: usize = 40;

fn after(history: &[Observation], policy: &Policy) -> State {
    history.iter().fold(State::default(), |state, seen| decide(seen, state, policy).1)
}

fn again<T: serde::Serialize + serde::de::DeserializeOwned>(it: &T) -> T {
    serde_json::from_str(&serde_json::to_string(it).unwrap()).unwrap()
}

/// Every number in it; what is none would be `null`, and is written nowhere else.
fn has_nan(state: &State) -> bool {
    let json = serde_json::to_string(state).unwrap();
    let json = json.replace("\"last\":null", "").replace("\"meanSecs\":null", "");
    json.replace("\"triedAt\":null", "").replace("\"surge\":null", "").contains("null")
}

fn busy(seen: &Observation, policy: &Policy) -> u32 {
    let in_flight = seen.queue.map_or(0.0, |queue| queue.in_flight);
    let draining = within(seen.draining.in_flight, 1e9).unwrap_or(0.0);
    tasks((in_flight - draining).max(0.0) / policy.slots)
}

fn check(seen: &Observation, decision: &Decision, policy: &Policy) -> Result<(), TestCaseError> {
    let Decision { from, to, launch, drain, .. } = *decision;
    prop_assert!((policy.min_tasks..=policy.max_tasks).contains(&to), "{decision:?}");
    prop_assert!(launch <= to.saturating_sub(from) && launch <= policy.max_tasks);
    prop_assert!(drain <= from.saturating_sub(to) && drain <= seen.may_leave.min(seen.running));
    prop_assert!(launch <= seen.launches_max.unwrap_or(u32::MAX));
    let draining = u32::try_from(seen.starting_secs.len()).unwrap() + seen.draining.tasks;
    prop_assert!(launch == 0 || seen.running + draining + launch <= policy.max_tasks + 8);
    if decision.reason == Reason::Stale {
        prop_assert_eq!(drain, 0, "nothing is known, and nothing may leave");
    } else {
        let staying = from - drain;
        let least = busy(seen, policy).min(from).min(policy.max_tasks);
        prop_assert!(staying >= least, "{staying} stay, {least} are at work");
    }
    let numbers = decision.numbers;
    let rates = [numbers.arrivals_per_sec, numbers.completions_per_sec];
    for number in rates.into_iter().chain([numbers.service_secs, numbers.launch_secs]) {
        prop_assert!(number.is_finite() && number >= 0.0, "{numbers:?}");
    }
    let wait = numbers.longest_wait_secs.unwrap_or(0.0);
    prop_assert!(wait.is_finite() && wait >= -1e-6, "{numbers:?}");
    let words = decision.to_string();
    prop_assert!(!words.contains("NaN") && !words.contains("inf"), "{words}");
    Ok(())
}

proptest! {
    #[test]
    fn decisions_stay_within_their_bounds_whatever_is_seen(
        history in histories(LENGTH),
        policy in policies(),
    ) {
        let mut state = State::default();
        for seen in &history {
            let (decision, next) = decide(seen, state, &policy);
            check(seen, &decision, &policy)?;
            prop_assert!(!has_nan(&next), "{}", serde_json::to_string(&next).unwrap());
            state = next;
        }
    }

    #[test]
    fn what_was_recorded_decides_the_same_again(history in histories(LENGTH), policy in policies()) {
        let (mut state, mut replayed) = (State::default(), State::default());
        for seen in &history {
            let (decision, next) = decide(seen, state, &policy);
            let (same, replay) = decide(&again(seen), again(&replayed), &policy);
            prop_assert_eq!(&again(&decision), &same);
            prop_assert_eq!(&next, &replay);
            (state, replayed) = (next, replay);
        }
    }

    #[test]
    fn more_messages_never_mean_fewer_tasks(
        history in histories(LENGTH),
        policy in policies(),
        fewer in 0.0..1e5_f64,
        more in 0.0..1e5_f64,
    ) {
        let state = after(&history, &policy);
        let mut seen = history.last().unwrap().clone();
        seen.at_secs = state.last.map_or(1.8e9, |last| last.at_secs) + POLL_SECS;
        let mut with = |visible: f64| {
            let in_flight = 20.0;
            let reading = Reading { at_secs: seen.at_secs, visible, in_flight };
            seen.queue = Some(reading);
            decide(&seen, state.clone(), &policy).0
        };
        let (few, many) = (with(fewer.round()), with((fewer + more).round()));
        prop_assert!(few.to <= many.to, "{few} | {many}");
        prop_assert!(few.launch <= many.launch && few.drain >= many.drain, "{few:?} {many:?}");
    }

    #[test]
    fn readings_that_cannot_be_believed_stop_nothing(
        history in histories(LENGTH),
        policy in policies(),
        visible in prop_oneof![Just(f64::NAN), Just(-1.0), Just(1e12), Just(f64::INFINITY), Just(0.0)],
        in_flight in prop_oneof![Just(f64::NAN), Just(-1.0), Just(1e12)],
        running in 0..300_u32,
    ) {
        let state = after(&history, &policy);
        let at_secs = state.last.map_or(1.8e9, |last| last.at_secs) + POLL_SECS;
        let mut seen = samples::seen(at_secs, visible, in_flight, running);
        let stays = |decision: &Decision| {
            decision.drain == 0 && decision.to >= running.min(policy.max_tasks)
        };
        let (decision, _) = decide(&seen, state.clone(), &policy);
        prop_assert!(stays(&decision), "{decision:?}");
        let at_secs = at_secs - 1_800.0;
        seen.queue = Some(Reading { at_secs, visible: 0.0, in_flight: 0.0 });
        let (decision, _) = decide(&seen, state, &policy);
        prop_assert!(stays(&decision), "{decision:?}");
    }
}
