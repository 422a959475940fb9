//! Ticks over listings that change, inventories that are broken, and objects that fail.

mod fakes;
mod inventories;
mod listings;
mod overwritten;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use expect_test::expect;
use longshore::batch::{Filter, Found, Options, Shard, Tally};
use longshore::ingest::{Counts, Summary};

use self::fakes::Listed;
use super::super::fakes::{Ours, give_way, run};
use super::super::{IngestError, Ingested};
use super::{Course, TROUBLED_IN_A_ROW_MAX, work_off};
use crate::ports::ObjectTrouble;

fn filter(line: &str) -> Filter {
    let options = Options::parse(line.split_whitespace().map(str::to_owned)).unwrap();
    Filter { choice: options.choice, since: None, shard: Shard::WHOLE, dead_letters: None }
}

fn found(key: impl Into<String>) -> Found {
    Found { key: key.into(), size: Some(10), etag: None, modified: None }
}

fn done(written: u64, dead_lettered: u64) -> Ingested {
    let counts =
        Counts { read: written + dead_lettered, written, dead_lettered, ..Counts::default() };
    let dead_letters = (dead_lettered > 0).then(|| "dead-letter/x".to_owned());
    Ingested { summary: Summary::try_from(counts).unwrap(), dead_letters }
}

/// How the work on an object ends, by its name.
fn end_of(key: &str) -> Result<Ingested, IngestError> {
    let name = key.rsplit('/').next().unwrap_or(key);
    match name.split('-').next().unwrap_or(name) {
        "gone" => Err(IngestError::Superseded(ObjectTrouble::Gone("404".into()))),
        "archived" => {
            let dead_letters = Some(format!("dead-letter/{key}/1.ndjson"));
            Err(IngestError::Bad { why: "the object is archived".into(), dead_letters })
        }
        "kept" => Err(IngestError::Bad { why: "no gzip".into(), dead_letters: None }),
        "denied" => Err(IngestError::Rejected("access is denied".into())),
        "throttled" => Err(IngestError::Retryable("slow down".into())),
        "defect" => Err(IngestError::Defect("1 ≠ 2".into())),
        "stolen" => Err(IngestError::FenceLost),
        "poison" => Ok(done(0, 3)),
        _ => Ok(done(2, 0)),
    }
}

/// Works off `pages`, three at a time, and stops before the `stop_at`th object.
fn worked(
    pages: &[&[&str]],
    lease: &Ours,
    stop_at: usize,
) -> (Result<(), IngestError>, Tally, Vec<String>) {
    let pages = pages.iter().map(|page| page.iter().map(|&key| found(key)).collect()).collect();
    let (filter, stop) =
        (filter("--source s3://data/ --whole-bucket --suffix v"), AtomicBool::new(stop_at == 0));
    let (begun, now, most) = (RefCell::new(Vec::new()), Cell::new(0), Cell::new(0));
    let work = |found: Found| {
        begun.borrow_mut().push(found.key.clone());
        stop.store(begun.borrow().len() >= stop_at, Ordering::Relaxed);
        now.set(now.get() + 1);
        most.set(most.get().max(now.get()));
        let now = &now;
        async move {
            give_way(found.key.len() as u64 % 7).await;
            now.set(now.get() - 1);
            end_of(&found.key)
        }
    };
    let mut tally = Tally::default();
    let course = Course { filter: &filter, parallel: 3, lease, stop: &stop };
    let ended = run(work_off(&mut Listed(pages), &course, work, &mut tally));
    assert!(most.get() <= 3, "{} at once", most.get());
    (ended, tally, begun.into_inner())
}

const NEVER: usize = usize::MAX;

