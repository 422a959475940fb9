//! The cells of one row, wherever they lie.

use crate::ingest::reason::Reason;

/// The cells of one row, unquoted.
#[derive(Clone, Copy, Debug)]
pub struct Cells<'a> {
    bytes: &'a [u8],
    ends: &'a [usize],
    /// Bytes between one cell and the next: 1 where `bytes` still holds the delimiters.
    gap: usize,
}

impl<'a> Cells<'a> {
    /// Cells that end at `ends` in `bytes`, with `gap` bytes after each.
    pub(super) fn new(bytes: &'a [u8], ends: &'a [usize], gap: usize) -> Self {
        Self { bytes, ends, gap }
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// From the first to the last.
    pub fn iter(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let Self { bytes, ends, gap } = *self;
        let mut start = 0;
        ends.iter().map(move |&end| {
            let cell = &bytes[start..end];
            start = end + gap;
            cell
        })
    }

    /// Every cell is UTF-8: all bytes together are, and no cell begins within a character.
    pub(crate) fn check_utf8(&self) -> Result<(), Reason> {
        let text = simdutf8::basic::from_utf8(self.bytes).map_err(|_| Reason::NotUtf8)?;
        let whole = self.gap > 0 || self.ends.iter().all(|&end| text.is_char_boundary(end));
        if whole { Ok(()) } else { Err(Reason::NotUtf8) }
    }
}
