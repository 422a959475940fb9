//! Inventories as S3 writes them, and what else may lie under their names.

use std::io::Write as _;

use expect_test::{Expect, expect};
use flate2::{Compression, write::GzEncoder};
use longshore::batch::Address;
use serde_json::json;

use super::super::super::IngestError;
use super::super::super::fakes::{Chance, run};
use super::super::{Inventory, Names};
use super::fakes::Shelves;

const PLACE: &str = "lists/all/data/daily/2026-11-22T01-00Z/manifest.json";

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn rows(numbers: std::ops::Range<u32>) -> Vec<u8> {
    let row = |n| format!("\"data\",\"in/{n}+%2B.csv\",\"{n}\"\n");
    gzip(&numbers.map(row).collect::<Vec<_>>().concat())
}

/// An inventory of these files, some of which are not there.
fn shelves(files: &[Option<Vec<u8>>], format: &str) -> Shelves {
    let name = |n: usize| format!("all/data/daily/data/{n}.csv.gz");
    let named: Vec<_> = (0..files.len()).map(|n| json!({"key": name(n)})).collect();
    let manifest = json!({
        "sourceBucket": "data", "destinationBucket": "arn:aws:s3:::lists",
        "creationTimestamp": "1795309200000", "fileFormat": format,
        "fileSchema": "Bucket, Key, Size", "files": named,
    });
    let there = files.iter().enumerate().filter_map(|(n, file)| Some((n, file.clone()?)));
    let there = there.map(|(n, file)| (format!("lists/{}", name(n)), file.into()));
    let manifest = (PLACE.to_owned(), manifest.to_string().into());
    Shelves { objects: there.chain([manifest]).collect(), chunk: 1_000 }
}

fn names(shelves: &Shelves) -> Result<Vec<String>, IngestError> {
    let (chance, place) = (Chance::new(1), Address::parse(&format!("s3://{PLACE}")).unwrap());
    let mut inventory = run(Inventory::open(shelves, &chance, &place, &[]))?;
    let mut names = Vec::new();
    while let Some(page) = run(inventory.next())? {
        assert!(page.len() < 10_000, "{} at once", page.len());
        names.extend(page.into_iter().map(|found| found.key));
    }
    Ok(names)
}

#[test]
fn every_row_of_every_file_is_an_object() {
    let files = [Some(rows(0..40_000)), Some(gzip("")), Some(rows(40_000..40_003))];
    let expected: Vec<_> = (0..40_003).map(|n| format!("in/{n} +.csv")).collect();
    for chunk in [1, 1_000, 1_000_000] {
        let shelves = Shelves { chunk, ..shelves(&files, "CSV") };
        assert!(names(&shelves).unwrap() == expected, "in chunks of {chunk}");
    }
    assert_eq!(names(&shelves(&[], "CSV")), Ok(vec![]));
}

#[test]
fn an_inventory_that_is_not_whole_is_refused() {
    let check = |shelves: &Shelves, expected: &Expect| {
        expected.assert_eq(&names(shelves).unwrap_err().to_string());
    };
    check(
        &shelves(&[Some(rows(0..9)), None], "CSV"),
        &expect![
            "rejected: `all/data/daily/data/1.csv.gz` of the inventory: the object is gone: 404; read another inventory"
        ],
    );
    let cut = rows(0..9_000)[..20_000].to_vec();
    check(
        &shelves(&[Some(cut)], "CSV"),
        &expect![
            "rejected: inventory file `all/data/daily/data/0.csv.gz`: the gzip stream ends in its middle; read another inventory"
        ],
    );
    check(
        &shelves(&[Some(b"\"data\",\"plain\",\"1\"\n".to_vec())], "CSV"),
        &expect![
            "rejected: inventory file `all/data/daily/data/0.csv.gz`: the gzip stream is broken near byte 2 of the object; read another inventory"
        ],
    );
    let foreign = gzip("\"data\",\"a\",\"1\"\n\"other-account\",\"b\",\"1\"\n");
    check(
        &shelves(&[Some(foreign)], "CSV"),
        &expect![
            "rejected: inventory file `all/data/daily/data/0.csv.gz`: row 2 is about bucket `other-account`, and the manifest about another; read another inventory"
        ],
    );
    check(
        &shelves(&[], "ORC"),
        &expect![
            "rejected: s3://lists/all/data/daily/2026-11-22T01-00Z/manifest.json: the inventory is ORC, of which nothing is read; choose CSV as its output format"
        ],
    );
    check(
        &Shelves { chunk: 1, ..Shelves::default() },
        &expect![
            "rejected: `all/data/daily/2026-11-22T01-00Z/manifest.json` of the inventory: the object is gone: 404; read another inventory"
        ],
    );
    let mut large = shelves(&[], "CSV");
    large.objects.insert(PLACE.into(), vec![b' '; 17 * 1_024 * 1_024].into());
    check(
        &Shelves { chunk: 1 << 20, ..large },
        &expect![
            "rejected: s3://lists/all/data/daily/2026-11-22T01-00Z/manifest.json is larger than 16777216 bytes, and no manifest"
        ],
    );
}
