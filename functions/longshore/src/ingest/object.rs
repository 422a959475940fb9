//! What an object is, from its name, its content type and its size: records, or one opaque thing.

/// How records are written in an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values with a header (RFC 4180).
    Csv,
    /// The same with tabs.
    Tsv,
    /// One JSON object per line.
    Ndjson,
}

/// What is made of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Every record is an item.
    Records(Format),
    /// The object as a whole is one item: its metadata.
    Opaque,
}

impl Kind {
    /// The kind of the object `key`; the suffix wins over the content type, which uploaders often
    /// leave at a default.
    #[must_use]
    pub fn of(key: &str, content_type: Option<&str>, size: u64) -> Self {
        if size == 0 || key.ends_with('/') {
            return Self::Opaque;
        }
        let name = key.rsplit('/').next().unwrap_or(key).to_ascii_lowercase();
        let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".gzip")).unwrap_or(&name);
        let by_suffix = name.rsplit_once('.').and_then(|(_, suffix)| by_suffix(suffix));
        let format = by_suffix.or_else(|| content_type.and_then(by_content_type));
        format.map_or(Self::Opaque, Self::Records)
    }
}

fn by_suffix(suffix: &str) -> Option<Format> {
    match suffix {
        "csv" => Some(Format::Csv),
        "tsv" | "tab" => Some(Format::Tsv),
        "ndjson" | "jsonl" | "jsonlines" => Some(Format::Ndjson),
        _ => None,
    }
}

fn by_content_type(content_type: &str) -> Option<Format> {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "text/csv" | "application/csv" => Some(Format::Csv),
        "text/tab-separated-values" => Some(Format::Tsv),
        "application/x-ndjson"
        | "application/ndjson"
        | "application/jsonl"
        | "application/x-jsonlines"
        | "application/jsonlines" => Some(Format::Ndjson),
        _ => None,
    }
}

/// Bytes needed to tell whether an object is compressed.
pub const MAGIC_BYTES: usize = 2;

/// Whether the object begins like a gzip member (RFC 1952 §2.3.1).
///
/// The bytes decide, not the name: no text begins so, and names lie in both directions.
#[must_use]
pub fn is_gzip(start: &[u8]) -> bool {
    start.starts_with(&[0x1F, 0x8B])
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::{Kind, is_gzip};

    fn check(objects: &[(&str, &str, u64)], expected: &Expect) {
        let lines = objects.iter().map(|(key, content_type, size)| {
            let kind =
                Kind::of(key, Some(content_type).filter(|it| !it.is_empty()).copied(), *size);
            format!("{key} [{content_type}] {size}: {kind:?}\n")
        });
        expected.assert_eq(&lines.collect::<String>());
    }

    #[test]
    fn suffix_then_content_type_then_opaque() {
        check(
            &[
                ("in/a.csv", "", 9),
                ("in/A.CSV.GZ", "application/gzip", 9),
                ("a.tsv", "", 9),
                ("a.jsonl", "binary/octet-stream", 9),
                ("a.ndjson.gzip", "", 9),
                ("a.csv", "application/x-ndjson", 9),
                ("export", "text/csv; charset=utf-8", 9),
                ("export.gz", "Application/X-NDJSON", 9),
                ("a.json", "application/json", 9),
                ("csv", "", 9),
                ("a.csv/part-1", "", 9),
                ("photo.png", "image/png", 9),
                ("a.csv", "text/csv", 0),
                ("folder.csv/", "text/csv", 9),
            ],
            &expect![[r"
                in/a.csv [] 9: Records(Csv)
                in/A.CSV.GZ [application/gzip] 9: Records(Csv)
                a.tsv [] 9: Records(Tsv)
                a.jsonl [binary/octet-stream] 9: Records(Ndjson)
                a.ndjson.gzip [] 9: Records(Ndjson)
                a.csv [application/x-ndjson] 9: Records(Csv)
                export [text/csv; charset=utf-8] 9: Records(Csv)
                export.gz [Application/X-NDJSON] 9: Records(Ndjson)
                a.json [application/json] 9: Opaque
                csv [] 9: Opaque
                a.csv/part-1 [] 9: Opaque
                photo.png [image/png] 9: Opaque
                a.csv [text/csv] 0: Opaque
                folder.csv/ [text/csv] 9: Opaque
            "]],
        );
    }

    #[test]
    fn gzip_is_told_by_its_bytes() {
        assert!(is_gzip(&[0x1F, 0x8B, 8]));
        assert!(!is_gzip(&[0x1F]));
        assert!(!is_gzip(b"id,name"));
    }
}
