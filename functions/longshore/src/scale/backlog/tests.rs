use proptest::prelude::*;

use super::*;

fn follow(backlog: &mut Backlog, at_secs: f64, visible: f64, arrivals: f64, started: f64) {
    let news = News { at_secs, secs: 10.0, visible, ..News::default() };
    backlog.follow(&news, arrivals, started);
}

fn told(backlog: &Backlog) -> Vec<(f64, f64)> {
    let segments = backlog.segments.iter();
    segments.map(|segment| (segment.at_secs, segment.messages.round())).collect()
}

#[test]
fn the_oldest_are_started_first() {
    let mut backlog = Backlog::default();
    follow(&mut backlog, 10.0, 100.0, 100.0, 0.0);
    follow(&mut backlog, 20.0, 150.0, 50.0, 0.0);
    assert_eq!(told(&backlog), [(5.0, 100.0), (15.0, 50.0)]);
    follow(&mut backlog, 30.0, 80.0, 10.0, 80.0);
    assert_eq!(told(&backlog), [(5.0, 20.0), (15.0, 50.0), (25.0, 10.0)]);
    follow(&mut backlog, 40.0, 30.0, 0.0, 50.0);
    assert_eq!(told(&backlog), [(15.0, 20.0), (25.0, 10.0)]);
    follow(&mut backlog, 50.0, 0.0, 0.0, 30.0);
    assert_eq!(told(&backlog), []);
}

#[test]
fn a_count_that_wavers_makes_nothing_younger() {
    let mut backlog = Backlog::default();
    follow(&mut backlog, 10.0, 1_000.0, 1_000.0, 0.0);
    for (n, visible) in [1_020.0, 980.0, 1_010.0, 1_000.0].into_iter().enumerate() {
        let at_secs = 20.0 + 10.0 * f64::from(u32::try_from(n).unwrap());
        follow(&mut backlog, at_secs, visible, 0.0, 0.0);
    }
    assert_eq!(told(&backlog), [(5.0, 1_000.0)]);
}

#[test]
fn what_came_and_was_started_at_once_leaves_only_what_is_new() {
    let mut backlog = Backlog::default();
    follow(&mut backlog, 10.0, 5.0, 5.0, 0.0);
    follow(&mut backlog, 20.0, 8.0, 30.0, 27.0);
    assert_eq!(told(&backlog), [(15.0, 8.0)]);
}

#[test]
fn a_backlog_that_is_found_is_new() {
    let mut backlog = Backlog::default();
    follow(&mut backlog, 10.0, 500.0, 0.0, 0.0);
    assert_eq!(told(&backlog), [(5.0, 500.0)]);
}

proptest! {
    #[test]
    fn it_adds_up_to_what_is_visible_in_order_and_stays_small(
        readings in proptest::collection::vec((0..5_000_u32, 0..5_000_u32, 0..5_000_u32), 1..300),
    ) {
        let (mut backlog, mut at_secs) = (Backlog::default(), 0.0);
        for (visible, arrivals, started) in readings {
            at_secs += 10.0;
            let visible = f64::from(visible);
            follow(&mut backlog, at_secs, visible, arrivals.into(), started.into());
            let sum = backlog.prefixes().last().map_or(0.0, |all| all.messages);
            prop_assert!((sum - visible).abs() < 1e-3, "{sum} of {visible}");
            prop_assert!(backlog.segments.len() <= SEGMENTS_MAX);
            prop_assert!(backlog.segments.iter().is_sorted_by(|a, b| a.at_secs < b.at_secs));
        }
    }

    #[test]
    fn more_messages_never_make_the_old_ones_fewer(
        readings in proptest::collection::vec((0..5_000_u32, 0..500_u32, 0..500_u32), 1..40),
        fewer in 0.0..5_000.0_f64,
        more in 0.0..5_000.0_f64,
    ) {
        let (mut few, mut at_secs) = (Backlog::default(), 0.0);
        for (visible, arrivals, started) in readings {
            at_secs += 10.0;
            follow(&mut few, at_secs, visible.into(), arrivals.into(), started.into());
        }
        let mut many = few.clone();
        follow(&mut few, at_secs + 10.0, fewer, 0.0, 3.0);
        follow(&mut many, at_secs + 10.0, fewer + more, more, 3.0);
        let before = |backlog: &Backlog, at: f64| {
            let older = backlog.segments.iter().filter(|segment| segment.at_secs <= at);
            older.map(|segment| segment.messages).sum::<f64>()
        };
        for segment in &few.segments {
            let at = segment.at_secs;
            prop_assert!(before(&many, at) >= before(&few, at) - 1e-6);
        }
    }
}
