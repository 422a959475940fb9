//! Rows as S3 writes them, and rows that it never wrote.

use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::batch::Address;

fn manifest(schema: &str) -> Manifest {
    let text = json!({
        "sourceBucket": "data", "destinationBucket": "arn:aws:s3:::lists",
        "creationTimestamp": "1795309200000", "fileFormat": "CSV", "fileSchema": schema, "files": [],
    });
    let place = Address::parse("s3://lists/data/daily/2026-11-22T01-00Z/manifest.json").unwrap();
    Manifest::parse(text.to_string().as_bytes(), &place, &[]).unwrap()
}

/// Reads `file` in chunks of `chunk` bytes.
fn read(schema: &str, file: &[u8], chunk: usize) -> Result<Vec<Found>, RowError> {
    let (mut rows, mut found) = (InventoryRows::new(&manifest(schema)), Vec::new());
    for bytes in file.chunks(chunk) {
        rows.read(bytes, &mut found)?;
    }
    rows.read(&[], &mut found)?;
    Ok(found)
}

const VERSIONS: &str =
    "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag";

fn check(schema: &str, file: &str, expected: &Expect) {
    let said = match read(schema, file.as_bytes(), 7) {
        Ok(found) => found.iter().map(|found| format!("{found:?}\n")).collect::<Vec<_>>().concat(),
        Err(error) => error.to_string(),
    };
    expected.assert_eq(&said);
}

#[test]
fn newest_versions_that_are_there_are_objects() {
    check(
        VERSIONS,
        "\"data\",\"in/a+b%2Bc.csv\",\"v2\",\"true\",\"false\",\"12\",\"2026-11-20T01:02:03.000Z\",\"9a\"\n\
         \"data\",\"in/a+b%2Bc.csv\",\"v1\",\"false\",\"false\",\"11\",\"2026-11-19T01:02:03.000Z\",\"99\"\n\
         \"data\",\"in/gone.csv\",\"v2\",\"true\",\"true\",\"\",\"2026-11-20T01:02:03.000Z\",\"\"\n\
         \"data\",\"in/%22quoted%22%0A.csv\",\"\",\"true\",\"false\",\"0\",\"\",\"\"",
        &expect![[r#"
            Found { key: "in/a b+c.csv", size: Some(12), etag: Some("9a"), modified: Some(2026-11-20T01:02:03Z) }
            Found { key: "in/\"quoted\"\n.csv", size: Some(0), etag: None, modified: None }
        "#]],
    );
    check(
        "Bucket, Key",
        "\"data\",\"%2E%2E/etc/passwd\"\n",
        &expect![[r#"
            Found { key: "../etc/passwd", size: None, etag: None, modified: None }
        "#]],
    );
}

#[test]
fn a_row_that_is_none_ends_the_reading() {
    check(
        "Bucket, Key",
        "\"data\",\"a\"\n\"other-account\",\"b\"\n",
        &expect!["row 2 is about bucket `other-account`, and the manifest about another"],
    );
    check(
        "Bucket, Key",
        "\"data\"\n",
        &expect![
            "row 1 cannot be read: it has fewer columns than the manifest says, or is not UTF-8"
        ],
    );
    check(
        "Bucket, Key",
        "\"data\",\"%zz\"\n",
        &expect!["row 1 cannot be read: its key is not URL-encoded"],
    );
    check(
        "Bucket, Key",
        "\"data\",\"\"\n",
        &expect!["row 1 cannot be read: its key is not URL-encoded"],
    );
    check(
        "Bucket, Key",
        &format!("\"data\",\"{}\"\n", "k".repeat(70_000)),
        &expect!["row 1 cannot be read: it is too long"],
    );
    check(
        "Bucket, Key",
        &"x,".repeat(100),
        &expect!["row 1 cannot be read: it has too many columns"],
    );
}

#[test]
fn a_size_that_is_asked_for_must_be_told() {
    let suits = |schema: &str, line: &str| {
        let line = format!("--inventory s3://lists/data/daily/t/manifest.json {line}");
        let words = line.split_whitespace().map(str::to_owned);
        let choice = crate::batch::Options::parse(words).unwrap().choice;
        let shard = crate::batch::Shard::WHOLE;
        manifest(schema).suits(&Filter { choice, since: None, shard, dead_letters: None })
    };
    assert_eq!(suits("Bucket, Key", ""), Ok(()));
    assert_eq!(suits("Bucket, Key, Size", "--min-size 1"), Ok(()));
    let refused = suits("Bucket, Key", "--max-size 1GiB").unwrap_err().to_string();
    assert!(refused.contains("no column Size"), "{refused}");
}

proptest! {
    #[test]
    fn chunks_do_not_matter(keys in proptest::collection::vec("[a-z/,\"]{1,9}", 0..9), chunk in 1_usize..30) {
        let encode = |key: &String| key.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
        let rows: Vec<_> = keys.iter().map(|key| format!("\"data\",\"{}\"\n", encode(key))).collect();
        let found = read("Bucket, Key", rows.concat().as_bytes(), chunk).unwrap();
        let found: Vec<_> = found.into_iter().map(|found| found.key).collect();
        prop_assert_eq!(found, keys);
    }

    #[test]
    fn no_bytes_make_it_panic(file in proptest::collection::vec(any::<u8>(), 0..200), chunk in 1_usize..30) {
        drop(read(VERSIONS, &file, chunk));
    }
}
