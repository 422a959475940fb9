//! Bad objects under the prefix of a tick: set aside once, and no trouble to the ticks after it.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use jiff::Timestamp;
use serde_json::Value;

use super::{Stand, stand};
use crate::stand::{BUCKET, eventually};

const FIGURES: [&str; 5] = ["status", "objects", "bad", "filtered", "since"];

/// The first half of what was compressed.
fn broken_gzip() -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(b"id\nlost\n").unwrap();
    let whole = gzip.finish().unwrap();
    whole[..whole.len() / 2].to_vec()
}

/// The second after this one: S3 tells times in whole seconds, and what was written in the second
/// of a tick is taken twice.
async fn next_second() -> Timestamp {
    let before = Timestamp::now().as_second();
    let second = || async { Some(Timestamp::now().as_second()).filter(|now| *now > before) };
    Timestamp::from_second(eventually("the next second", second).await).unwrap()
}

impl Stand {
    /// The lines of all dead letters.
    async fn dead_letters(&self) -> Vec<Value> {
        let listed = self.s3.list_objects_v2().bucket(BUCKET).prefix("dead-letter/").send().await;
        let mut lines = Vec::new();
        for object in listed.unwrap().contents() {
            let key = object.key().unwrap();
            let read = self.s3.get_object().bucket(BUCKET).key(key).send().await.unwrap();
            let bytes = read.body.collect().await.unwrap().to_vec();
            let text = String::from_utf8(bytes).unwrap();
            lines.extend(text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
        }
        lines
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_object_is_set_aside_by_one_tick_and_left_alone_by_the_next() {
    let stand = stand();
    stand.upload("in/a.csv", "id\na\n").await;
    stand.upload("in/broken.csv.gz", broken_gzip()).await;
    let first = next_second().await;
    let source = format!("s3://{BUCKET}/in/");
    let words = ["--source", source.as_str(), "--modified-since", "previous"];
    let run = stand.worked_off(first, &words).await;
    assert_eq!((run.state(), run.text(&["att"])), ("succeeded".into(), "1".into()), "{run:?}");
    assert_eq!(stand.kept(first, &FIGURES).await, ["done", "1", "1", "0", "None"]);
    let letters = stand.dead_letters().await;
    let [letter] = letters.as_slice() else { panic!("{letters:?}") };
    assert_eq!((&letter["bucket"], &letter["key"]), (&BUCKET.into(), &"in/broken.csv.gz".into()));
    assert_eq!(letter["reason"], "the gzip stream ends in its middle");
    assert!(letter["versionId"].is_string(), "it says which bytes: {letter}");
    let why = stand.longshore(&["why", &run.id()]).well();
    for said in [
        "2 listed, 0 not asked for; 2 taken = 1 done + 1 bad + 0 refused + 0 troubled + 0 gone",
        "read 2 = written 1 + replaced 0 + dead-lettered 1",
        "1 of 2 objects are bad and set aside: `in/broken.csv.gz`: the gzip stream ends",
        "dead-letter/in/broken.csv.gz/",
    ] {
        assert!(why.contains(said), "no `{said}` in {why}");
    }

    let hours = |hours| first + jiff::SignedDuration::from_hours(hours);
    stand.upload("in/b.csv", "id\nb\n").await;
    assert_eq!(stand.worked_off(hours(1), &words).await.state(), "succeeded");
    let kept = stand.kept(hours(1), &FIGURES).await;
    assert_eq!(kept, ["done", "1", "0", "2", &first.to_string()], "it is not looked at again");
    assert_eq!(stand.ids().await, ["a", "b"]);
    assert_eq!(stand.depth("failed").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tick_of_which_nothing_is_good_fails_and_the_next_goes_on() {
    let stand = stand();
    stand.upload("in/broken.csv.gz", broken_gzip()).await;
    let first = next_second().await;
    let source = format!("s3://{BUCKET}/in/");
    let words = ["--source", source.as_str(), "--modified-since", "previous"];
    let run = stand.worked_off(first, &words).await;
    assert_eq!((run.state(), run.text(&["att"])), ("failed".into(), "1".into()), "{run:?}");
    assert_eq!(run.text(&["outcome", "class"]), "rejected");
    eventually("its message", || async { (stand.depth("failed").await == 1).then_some(()) }).await;
    assert_eq!(stand.dead_letters().await.len(), 1);

    let second = first + jiff::SignedDuration::from_hours(1);
    assert_eq!(stand.worked_off(second, &words).await.state(), "succeeded");
    let kept = stand.kept(second, &FIGURES).await;
    assert_eq!(kept, ["done", "0", "0", "1", &first.to_string()]);
}
