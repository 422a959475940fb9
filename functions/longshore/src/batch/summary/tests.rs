//! Ticks that succeeded, and ticks that only look so.

use proptest::prelude::*;

use super::*;

const SCOPE: &str = "source s3://data/in/";

fn at(hour: i64) -> Timestamp {
    let midnight: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
    midnight + jiff::SignedDuration::from_hours(hour)
}

fn row(hour: i64, shard: u32, of: u32, status: TickEnd) -> TickSummary {
    TickSummary {
        trigger: "nightly".into(),
        scheduled_at: at(hour),
        shard,
        of,
        run: RunId::derive("nightly", &hour.to_string()),
        attempt: 1,
        status,
        reason: String::new(),
        objects: 1,
        bad: 0,
        refused: 0,
        troubled: 0,
        gone: 0,
        filtered: 0,
        bytes: 1,
        records: 1,
        items: 1,
        replaced: 0,
        rejected: 0,
        began: at(hour),
        ended: at(hour),
        since: None,
        complete_until: at(hour) + jiff::SignedDuration::from_mins(1),
        scope: SCOPE.into(),
    }
}

use TickEnd::{Done, Failed};

#[test]
fn the_newest_tick_counts_of_which_every_shard_has_succeeded() {
    let cases: [(&str, Vec<TickSummary>, Option<i64>); 8] = [
        ("none", vec![], None),
        ("one", vec![row(5, 0, 1, Done)], Some(5)),
        ("the newest", vec![row(5, 0, 1, Done), row(4, 0, 1, Done)], Some(5)),
        ("the newest failed", vec![row(5, 0, 1, Failed), row(4, 0, 1, Done)], Some(4)),
        ("a shard is missing", vec![row(5, 0, 2, Done), row(4, 0, 1, Done)], Some(4)),
        ("a shard failed", vec![row(5, 0, 2, Done), row(5, 1, 2, Failed)], None),
        ("all shards", vec![row(5, 0, 2, Done), row(5, 1, 2, Done)], Some(5)),
        (
            "begun anew with fewer shards",
            vec![row(5, 0, 2, Done), row(5, 1, 2, Done), row(5, 2, 3, Done)],
            Some(5),
        ),
    ];
    for (name, earlier, hour) in cases {
        assert_eq!(previous(&earlier, SCOPE), hour.map(at), "{name}");
    }
}

#[test]
fn a_tick_of_something_else_says_nothing() {
    let other = TickSummary { scope: "source s3://data/".into(), ..row(5, 0, 1, Done) };
    assert_eq!(previous(&[other, row(4, 0, 1, Done)], SCOPE), Some(at(4)));
}

#[test]
fn a_summary_says_where_objects_and_records_went() {
    let row = TickSummary { filtered: 5, bad: 2, troubled: 1, gone: 1, ..row(5, 0, 1, Failed) };
    let row = TickSummary { objects: 3, records: 9, items: 6, replaced: 1, rejected: 2, ..row };
    assert_eq!(
        row.objects(),
        "12 listed, 5 not asked for; 7 taken = 3 done + 2 bad + 0 refused + 1 troubled + 1 gone"
    );
    assert_eq!(row.equation(), "read 9 = written 6 + replaced 1 + dead-lettered 2");
}

#[test]
fn a_row_of_before_refused_objects_were_counted_is_read() {
    let mut json = serde_json::to_value(row(5, 0, 1, Done)).unwrap();
    json.as_object_mut().unwrap().remove("refused").unwrap();
    assert_eq!(serde_json::from_value::<TickSummary>(json).unwrap(), row(5, 0, 1, Done));
}

#[test]
fn a_tick_that_saw_less_counts_for_less() {
    let early = TickSummary { complete_until: at(3), ..row(5, 0, 2, Done) };
    assert_eq!(previous(&[early, row(5, 1, 2, Done)], SCOPE), Some(at(3)));
}

proptest! {
    /// Whoever is told a time can rely on a tick that says so of every shard.
    #[test]
    fn no_time_without_a_complete_tick(
        rows in proptest::collection::vec((0_i64..4, 0_u32..3, 1_u32..4, any::<bool>()), 0..12),
    ) {
        let mut rows: Vec<_> = rows
            .into_iter()
            .map(|(hour, shard, of, done)| row(hour, shard, of, if done { Done } else { Failed }))
            .collect();
        rows.sort_by_key(|row| (std::cmp::Reverse(row.scheduled_at), row.shard));
        let complete = |hour: i64| (1..4).any(|of| (0..of).all(|shard| {
            rows.iter().any(|it| (it.scheduled_at, it.shard, it.of, it.status) == (at(hour), shard, of, Done))
        }));
        let newest = (0..4).rev().find(|&hour| complete(hour)).map(at);
        prop_assert_eq!(previous(&rows, SCOPE), newest);
    }

    #[test]
    fn a_row_survives_json(shard in 0_u32..9, objects: u64) {
        let row = TickSummary { objects, ..row(5, shard, 9, Failed) };
        let json = serde_json::to_string(&row).unwrap();
        prop_assert_eq!(serde_json::from_str::<TickSummary>(&json).unwrap(), row);
    }
}
