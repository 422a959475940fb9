//! What an object becomes in a world with moods.

mod aside;
mod behind;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::atomic::Ordering;

use expect_test::expect;
use flate2::{Compression, write::GzEncoder};
use serde_json::Value;

use super::fakes::{Chance, Moods, MoodyTable, Ours, Shelf, run};
use super::{IngestError, IngestPlan, Ingested, ingest};
use crate::ports::{ObjectRef, ObjectTrouble};

fn plan(key: &str) -> IngestPlan {
    let object = ObjectRef {
        bucket: "in".into(),
        key: key.into(),
        version_id: None,
        etag: Some("\"e1\"".into()),
    };
    IngestPlan::new(object, "id".parse().unwrap(), "ops".into())
}

const CALM: Moods = Moods { unprocessed: 0, refuses: 0, loses_answers: 0 };
const WILD: Moods = Moods { unprocessed: 3, refuses: 2, loses_answers: 1 };

fn on_shelf(shelf: &Shelf, plan: &IngestPlan) -> Result<Ingested, IngestError> {
    let chance = Chance::new(1);
    run(ingest(shelf, &MoodyTable::new(&chance, CALM), &chance, &Ours::always(), plan))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn lines(count: u64, line: impl Fn(u64) -> String) -> String {
    (0..count).map(line).collect()
}

/// NDJSON of `rows` rows over few keys, with bad lines and poison, and what the table must hold.
fn object(chance: &Chance, rows: u64) -> (String, BTreeMap<String, u64>, u64) {
    let (mut lines, mut truth, mut bad) = (Vec::new(), BTreeMap::new(), 0);
    for n in 1..=rows {
        let id = format!("k{}", chance.below(rows / 3 + 1));
        match chance.below(50) {
            0 => {
                lines.push("{\"id\":\n".to_owned());
                bad += 1;
            }
            1 => {
                // A key of its own: which of a good row and a poisoned one stays is another matter.
                lines.push(format!("{{\"id\":\"p{n}\",\"n\":{n},\"poison\":1}}\n"));
                bad += 1;
            }
            _ => {
                lines.push(format!("{{\"id\":\"{id}\",\"n\":{n}}}\n"));
                truth.insert(id, n);
            }
        }
    }
    (lines.concat(), truth, bad)
}

/// What the table holds.
fn found(table: &MoodyTable<'_>) -> BTreeMap<String, u64> {
    let rows = table.rows.lock().unwrap();
    let n = |item: &Value| item["n"]["N"].as_str().unwrap().parse().unwrap();
    rows.iter().map(|(id, item)| (id.clone(), n(item))).collect()
}

#[test]
fn the_table_ends_equal_to_the_truth_in_any_weather() {
    for seed in 0..150 {
        let chance = Chance::new(seed);
        let rows = chance.below(1_500);
        let (lines, truth, bad) = object(&chance, rows);
        let bytes = if seed % 2 == 0 { gzip(lines.as_bytes()) } else { lines.into_bytes() };
        let mut shelf = Shelf::with(bytes);
        shelf.chunk = 1 + usize::try_from(chance.below(3_000)).unwrap();
        shelf.breaks_after = shelf.chunk * 3;
        let table = MoodyTable::new(&chance, WILD);
        let mut plan = plan("a.ndjson");
        plan.lanes = 1 + usize::try_from(chance.below(9)).unwrap();
        let done = run(ingest(&shelf, &table, &chance, &Ours::always(), &plan));
        if rows == 0 && seed % 2 == 1 {
            continue;
        }
        let counts = done.unwrap().summary.counts();
        assert_eq!((counts.read, counts.dead_lettered), (rows, bad), "seed {seed}");
        assert_eq!(found(&table), truth, "seed {seed}");
    }
}

#[test]
fn bad_records_are_dead_letters_and_the_rest_is_written() {
    let shelf = Shelf::with("id,name\n1,a\n2\n3,c\n1,d\n");
    let done = on_shelf(&shelf, &plan("x/a.csv")).unwrap();
    expect!["read 4 = written 2 + replaced 1 + dead-lettered 1"]
        .assert_eq(&done.summary.to_string());
    let puts = shelf.puts.lock().unwrap();
    let (place, lines) = puts.first_key_value().unwrap();
    expect!["ops/dead-letter/x/a.csv/e1.ndjson"].assert_eq(place);
    expect![[r#"
        {"bucket":"in","key":"x/a.csv","record":2,"offset":12,"reason":"the row has 1 cells, the header has 2","raw":"2"}
    "#]]
    .assert_eq(std::str::from_utf8(lines).unwrap());
}

#[test]
fn the_row_that_the_table_refuses_is_found_and_set_aside() {
    let poison = |n| if n == 17 { ",\"poison\":1" } else { "" };
    let lines = lines(25, |n| format!("{{\"id\":\"{n}\"{}}}\n", poison(n)));
    let (shelf, chance) = (Shelf::with(lines), Chance::new(1));
    let table = MoodyTable::new(&chance, CALM);
    let mut plan = plan("a.ndjson");
    plan.lanes = 1;
    let done = run(ingest(&shelf, &table, &chance, &Ours::always(), &plan)).unwrap();
    expect!["read 25 = written 24 + replaced 0 + dead-lettered 1"]
        .assert_eq(&done.summary.to_string());
    assert!(table.calls.load(Ordering::Relaxed) <= 1 + 2 * 5, "5 splits find one of 25");
    let puts = shelf.puts.lock().unwrap();
    let lines = std::str::from_utf8(&puts["ops/dead-letter/a.ndjson/e1.ndjson"]).unwrap();
    assert!(lines.contains("\"record\":18"), "{lines}");
    assert!(lines.contains("DynamoDB refused the item: poison"), "{lines}");
}

#[test]
fn an_object_without_records_is_one_item() {
    let mut shelf = Shelf::with(&b"\x89PNG"[..]);
    shelf.content_type = Some("image/png".into());
    let chance = Chance::new(1);
    let table = MoodyTable::new(&chance, CALM);
    let done = run(ingest(&shelf, &table, &chance, &Ours::always(), &plan("p.png"))).unwrap();
    expect!["read 1 = written 1 + replaced 0 + dead-lettered 0"]
        .assert_eq(&done.summary.to_string());
    let rows = table.rows.lock().unwrap();
    expect![[
        r#"{"bucket":{"S":"in"},"contentType":{"S":"image/png"},"etag":{"S":"e1"},"id":{"S":"p.png"},"size":{"N":"4"}}"#
    ]]
    .assert_eq(&rows["p.png"].to_string());
}

#[test]
fn a_stream_that_breaks_is_taken_up_where_it_broke_and_pinned() {
    let lines = lines(2_000, |n| format!("{{\"id\":\"{n}\"}}\n"));
    let mut shelf = Shelf::with(lines);
    shelf.breaks_after = 10_000;
    let mut unpinned = plan("a.ndjson");
    unpinned.object.etag = None;
    let done = on_shelf(&shelf, &unpinned).unwrap();
    assert_eq!(done.summary.counts().written, 2_000);
    let opens = shelf.opens.lock().unwrap();
    assert_eq!(opens.iter().map(|(_, offset)| *offset).collect::<Vec<_>>(), [0, 10_000, 20_000]);
    assert_eq!(opens[0].0.etag, None);
    assert_eq!(
        opens[1].0.etag.as_deref(),
        Some("\"e1\""),
        "the bytes are pinned once they are known"
    );
}

#[test]
fn an_object_that_changed_is_superseded_not_failed() {
    for trouble in [ObjectTrouble::Gone("404".into()), ObjectTrouble::Superseded("412".into())] {
        for open in [0, 1] {
            let mut shelf = Shelf::with("id\n1\n2\n".repeat(1_000));
            shelf.breaks_after = 2_000;
            shelf.trouble.lock().unwrap().insert(open, trouble.clone());
            let error = on_shelf(&shelf, &plan("a.csv")).unwrap_err();
            assert_eq!(error, IngestError::Superseded(trouble.clone()));
        }
    }
}

#[test]
fn a_lost_lease_stops_every_write() {
    let lines = lines(5_000, |n| format!("{{\"id\":\"{n}\"}}\n{{\n"));
    let (shelf, chance) = (Shelf::with(lines), Chance::new(1));
    let table = MoodyTable::new(&chance, CALM);
    let error =
        run(ingest(&shelf, &table, &chance, &Ours::times(20), &plan("a.ndjson"))).unwrap_err();
    assert_eq!(error, IngestError::FenceLost);
    assert!(table.calls.load(Ordering::Relaxed) <= 20);
    assert!(table.is_idle(), "what was under way has come to its end");
    assert!(shelf.puts.lock().unwrap().is_empty(), "no dead letters either");
}

#[test]
fn patience_has_an_end() {
    let chance = Chance::new(1);
    let table = MoodyTable::new(&chance, Moods { refuses: 8, ..CALM });
    let shelf = Shelf::with("id\n1\n");
    let error = run(ingest(&shelf, &table, &chance, &Ours::always(), &plan("a.csv"))).unwrap_err();
    expect!["retryable: patience is at its end: slow down"].assert_eq(&error.to_string());
    let waits = chance.waits.load(Ordering::Relaxed);
    assert!((60..1_000).contains(&waits), "{waits} waits in five minutes");
}

#[test]
fn objects_that_cannot_be_trusted_are_rejected_with_their_reason() {
    let check = |bytes: Vec<u8>, expected: &expect_test::Expect| {
        let mut plan = plan("a.csv.gz");
        plan.bad_records_max = 3;
        expected.assert_eq(&on_shelf(&Shelf::with(bytes), &plan).unwrap_err().to_string());
    };
    let whole = gzip(b"id\n1\n");
    check(
        whole[..whole.len() - 3].to_vec(),
        &expect!["rejected: the gzip stream ends in its middle"],
    );
    check(
        [&whole[..], b"more"].concat(),
        &expect!["rejected: the gzip stream is broken near byte 27 of the object"],
    );
    check(
        b"name\nx\n".to_vec(),
        &expect![
            "rejected: the header cannot be used: no column is named `id`, the key of the table"
        ],
    );
    check(
        b"id,a\n1\n2\n3\n4\n".to_vec(),
        &expect![
            "rejected: too many bad records: 4 of them, the last in record 4 (byte 11): the row has 1 cells, the header has 2"
        ],
    );
}

#[test]
fn gzip_members_one_after_the_other_are_one_object() {
    let members = [gzip(b"id\n1\n2"), gzip(b""), gzip(b"2\n"), vec![0; 512]].concat();
    for chunk in [1, 7, 4_096] {
        let mut shelf = Shelf::with(members.clone());
        shelf.chunk = chunk;
        let done = on_shelf(&shelf, &plan("a.csv")).unwrap();
        assert_eq!(done.summary.counts().written, 2);
    }
}

/// The worker's runtime may move the future between threads.
#[test]
fn the_future_is_send() {
    fn send<T: Send>(_: &T) {}
    let (shelf, chance, lease) = (Shelf::with("id\n"), Chance::new(1), Ours::always());
    let table = MoodyTable::new(&chance, CALM);
    let plan = plan("a.csv");
    send(&ingest(&shelf, &table, &chance, &lease, &plan));
}
