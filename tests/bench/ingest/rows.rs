//! Rows of ten columns in a file, and the file as the object store that is read from.

use std::fs::File;
use std::io::{BufWriter, Read as _, Seek as _, SeekFrom, Write as _};

use bytes::Bytes;
use longshore_engine::ports::{Chunks, ObjectRef, ObjectTrouble, Objects, Opened};
use tempfile::NamedTempFile;

/// As much as S3 hands over at once, roughly.
const CHUNK_BYTES: usize = 64 * 1024;

/// A file of rows.
pub(crate) struct RowsFile {
    file: NamedTempFile,
    size: u64,
}

impl RowsFile {
    /// Writes `rows` rows, in the format that the suffix of `name` says.
    pub(crate) fn write(name: &str, rows: u64) -> std::io::Result<Self> {
        let file = NamedTempFile::new()?;
        let mut out = BufWriter::new(file.as_file());
        let csv = name.ends_with("csv");
        if csv {
            writeln!(out, "id,name,email,age,score,active,city,note,created,total")?;
        }
        for n in 0..rows {
            let (age, score, total) = (n % 90, n % 1_000, n * 37 % 100_000);
            let name = format!("Customer Number {n}");
            let email = format!("customer{n}@mail.example.com");
            let id = format!("customer-{n:012}");
            let note = "the quick brown fox jumps over";
            if csv {
                writeln!(
                    out,
                    "{id},{name},{email},{age},{score}.25,true,Rotterdam,{note},2026-11-22T10:00:00Z,{total}.99"
                )?;
            } else {
                writeln!(
                    out,
                    r#"{{"id":"{id}","name":"{name}","email":"{email}","age":{age},"score":{score}.25,"active":true,"city":"Rotterdam","note":"{note}","created":"2026-11-22T10:00:00Z","total":{total}.99}}"#
                )?;
            }
        }
        out.flush()?;
        drop(out);
        let size = file.as_file().metadata()?.len();
        Ok(Self { file, size })
    }
}

/// A file that is read from its start to its end.
pub(crate) struct Body(File);

impl Chunks for Body {
    async fn next(&mut self) -> Result<Option<Bytes>, ObjectTrouble> {
        let mut chunk = vec![0; CHUNK_BYTES];
        let read =
            self.0.read(&mut chunk).map_err(|error| ObjectTrouble::Rejected(error.to_string()))?;
        chunk.truncate(read);
        Ok((read > 0).then(|| Bytes::from(chunk)))
    }
}

impl Objects for RowsFile {
    type Body = Body;

    async fn open(&self, _: &ObjectRef, offset: u64) -> Result<Opened<Body>, ObjectTrouble> {
        let open = || {
            let mut file = self.file.reopen()?;
            file.seek(SeekFrom::Start(offset)).map(|_| file)
        };
        let file =
            open().map_err(|error: std::io::Error| ObjectTrouble::Rejected(error.to_string()))?;
        Ok(Opened {
            size: self.size,
            etag: None,
            content_type: None,
            version_id: None,
            last_modified: None,
            body: Body(file),
        })
    }

    async fn put(&self, _: &str, key: &str, _: Bytes) -> Result<(), ObjectTrouble> {
        Err(ObjectTrouble::Rejected(format!("no dead letters were expected: {key}")))
    }
}
