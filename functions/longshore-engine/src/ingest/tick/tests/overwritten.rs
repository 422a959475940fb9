//! An object that is overwritten while it is read.

use std::sync::Mutex;
use std::time::Duration;

use longshore::ingest::{Batch, Unprocessed};

use super::super::super::IngestPlan;
use super::super::super::fakes::{Chance, Ours, Shelf, run};
use super::super::ingest_as_it_is;
use super::{IngestError, ObjectTrouble};
use crate::ports::{ObjectRef, Pause, Rng, Table, TableTrouble};

/// A table that takes everything, and waits that are noted.
struct Desk(Chance, Mutex<Vec<Duration>>);

impl Table for Desk {
    async fn write(&self, _: &Batch) -> Result<Unprocessed, TableTrouble> {
        Ok(Unprocessed::none())
    }
}

impl Rng for Desk {
    fn draw(&self) -> u64 {
        self.0.draw()
    }
}

impl Pause for Desk {
    async fn sleep(&self, length: Duration) {
        self.1.lock().unwrap().push(length);
    }
}

/// What became of an object.
struct Read {
    ended: Result<u64, IngestError>,
    /// How its bytes were asked for: entity tag and offset.
    opens: Vec<(Option<String>, u64)>,
    /// How often a call that was left behind was waited for.
    settled: usize,
}

/// Reads 2,000 rows of which the stream breaks now and then; the opens with these numbers find that
/// it was replaced.
fn read(replaced_at: &[u64]) -> Read {
    let lines: Vec<_> = (0..2_000).map(|n| format!("{{\"id\":\"{n}\"}}\n")).collect();
    let mut shelf = Shelf::with(lines.concat());
    shelf.breaks_after = 10_000;
    let replaced = |open: &u64| (*open, ObjectTrouble::Superseded("412".into()));
    *shelf.trouble.lock().unwrap() = replaced_at.iter().map(replaced).collect();
    let (bucket, key) = ("in".into(), "a.ndjson".into());
    let object = ObjectRef { bucket, key, version_id: None, etag: None };
    let plan = IngestPlan::new(object, "id".parse().unwrap(), "ops".into());
    let desk = Desk(Chance::new(1), Mutex::default());
    let ended = run(ingest_as_it_is(&shelf, &desk, &desk, &Ours::always(), &plan));
    let opens = shelf.opens.into_inner().unwrap();
    let settled = desk.1.lock().unwrap().iter().filter(|it| it.as_secs() == 20).count();
    Read {
        ended: ended.map(|done| done.summary.counts().read),
        opens: opens.into_iter().map(|(object, offset)| (object.etag, offset)).collect(),
        settled,
    }
}

#[test]
fn it_is_read_again_from_its_start_and_never_half_and_half() {
    let Read { ended, opens, settled } = read(&[1]);
    assert_eq!((ended, settled), (Ok(2_000), 1));
    let pinned = || Some("\"e1\"".to_owned());
    // The first of each is what lies there now; whatever follows is held to it.
    assert_eq!(
        opens,
        [(None, 0), (pinned(), 10_000), (None, 0), (pinned(), 10_000), (pinned(), 20_000)]
    );
}

#[test]
fn it_may_not_go_on_for_ever() {
    let read = read(&[1, 3, 5, 7, 9]);
    let words = "it was overwritten 5 times while it was read".to_owned();
    assert_eq!((read.ended, read.settled), (Err(IngestError::Retryable(words)), 5));
}
