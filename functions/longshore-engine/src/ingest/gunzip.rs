//! gzip on the fly: any number of members (RFC 1952), a fixed buffer, and a bound for bombs.

use flate2::{Decompress, FlushDecompress, Status};
use longshore::ingest::object::is_gzip;

/// Size of the buffer that is decompressed into.
const BUFFER_BYTES: usize = 64 * 1024;
/// Most decompressed bytes per compressed byte. Logs reach 100; deflate itself ends near 1,030.
const RATIO_MAX: u64 = 300;
/// So much may always be decompressed, since small objects of zeros are harmless.
const RATIO_FREE_BYTES: u64 = 64 * 1024 * 1024;
/// Most decompressed bytes of one object: rows for a day at 10 MB/s.
const BYTES_MAX: u64 = 1024 * 1024 * 1024 * 1024;
/// Window of zlib for any stream.
const WINDOW_BITS: u8 = 15;

/// Why a compressed object cannot be read; it is rejected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum GzipFault {
    #[error("the gzip stream is broken near byte {0} of the object")]
    Broken(u64),
    #[error("the gzip stream ends in its middle")]
    Truncated,
    #[error("{0} bytes became {1}: more than any data that is meant to be read")]
    Bomb(u64, u64),
}

/// Decompresses one object.
pub(super) struct Gunzip {
    member: Decompress,
    buffer: Box<[u8]>,
    /// Between members, where zeros may lie and the object may end.
    between: bool,
    taken: u64,
    made: u64,
}

impl Gunzip {
    pub(super) fn new() -> Self {
        let buffer = vec![0; BUFFER_BYTES].into_boxed_slice();
        let member = Decompress::new_gzip(WINDOW_BITS);
        Self { member, buffer, between: false, taken: 0, made: 0 }
    }

    /// Decompresses from the front of `input` what fits the buffer.
    ///
    /// Nothing comes back only if `input` is used up.
    pub(super) fn next(&mut self, input: &mut &[u8]) -> Result<&[u8], GzipFault> {
        loop {
            if self.between {
                let zeros = input.iter().take_while(|&&byte| byte == 0).count();
                self.take(input, zeros);
                if !input.is_empty() {
                    self.member = Decompress::new_gzip(WINDOW_BITS);
                    self.between = false;
                }
            }
            let (taken, made) = (self.member.total_in(), self.member.total_out());
            if self.between {
                return Ok(&[]);
            }
            let result = self.member.decompress(input, &mut self.buffer, FlushDecompress::None);
            let taken = usize::try_from(self.member.total_in() - taken).unwrap_or(0);
            let made = self.member.total_out() - made;
            self.take(input, taken);
            self.made += made;
            let status = result.map_err(|_| GzipFault::Broken(self.taken))?;
            self.check_bomb()?;
            self.between = status == Status::StreamEnd;
            let made = usize::try_from(made).unwrap_or(0);
            if made > 0 || (input.is_empty() && !self.between) {
                return Ok(&self.buffer[..made]);
            }
            if taken == 0 && !self.between {
                return Err(GzipFault::Broken(self.taken));
            }
        }
    }

    /// Accepts the end of the object, which must be the end of a member.
    pub(super) fn end(&self) -> Result<(), GzipFault> {
        if self.between { Ok(()) } else { Err(GzipFault::Truncated) }
    }

    fn take(&mut self, input: &mut &[u8], bytes: usize) {
        *input = &input[bytes..];
        self.taken += bytes as u64;
    }

    fn check_bomb(&self) -> Result<(), GzipFault> {
        let ratio = self.made > RATIO_FREE_BYTES && self.made / self.taken.max(1) > RATIO_MAX;
        if ratio || self.made > BYTES_MAX {
            return Err(GzipFault::Bomb(self.taken, self.made));
        }
        Ok(())
    }
}

/// Whether what begins with `start` is to be decompressed.
pub(super) fn applies(start: &[u8]) -> bool {
    is_gzip(start)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder};

    use super::{BYTES_MAX, Gunzip, GzipFault, RATIO_FREE_BYTES};

    /// The verdict on 10,000 zeros after so much was read already.
    fn verdict(taken: u64, made: u64) -> Result<(), GzipFault> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&[0; 10_000]).unwrap();
        let (zeros, mut gunzip) = (encoder.finish().unwrap(), Gunzip::new());
        (gunzip.taken, gunzip.made) = (taken, made);
        gunzip.next(&mut &zeros[..]).map(|_| ())
    }

    #[test]
    fn a_bomb_is_told_by_its_ratio_or_its_size() {
        assert_eq!(verdict(0, 0), Ok(()), "zeros are harmless while they are few");
        assert!(matches!(verdict(1_000, RATIO_FREE_BYTES), Err(GzipFault::Bomb(..))));
        assert_eq!(verdict(RATIO_FREE_BYTES / 100, RATIO_FREE_BYTES), Ok(()));
        assert!(matches!(verdict(BYTES_MAX / 10, BYTES_MAX), Err(GzipFault::Bomb(..))));
    }
}
