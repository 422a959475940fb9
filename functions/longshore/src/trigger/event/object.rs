//! The bounds of what is told of an object; whatever S3 sends is within them.

use super::{ObjectEvent, REPORT, Rejected};

/// Largest S3 key (S3 user guide, object key names).
const KEY_BYTES_MAX: usize = 1_024;
/// Longest version id (S3 user guide, how S3 Versioning works).
const VERSION_ID_BYTES_MAX: usize = 1_024;
/// Longest entity tag taken: S3's are 32 hexadecimal digits and a number of parts.
const ETAG_BYTES_MAX: usize = 256;
/// Most digits of a sequencer taken: S3's have 16 to 24, and orders compare 64.
const SEQUENCER_DIGITS_MAX: usize = 64;

const RENAME: &str = "copy the object to a key without it";

impl ObjectEvent {
    pub(super) fn valid(self) -> Result<Self, Rejected> {
        let wrong = |at: &str, why: &str| Err(Rejected::new(at, why, REPORT));
        if self.bucket.is_empty() {
            return wrong("event.detail.bucket.name", "is empty");
        }
        if self.key.is_empty() || self.key.len() > KEY_BYTES_MAX {
            return wrong("event.detail.object.key", "is not 1 to 1,024 bytes long");
        }
        if self.key.contains('\0') {
            let why = "holds the character NUL, which no variable of a process can hold";
            return Err(Rejected::new("event.detail.object.key", why, RENAME));
        }
        let printable = |text: &String, bytes_max: usize| {
            text.len() <= bytes_max && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        };
        if !self.version_id.as_ref().is_none_or(|text| printable(text, VERSION_ID_BYTES_MAX)) {
            return wrong(
                "event.detail.object.version-id",
                "is not up to 1,024 printable ASCII characters",
            );
        }
        if !self.etag.as_ref().is_none_or(|text| printable(text, ETAG_BYTES_MAX)) {
            return wrong(
                "event.detail.object.etag",
                "is not up to 256 printable ASCII characters",
            );
        }
        let sequence = |text: &String| {
            text.len() <= SEQUENCER_DIGITS_MAX && text.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        if !self.sequencer.as_ref().is_none_or(sequence) {
            return wrong("event.detail.object.sequencer", "is not up to 64 hexadecimal digits");
        }
        if self.version_id.is_none() && self.sequencer.is_none() && self.etag.is_none() {
            let why = "has neither version-id, sequencer nor etag, so it cannot be told apart";
            return wrong("event.detail.object", why);
        }
        Ok(self)
    }
}