#[test]
fn what_fails_keeps_nothing_else_from_being_done() {
    let pages: &[&[&str]] = &[
        &["in/archived-1.csv", "in/a.csv", "in/b.json", "in/gone-1.csv"],
        &[],
        &["in/poison-1.csv", "in/throttled-1.csv", "in/defect-1.csv", "in/c.csv"],
        &["in/denied-1.csv", "in/kept-1.csv"],
    ];
    let (ended, tally, begun) = worked(pages, &Ours::always(), NEVER);
    assert_eq!((ended, begun.len()), (Ok(()), 9));
    assert_eq!((tally.objects, tally.gone, tally.filtered, tally.bytes), (2, 1, 1, 20));
    assert_eq!((tally.bad, tally.refused, tally.troubled), (2, 2, 2));
    assert_eq!(
        tally.records,
        Counts { read: 8, written: 4, dead_lettered: 4, ..Counts::default() }
    );
    assert_eq!(tally.dead_letters, ["dead-letter/in/archived-1.csv/1.ndjson", "dead-letter/x"]);
    expect!["2 of 9 objects are bad and set aside: `in/archived-1.csv`: the object is archived; `in/poison-1.csv`: all of its 3 records are bad; 2 of 9 objects were refused: `in/denied-1.csv`: access is denied; `in/kept-1.csv`: no gzip; 2 of 9 objects met trouble: `in/defect-1.csv`: defect: 1 ≠ 2; `in/throttled-1.csv`: retryable: slow down"]
        .assert_eq(&tally.failures());
}

#[test]
fn who_is_stopped_takes_no_more_and_lets_those_under_way_end() {
    let pages: &[&[&str]] = &[&["a.csv", "bb.csv", "ccc.csv", "dddd.csv", "e.csv"]];
    let (ended, tally, begun) = worked(pages, &Ours::always(), 2);
    expect!["retryable: it was stopped before all were done"]
        .assert_eq(&ended.unwrap_err().to_string());
    assert_eq!((begun.len(), tally.objects), (2, 2));
    let (ended, tally, _) = worked(pages, &Ours::always(), 5);
    assert_eq!((ended, tally.objects), (Ok(()), 5), "nothing was left to be taken");
}

#[test]
fn who_lost_the_fence_ends_without_another_object() {
    let (ended, _, begun) = worked(&[&["a.csv"], &["b.csv"], &["c.csv"]], &Ours::times(1), NEVER);
    assert_eq!((ended, begun), (Err(IngestError::FenceLost), vec!["a.csv".to_owned()]));
    let (ended, ..) = worked(&[&["stolen-1.csv", "b.csv"]], &Ours::always(), NEVER);
    assert_eq!(ended, Err(IngestError::FenceLost));
}

#[test]
fn when_everything_meets_trouble_it_is_left_to_a_later_attempt() {
    let many: Vec<String> = (0..100).map(|n| format!("throttled-{n}.csv")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let (ended, tally, begun) = worked(&[&many], &Ours::always(), NEVER);
    expect!["retryable: 16 objects in a row met trouble"]
        .assert_eq(&ended.unwrap_err().to_string());
    assert!(begun.len() <= TROUBLED_IN_A_ROW_MAX as usize + 3, "{}", begun.len());
    assert_eq!(tally.troubled, begun.len() as u64, "those under way are waited for");
    let mut mixed = many;
    (0..100).step_by(10).for_each(|n| mixed[n] = "good.csv");
    let (ended, tally, _) = worked(&[&mixed], &Ours::always(), NEVER);
    assert_eq!((ended, tally.objects, tally.troubled), (Ok(()), 10, 90));
}

#[test]
fn shards_share_a_tick_out_and_leave_nothing() {
    let keys: Vec<String> = (0..500).map(|n| format!("in/{n}.csv")).collect();
    let mut taken = BTreeMap::new();
    for index in 0..3 {
        let pages = keys.chunks(100).map(|keys| keys.iter().map(found).collect()).collect();
        let shard = Shard::new(index, 3).unwrap();
        let filter = Filter { shard, ..filter("--source s3://data/in/") };
        let (lease, stop, mut tally) = (Ours::always(), AtomicBool::new(false), Tally::default());
        let course = Course { filter: &filter, parallel: 4, lease: &lease, stop: &stop };
        let begun = RefCell::new(Vec::new());
        let work = |found: Found| {
            begun.borrow_mut().push(found.key);
            async { Ok(done(1, 0)) }
        };
        run(work_off(&mut Listed(pages), &course, work, &mut tally)).unwrap();
        assert_eq!(tally.objects, begun.borrow().len() as u64);
        begun.into_inner().into_iter().for_each(|key| *taken.entry(key).or_insert(0) += 1);
    }
    assert_eq!(taken.len(), 500);
    assert!(taken.values().all(|times| *times == 1), "{taken:?}");
}
