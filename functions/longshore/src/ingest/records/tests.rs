//! Laws of the record reader: chunks change nothing, and the short cut for plain rows is none.

use proptest::prelude::*;

use super::{
    Body, COLUMNS_MAX, Cut, Format, Parsed, RAW_BYTES_MAX, RECORD_BYTES_MAX, RecordReader,
};

/// Everything that a reader says of an object cut into `chunks`, in words.
fn read(mut reader: RecordReader, chunks: &[&[u8]]) -> Vec<String> {
    let mut said = Vec::new();
    for (index, chunk) in chunks.iter().chain([&&b""[..]]).enumerate() {
        let mut input = *chunk;
        loop {
            match reader.next(&mut input, index == chunks.len()) {
                Ok(None) => break,
                Ok(Some(parsed)) => said.push(words(&parsed)),
                Err(fault) => {
                    said.push(fault.to_string());
                    return said;
                }
            }
        }
        assert!(input.is_empty(), "input is left over");
    }
    said
}

fn words(parsed: &Parsed<'_>) -> String {
    match parsed {
        Parsed::Bad(bad) => {
            format!(
                "{} @{} BAD {} {:?} of {}",
                bad.number, bad.offset, bad.reason, bad.raw, bad.raw_bytes
            )
        }
        Parsed::Record(record) => {
            let body = match &record.body {
                Body::Json(line) => format!("{}", line.escape_ascii()),
                Body::Cells(cells) => {
                    let utf8 = cells.check_utf8().is_ok();
                    let cells: Vec<String> =
                        cells.iter().map(|cell| cell.escape_ascii().to_string()).collect();
                    format!("{cells:?} {utf8}")
                }
            };
            let raw = record.raw[..record.raw.len().min(RAW_BYTES_MAX)].escape_ascii();
            format!(
                "{} @{} {body} from {raw} of {}",
                record.number, record.offset, record.raw_bytes
            )
        }
    }
}

fn through_csv_core(format: Format) -> RecordReader {
    let mut reader = RecordReader::new(format);
    if let Cut::Rows(rows) = &mut reader.cut {
        rows.short_cut = false;
    }
    reader
}

/// `object` cut after each of `lengths`, over and over.
fn cut<'a>(object: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    let mut chunks = Vec::new();
    let (mut rest, mut lengths) = (object, lengths.iter().cycle());
    while !rest.is_empty() {
        let length = (*lengths.next().unwrap()).min(rest.len());
        chunks.push(&rest[..length]);
        rest = &rest[length..];
    }
    chunks
}

fn objects() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => "[a-z ]{1,5}".prop_map(String::into_bytes),
        1 => "\"[a-z,\n\r]{0,5}\"".prop_map(String::into_bytes),
        3 => Just(b",".to_vec()),
        2 => prop_oneof![Just(b"\n".to_vec()), Just(b"\r\n".to_vec()), Just(b"\r".to_vec())],
        1 => prop_oneof![Just(b"\"".to_vec()), Just(b"\"\"".to_vec()), Just(b"\xC3\xA4".to_vec())],
        1 => Just(b"\xEF\xBB\xBF".to_vec()),
        1 => prop_oneof![Just(b"\xEF".to_vec()), Just(b"\xEF\xBB".to_vec())],
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_chunks_give_the_same_records(
        object in objects(),
        lengths in prop::collection::vec(1_usize..9, 1..6),
    ) {
        for format in [Format::Csv, Format::Tsv, Format::Ndjson] {
            let whole = read(RecordReader::new(format), &[&object]);
            prop_assert_eq!(&whole, &read(RecordReader::new(format), &cut(&object, &lengths)));
            prop_assert_eq!(&whole, &read(through_csv_core(format), &[&object]));
        }
    }
}

#[test]
fn a_giant_record_is_bad_and_the_next_is_not() {
    for (format, before, after) in [
        (Format::Ndjson, "", ""),
        (Format::Csv, "", ""),
        (Format::Csv, "\"", "\""),
        (Format::Csv, "\"\n", "\""),
    ] {
        for (extra, good) in [(0, true), (1, false), (RECORD_BYTES_MAX, false)] {
            let filler = RECORD_BYTES_MAX + extra - before.len() - after.len();
            let giant = format!("{before}{}{after}", "x".repeat(filler));
            let object = format!("first\n{giant}\nlast");
            let whole = read(RecordReader::new(format), &[object.as_bytes()]);
            assert_eq!(whole.len(), 3, "{format:?}");
            assert_eq!(!whole[1].contains("longer than 1048576 bytes"), good, "{format:?} {extra}");
            assert!(whole[2].contains("last"), "{format:?}");
            for length in [65_536, 1_000_003] {
                assert_eq!(
                    whole,
                    read(RecordReader::new(format), &cut(object.as_bytes(), &[length]))
                );
            }
        }
    }
}

#[test]
fn a_row_with_too_many_cells_is_bad_and_the_next_is_not() {
    for quote in ["", "\"\""] {
        for (cells, good) in
            [(COLUMNS_MAX, true), (COLUMNS_MAX + 1, false), (3 * COLUMNS_MAX, false)]
        {
            let object = format!("a,b\n{quote}{}\n1,2\n", ",".repeat(cells - 1));
            let said = read(RecordReader::new(Format::Csv), &[object.as_bytes()]);
            assert_eq!(said.len(), 3);
            assert_eq!(!said[1].contains("more than 4096 cells"), good, "{quote} {cells}");
            assert!(said[2].contains('1'), "{}", said[2]);
            assert_eq!(
                said,
                read(RecordReader::new(Format::Csv), &cut(object.as_bytes(), &[1_000]))
            );
        }
    }
}
