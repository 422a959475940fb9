//! Bodies are files: read in pieces, and removed when nothing names them.

use std::{collections::HashSet, io, ops::Range, path::Path};

use bytes::{Bytes, BytesMut};
use futures_util::stream;
use s3s::{S3Result, dto::StreamingBlob};
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt},
};

use super::refusal;

/// Bytes read at once: a few for each wake-up, and little memory for each reader.
const PIECE_BYTES: usize = 128 * 1024;

/// The bytes of `range` in `file`, read as they are asked for.
pub(super) async fn read(file: std::fs::File, range: Range<u64>) -> S3Result<StreamingBlob> {
    let mut file = File::from_std(file);
    file.seek(io::SeekFrom::Start(range.start)).await.map_err(refusal::disk)?;
    let left = range.end.saturating_sub(range.start);
    let pieces = stream::try_unfold((file, left), |(mut file, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let piece = read_piece(&mut file, left).await?;
        let left = left - piece.len() as u64;
        Ok::<_, io::Error>(Some((piece, (file, left))))
    });
    Ok(StreamingBlob::wrap(pieces))
}

async fn read_piece(file: &mut File, left: u64) -> io::Result<Bytes> {
    let wanted = usize::try_from(left).unwrap_or(PIECE_BYTES).min(PIECE_BYTES);
    let mut piece = BytesMut::zeroed(wanted);
    let read = file.read(&mut piece).await?;
    if read == 0 {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file of a body was cut"));
    }
    piece.truncate(read);
    Ok(piece.freeze())
}

/// Makes the directory of bodies, and removes from it every file that is not in `kept`.
pub(super) fn sweep(dir: &Path, kept: &HashSet<&str>) -> io::Result<()> {
    std::fs::create_dir_all(dir)?;
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_name().to_str().is_none_or(|name| !kept.contains(name)) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Removes a body that nothing names any more; if that fails, the next sweep does it.
pub(super) fn discard(path: &Path) {
    if let Err(error) = std::fs::remove_file(path) {
        tracing::warn!(%error, path = %path.display(), "a body that is no longer named stays");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_keeps_what_is_named() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["kept", "incoming-1", "orphan"] {
            std::fs::write(dir.path().join(name), "").unwrap();
        }
        sweep(dir.path(), &HashSet::from(["kept"])).unwrap();
        let left = std::fs::read_dir(dir.path()).unwrap();
        let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["kept"]);
    }
}
