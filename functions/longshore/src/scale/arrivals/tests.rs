use proptest::prelude::*;

use super::*;

/// Arrivals that are counted where `lengths` of the queue are read every 5 s and `finished`
/// messages are finished each time.
fn counted(lengths: &[f64], finished: f64) -> Vec<f64> {
    let (mut arrivals, mut before, mut at_secs) = (Arrivals::default(), lengths[0], 0.0);
    let count = |&visible: &f64| {
        let growth = visible - before;
        before = visible;
        at_secs += 5.0;
        let secs = 5.0;
        let news = News { at_secs, secs, visible, growth, ..News::default() };
        (arrivals.count(&news, finished) * 10.0).round() / 10.0
    };
    lengths.iter().map(count).collect()
}

#[test]
fn what_was_finished_must_have_come() {
    assert_eq!(counted(&[0.0; 4], 20.0), [20.0; 4], "the queue stays empty");
    assert_eq!(counted(&[100.0; 4], 20.0), [17.0, 19.4, 19.4, 19.4], "3 in 100 are in doubt");
    assert_eq!(counted(&[100.0, 80.0, 60.0], 20.0), [17.0, 0.0, 0.0], "nothing comes");
}

#[test]
fn a_count_that_wavers_is_no_arrivals() {
    let lengths = [1_000.0, 1_020.0, 980.0, 1_015.0, 985.0, 1_025.0, 990.0];
    assert_eq!(counted(&lengths, 0.0), [0.0; 7]);
    assert_eq!(counted(&[1_000.0, 1_500.0], 0.0), [0.0, 455.0], "that is more than wavering");
}

fn learnt(samples: &[(f64, f64)]) -> f64 {
    let mut arrivals = Arrivals::default();
    for &(count, secs) in samples {
        arrivals.learn(count, secs);
    }
    arrivals.per_sec()
}

#[track_caller]
fn is(rate: f64, expected: f64) {
    assert!((rate - expected).abs() < 0.005, "{rate}, not {expected}");
}

#[test]
fn the_shortest_window_that_has_seen_enough_tells_the_rate() {
    is(learnt(&[]), 0.0);
    is(learnt(&[(1.0, 5.0)]), 0.2);
    is(learnt(&[(1.0, 10.0); 200]), 0.1);
    let mut slower = vec![(10.0, 5.0); 100];
    slower.extend([(2.0, 5.0); 20]);
    is(learnt(&slower), 0.70);
}

#[test]
fn a_dump_is_a_backlog_and_no_rate() {
    let mut samples = vec![(5.0, 5.0); 100];
    samples.push((10_000.0, 5.0));
    let rate = learnt(&samples);
    assert!((1.0..1.2).contains(&rate), "{rate}");
}

#[test]
fn a_new_rate_replaces_the_old_one_at_once() {
    let mut arrivals = Arrivals::default();
    arrivals.learn(3.0, 5.0);
    arrivals.adopt(40.0);
    assert!((arrivals.per_sec() - 40.0).abs() < 1e-9);
}

#[test]
fn chance_is_neither_a_rise_nor_a_fall() {
    let counted = |arrivals| Counted { arrivals, secs: 15.0 };
    // 150 are expected, and 42.9 + 3 more or less may be chance.
    let judged = |arrivals| (counted(arrivals).is_above(10.0), counted(arrivals).is_below(10.0));
    assert_eq!(judged(195.0), (false, false));
    assert_eq!(judged(196.0), (true, false));
    assert_eq!(judged(105.0), (false, false));
    assert_eq!(judged(104.0), (false, true));
}

#[test]
fn what_is_told_late_did_not_come_late() {
    let (mut arrivals, mut at_secs) = (Arrivals::default(), 0.0);
    let mut count = |in_flight: f64, growth: f64, messages: f64| {
        at_secs += 5.0;
        let news = News { at_secs, secs: 5.0, in_flight, growth, ..News::default() };
        arrivals.count(&news, messages)
    };
    let seen = [count(1.0, 1.0, 0.0), count(0.0, -1.0, 0.0), count(0.0, 0.0, 1.0)];
    assert_eq!(seen.map(|count| count > 0.5), [true, false, false], "{seen:?}");
    // What is gone for long without a word was taken away, and does not hide what comes later.
    let gone = [count(5.0, 5.0, 0.0), count(0.0, -5.0, 0.0)];
    assert!(gone[0] > 4.0, "{gone:?}");
    assert!((0..6).all(|_| count(0.0, 0.0, 0.0) < 1e-9));
    assert!(count(0.0, 5.0, 0.0) > 4.9);
}

#[test]
fn doubts_are_worked_off_with_the_queue() {
    let lengths: Vec<f64> = (0..50_u8).map(|n| 1_030.0 - 20.0 * f64::from(n)).collect();
    let came: f64 = counted(&lengths, 20.0).iter().sum();
    assert!(came < 1.0, "{came}: the queue only shrank");
}

#[test]
fn what_was_remembered_before_is_read() {
    let before = r#"{"doubtful": 2.0, "recent": [
        {"atSecs": 5.0, "arrivals": 9.0, "secs": 5.0, "inFlight": 3.0}
    ]}"#;
    let read: Arrivals = serde_json::from_str(before).unwrap();
    assert_eq!((read.doubtful, read.untold), (2.0, 0.0));
    assert_eq!(read.recent(5.0), Counted { arrivals: 9.0, secs: 5.0 });
}

proptest! {
    #[test]
    fn arrivals_are_what_is_conserved(came in proptest::collection::vec(0..500_u32, 10..60)) {
        let mut lengths = vec![0.0];
        for count in &came {
            lengths.push(lengths.last().unwrap() + f64::from(*count));
        }
        let (counted, sum) = (counted(&lengths, 0.0).iter().sum::<f64>(), lengths.last().unwrap());
        prop_assert!((counted - sum).abs() <= 0.03 * sum + 5.0, "{counted} of {sum}");
    }

    #[test]
    fn what_is_remembered_stays_small(steps in proptest::collection::vec(0.001..20.0_f64, 1..300)) {
        let (mut arrivals, mut at_secs) = (Arrivals::default(), 0.0);
        for secs in steps {
            at_secs += secs;
            arrivals.count(&News { at_secs, secs, ..News::default() }, 1.0);
            prop_assert!(arrivals.recent.len() <= RECENT_MAX);
        }
    }
}
