//! A prefix is listed page by page while it changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use longshore::batch::Address;

use super::super::super::IngestError;
use super::super::super::fakes::{Chance, run};
use super::super::{Names, Pages};
use super::fakes::{Bucket, Change};
use crate::ports::ObjectTrouble;

fn bucket(keys: impl IntoIterator<Item = String>, page_size: usize, change: Change) -> Bucket {
    let keys: BTreeMap<_, _> = keys.into_iter().map(|key| (key, 1)).collect();
    let (troubles, calls) = Default::default();
    Bucket { keys: Mutex::new(keys), page_size, change, troubles, calls }
}

/// The keys that are listed under `in/`, in their order.
fn listed(bucket: &Bucket, chance: &Chance) -> Result<Vec<String>, IngestError> {
    let place = Address::parse("s3://data/in/").unwrap();
    let (mut pages, mut keys) = (Pages::new(bucket, chance, &place), Vec::new());
    while let Some(page) = run(pages.next())? {
        keys.extend(page.into_iter().map(|found| found.key));
    }
    assert_eq!(run(pages.next())?, None, "the end stays the end");
    Ok(keys)
}

fn key(n: u64) -> String {
    format!("in/{n:03}")
}

#[test]
fn what_is_there_all_the_time_is_listed_once_whatever_else_changes() {
    for seed in 0..200 {
        let chance = Chance::new(seed);
        let size = 1 + usize::try_from(chance.below(9)).unwrap();
        // Multiples of 3 stay; the others come and go.
        let begin: Vec<_> =
            (0..100).filter(|n| n % 3 == 0 || chance.below(2) == 0).map(key).collect();
        let stirred: Change = Box::new(move |call, keys| {
            let chance = Chance::new(seed * 1_000 + call as u64);
            for n in (0..100).filter(|n| n % 3 > 0) {
                if chance.below(2) == 0 {
                    keys.insert(key(n), 2)
                } else {
                    keys.remove(&key(n))
                };
            }
        });
        let bucket = bucket(begin.into_iter().chain(["out/1".into()]), size, stirred);
        let keys = listed(&bucket, &chance).unwrap();
        let once: BTreeSet<_> = keys.iter().cloned().collect();
        assert_eq!(once.len(), keys.len(), "seed {seed}: a key comes twice");
        let stayed = (0..100).filter(|n| n % 3 == 0).map(key);
        assert!(stayed.into_iter().all(|key| once.contains(&key)), "seed {seed}: {keys:?}");
        assert!(!once.contains("out/1"));
    }
}

#[test]
fn an_empty_prefix_has_no_objects_and_trouble_is_waited_out() {
    let chance = Chance::new(1);
    let empty = bucket([], 10, Box::new(|_, _| {}));
    assert_eq!(listed(&empty, &chance), Ok(vec![]));
    let slow = bucket((0..25).map(key), 10, Box::new(|_, _| {}));
    *slow.troubles.lock().unwrap() =
        (0..20).map(|_| ObjectTrouble::Retryable("SlowDown".into())).collect();
    assert_eq!(listed(&slow, &chance).unwrap().len(), 25);
}

#[test]
fn a_listing_that_cannot_be_had_says_why() {
    let chance = Chance::new(1);
    let said = |troubles: Vec<ObjectTrouble>| {
        let bucket = bucket((0..25).map(key), 10, Box::new(|_, _| {}));
        *bucket.troubles.lock().unwrap() = troubles.into();
        listed(&bucket, &chance).unwrap_err().to_string()
    };
    assert_eq!(
        said(vec![ObjectTrouble::Rejected("NoSuchBucket".into())]),
        "rejected: listing s3://data/in/: the object store refused: NoSuchBucket"
    );
    let denied = said(vec![ObjectTrouble::Denied("AccessDenied".into())]);
    assert!(denied.starts_with("rejected: ") && denied.contains("s3:ListBucket"), "{denied}");
    let down = said(vec![ObjectTrouble::Retryable("SlowDown".into()); 5_000]);
    assert_eq!(down, "retryable: listing s3://data/in/: SlowDown");
}
