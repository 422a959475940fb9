use super::*;
use crate::{
    scale::{
        decide,
        decision::Decision,
        observe::{Finished, Observation},
        policy::{Bias, Policy, Settings},
        samples::{POLL_SECS, seen},
        state::{News, State},
        supply::Supply,
    },
    trigger::Seconds,
};

/// A moment at which a message has waited for so long, or none waits.
struct Moment {
    max_wait: u32,
    bias: Bias,
    running: u32,
    waited_secs: Option<f64>,
    in_flight: f64,
    rates: Rates,
}

/// One message in ten seconds, nobody at work, and ten minutes of time.
fn usual() -> Moment {
    let rates = Rates {
        per_sec: 0.1,
        now_per_sec: 0.1,
        before_per_sec: 0.1,
        surge_secs: 0.0,
        is_new: false,
    };
    let (max_wait, bias, waited_secs) = (600, Bias::Balanced, Some(5.0));
    Moment { max_wait, bias, running: 0, waited_secs, in_flight: 0.0, rates }
}

fn check(moment: &Moment) -> bool {
    let max_wait = Seconds::new(moment.max_wait);
    let policy = Policy::new("queue", &Settings { max_wait, ..Settings::default() }).unwrap();
    let mut backlog = Backlog::default();
    let visible = if moment.waited_secs.is_some() { 1.0 } else { 0.0 };
    if let Some(waited_secs) = moment.waited_secs {
        let news = News { at_secs: 1_000.0 - waited_secs, visible, ..News::default() };
        backlog.follow(&news, visible, 0.0);
    }
    let load = Load {
        policy: &policy,
        tuning: moment.bias.tuning(),
        supply: &Supply::new(1.0, f64::from(moment.running), &[], 40.0),
        at_secs: 1_000.0,
        visible,
        in_flight: moment.in_flight,
        service_secs: 2.0,
        launch_secs: 40.0,
    };
    can_wait(moment.running, &backlog, &moment.rates, &load)
}

#[test]
fn a_first_message_waits_for_others_as_long_as_a_start_leaves_time() {
    // 0.8 × 600 s - 1.5 × 40 s.
    let after = |waited_secs| check(&Moment { waited_secs: Some(waited_secs), ..usual() });
    assert_eq!([0.0, 419.0, 421.0].map(after), [true, true, false]);
}

#[test]
fn a_wait_that_a_start_takes_up_leaves_no_time() {
    let with = |max_wait| check(&Moment { max_wait, ..usual() });
    assert_eq!([60, 75, 87, 88].map(with), [false, false, false, true]);
    assert!(!check(&Moment { bias: Bias::Fast, ..usual() }));
    assert!(check(&Moment { bias: Bias::Cheap, ..usual() }));
}

#[test]
fn a_message_does_not_wait_where_no_others_are_expected() {
    let with = |before_per_sec| {
        check(&Moment { rates: Rates { before_per_sec, ..usual().rates }, ..usual() })
    };
    assert_eq!([0.0, 0.002, 0.003].map(with), [false, false, true]);
}

#[test]
fn a_surge_waits_for_nobody() {
    assert!(!check(&Moment { rates: Rates { surge_secs: 5.0, ..usual().rates }, ..usual() }));
}

#[test]
fn a_task_leaves_when_nothing_waits_and_not_before() {
    assert!(check(&Moment { running: 1, waited_secs: None, ..usual() }));
    assert!(!check(&Moment { running: 1, ..usual() }));
    assert!(!check(&Moment { in_flight: 1.0, ..usual() }));
}

/// Decisions on a queue whose tasks are gone, after a time of one message in ten seconds: another
/// comes every ten seconds.
fn decisions(max_wait: u32) -> Vec<Decision> {
    let max_wait = Seconds::new(max_wait);
    let settings = Settings { max_wait, messages_per_task: 4, ..Settings::default() };
    let policy = Policy::new("queue", &settings).unwrap();
    let worked_on = (1..=60_u32).map(|n| Observation {
        workers: Some(Finished { messages: f64::from(n % 2), busy_secs: 1.0 }),
        ..seen(f64::from(n) * POLL_SECS, 0.0, 0.0, 0)
    });
    let waiting =
        (61..=100_u32).map(|n| seen(f64::from(n) * POLL_SECS, f64::from((n - 59) / 2), 0.0, 0));
    let mut state = State::default();
    let decided = worked_on.chain(waiting).map(|seen| {
        let (decision, next) = decide(&seen, std::mem::take(&mut state), &policy);
        state = next;
        decision
    });
    decided.skip(60).collect()
}

#[test]
fn what_comes_now_and_then_shares_a_task_where_the_wait_allows_it() {
    let decided = decisions(300);
    assert_eq!(
        decided[3].to_string(),
        "Stay at 0 tasks: 2 messages wait and can, until others have come that share a task"
    );
    let launched = decided.iter().position(|decision| decision.launch > 0);
    // 0.8 × 300 s - 1.5 × 40 s, of which the first has waited 2.5 s when it is seen.
    assert_eq!((launched, decided[36].launch), (Some(36), 1));
    assert_eq!(decisions(60)[0].launch, 1, "no time to wait");
}
