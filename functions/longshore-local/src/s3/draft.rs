//! A body while it arrives: a file under a temporary name, hashed on its way.
//!
//! Whatever is not finished leaves no trace: a draft that is dropped removes its file, and what a
//! crash left is swept away when the directory is opened.

use std::path::Path;

use data_encoding::{BASE64, HEXLOWER};
use futures_util::StreamExt;
use s3s::{
    S3Result,
    checksum::ChecksumHasher,
    crypto::{Checksum as _, Md5},
    dto::StreamingBlob,
    s3_error,
};
use tempfile::TempPath;
use tokio::{fs::File, io::AsyncWriteExt};

use super::{
    checksum::{Algorithm, Sum, finish},
    refusal,
};

/// Bytes of a body in one upload: 5 GiB ("Amazon S3 multipart upload limits", S3 user guide).
const PUT_BYTES_MAX: u64 = 5 << 30;

/// A body that arrives.
pub(super) struct Draft {
    path: TempPath,
    file: File,
    size: u64,
    md5: Md5,
    sum: Option<ChecksumHasher>,
}

/// A body that has arrived whole, still under its temporary name.
#[derive(Debug)]
pub(super) struct Body {
    path: TempPath,
    pub(super) size: u64,
    pub(super) md5: [u8; 16],
    pub(super) sum: Option<Sum>,
}

impl Draft {
    /// Begins a body in `dir`, computing a checksum of `algorithm` beside its MD5.
    pub(super) fn new(dir: &Path, algorithm: Option<Algorithm>) -> S3Result<Self> {
        let file =
            tempfile::Builder::new().prefix("incoming-").tempfile_in(dir).map_err(refusal::disk)?;
        let (file, path) = file.into_parts();
        let sum = algorithm.map(Algorithm::hasher);
        Ok(Self { path, file: File::from_std(file), size: 0, md5: Md5::default(), sum })
    }

    /// Appends the body of one request, which may not be longer than S3 takes in one.
    pub(super) async fn fill(&mut self, mut stream: StreamingBlob) -> S3Result<()> {
        while let Some(piece) = stream.next().await {
            self.append(&piece.map_err(|error| interrupted(&*error))?).await?;
            if self.size > PUT_BYTES_MAX {
                return Err(s3_error!(
                    EntityTooLarge,
                    "Your proposed upload exceeds the maximum allowed size of 5 GiB; upload it in parts."
                ));
            }
        }
        Ok(())
    }

    /// Appends a body that is here already.
    pub(super) async fn join(&mut self, mut stream: StreamingBlob) -> S3Result<()> {
        while let Some(piece) = stream.next().await {
            self.append(&piece.map_err(|error| interrupted(&*error))?).await?;
        }
        Ok(())
    }

    async fn append(&mut self, bytes: &[u8]) -> S3Result<()> {
        self.size += bytes.len() as u64;
        self.md5.update(bytes);
        if let Some(sum) = &mut self.sum {
            sum.update(bytes);
        }
        self.file.write_all(bytes).await.map_err(refusal::disk)
    }

    /// Ends the body; its bytes are with the operating system, so the end of this process is no
    /// danger to them.
    pub(super) async fn finish(mut self) -> S3Result<Body> {
        self.file.flush().await.map_err(refusal::disk)?;
        Ok(Body {
            path: self.path,
            size: self.size,
            md5: self.md5.finalize(),
            sum: self.sum.and_then(finish),
        })
    }
}

impl Body {
    /// The MD5 in hexadecimal, which is the `ETag` of what was put whole.
    pub(super) fn etag(&self) -> String {
        HEXLOWER.encode(&self.md5)
    }

    /// Compares with the `Content-MD5` header.
    pub(super) fn verify_md5(&self, declared: Option<&str>) -> S3Result<()> {
        let Some(declared) = declared else { return Ok(()) };
        match BASE64.decode(declared.as_bytes()) {
            Ok(declared) if declared == self.md5 => Ok(()),
            Ok(declared) if declared.len() == self.md5.len() => Err(s3_error!(
                BadDigest,
                "The Content-MD5 you specified did not match what we received."
            )),
            _ => Err(s3_error!(InvalidDigest, "The Content-MD5 you specified was invalid.")),
        }
    }

    /// Gives the file its lasting name.
    pub(super) fn keep(self, dir: &Path, name: &str) -> S3Result<()> {
        self.path.persist(dir.join(name)).map_err(|failed| refusal::disk(failed.error))
    }
}

/// The words for a body that did not arrive whole or not unchanged.
fn interrupted(error: &(dyn std::error::Error + 'static)) -> s3s::S3Error {
    let error = error.to_string();
    if error.contains("SignatureMismatch") {
        s3_error!(SignatureDoesNotMatch, "The signature of a chunk does not match")
    } else if error.contains("Sha256Mismatch") {
        s3s::S3Error::with_message(
            s3s::S3ErrorCode::Custom("XAmzContentSHA256Mismatch".into()),
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        )
    } else {
        s3_error!(IncompleteBody, "The body ended before it was whole: {error}")
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use bytes::Bytes;
    use futures_util::{TryStreamExt, stream};

    use super::*;
    use crate::s3::body::read;

    fn arriving(pieces: Vec<io::Result<Bytes>>) -> StreamingBlob {
        StreamingBlob::wrap(stream::iter(pieces))
    }

    fn files(dir: &Path) -> Vec<String> {
        let names = std::fs::read_dir(dir).unwrap();
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    async fn stored(dir: &Path, bytes: &'static [u8]) -> Body {
        let mut draft = Draft::new(dir, Some(Algorithm::Crc32)).unwrap();
        draft.fill(arriving(vec![Ok(Bytes::from_static(bytes))])).await.unwrap();
        draft.finish().await.unwrap()
    }

    #[tokio::test]
    async fn a_body_is_written_hashed_and_read_by_range() {
        let dir = tempfile::tempdir().unwrap();
        let body = stored(dir.path(), b"123456789").await;
        assert_eq!(body.etag(), "25f9e794323b453885f5181f1b624d0b");
        assert_eq!(body.sum.as_ref().unwrap().value, "y/Q5Jg==");
        body.verify_md5(Some("JfnnlDI7RTiF9RgfG2JNCw==")).unwrap();
        body.keep(dir.path(), "b").unwrap();
        for (range, expected) in [(0..9, "123456789"), (2..5, "345"), (9..9, "")] {
            let file = std::fs::File::open(dir.path().join("b")).unwrap();
            let read: Vec<Bytes> = read(file, range).await.unwrap().try_collect().await.unwrap();
            assert_eq!(read.concat(), expected.as_bytes());
        }
    }

    #[tokio::test]
    async fn a_wrong_md5_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let body = stored(dir.path(), b"other").await;
        let code = |md5| body.verify_md5(Some(md5)).unwrap_err().code().as_str().to_owned();
        assert_eq!(code("JfnnlDI7RTiF9RgfG2JNCw=="), "BadDigest");
        assert_eq!(code("not base64"), "InvalidDigest");
        assert_eq!(code("AAAA"), "InvalidDigest");
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_or_is_refused_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut draft = Draft::new(dir.path(), None).unwrap();
        let broken = vec![Ok(Bytes::from_static(b"some")), Err(io::Error::other("gone"))];
        let refused = draft.fill(arriving(broken)).await.unwrap_err();
        assert_eq!(refused.code().as_str(), "IncompleteBody");
        assert_eq!(files(dir.path()).len(), 1);
        drop(draft);
        drop(stored(dir.path(), b"whole but refused").await);
        assert_eq!(files(dir.path()), [""; 0]);
    }
}
