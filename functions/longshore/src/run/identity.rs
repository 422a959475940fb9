//! Names that follow from the event alone: run, launch, client token, object order.

use std::{fmt, str::FromStr};

use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::trigger::{ObjectEvent, Order, Tick};

/// Characters of a run id: 130 bits, far beyond any collision.
const RUN_ID_CHARS: usize = 26;
/// Separates the parts of what is hashed; no trigger, bucket or version id can hold it.
const SEPARATOR: u8 = 0x1F;
/// Digits a sequencer is padded to, so that text order is their order; S3's have 16 to 24.
const SEQUENCER_DIGITS: usize = 64;

/// Names one run: 26 of `a-z2-7`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(String);

/// Names one launch: the `launch`th try to start the task of the `attempt`th attempt of a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LaunchId {
    /// The run.
    pub run: RunId,
    /// Attempt at the work, from 1.
    pub attempt: u32,
    /// Launch within the attempt, from 1: a definite refusal makes the next one.
    pub launch: u32,
}

/// The place of an object version among those that one row of the ledger tells apart: all versions
/// of its key where only the newest counts, and itself alone where every one does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObjectOrder {
    /// Hash of bucket and key, or of the identity: keys can be as long as a ledger key may be.
    pub object: String,
    /// Sequencer, padded so that text order is their order; empty where there is only one version.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sequence: String,
}

/// What distinguishes this object version from all others, the key last because it may hold
/// anything.
#[must_use]
pub fn identity(object: &ObjectEvent) -> String {
    let version = match (&object.version_id, &object.sequencer) {
        (Some(version), _) => format!("v:{version}"),
        (None, Some(sequencer)) => format!("s:{}", padded(sequencer)),
        (None, None) => format!(
            "e:{}:{}:{}",
            object.etag.as_deref().unwrap_or_default(),
            object.size.unwrap_or_default(),
            object.time.map(|time| time.to_string()).unwrap_or_default(),
        ),
    };
    let separator = char::from(SEPARATOR);
    format!("{}{separator}{version}{separator}{}", object.bucket, object.key)
}

/// What distinguishes this tick from all others: never how, or how often, it was delivered.
#[must_use]
pub fn tick_identity(tick: &Tick) -> String {
    let separator = char::from(SEPARATOR);
    format!("t:{}{separator}{}", tick.scheduled_at.as_second(), tick.schedule)
}

/// Hash of `parts` as 52 characters of `a-z2-7`.
#[must_use]
pub fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for (n, part) in parts.iter().enumerate() {
        if n > 0 {
            hash.update([SEPARATOR]);
        }
        hash.update(part.as_bytes());
    }
    BASE32_NOPAD.encode(&hash.finalize()).to_ascii_lowercase()
}

/// S3 sequencers differ in length: the shorter is padded with zeros on the right (S3 user guide,
/// event message structure).
fn padded(sequencer: &str) -> String {
    format!("{:0<SEQUENCER_DIGITS$}", sequencer.to_ascii_uppercase())
}

impl RunId {
    /// The run of `identity` under the trigger named `trigger`.
    #[must_use]
    pub fn derive(trigger: &str, identity: &str) -> Self {
        let mut id = digest(&[trigger, identity]);
        id.truncate(RUN_ID_CHARS);
        Self(id)
    }

    /// A number below `of`: always the same for one run, and as likely any other for another.
    #[must_use]
    pub fn part(&self, of: u32) -> u32 {
        let hash: [u8; 32] = Sha256::digest(&self.0).into();
        let [a, b, c, d, ..] = hash;
        u32::from_be_bytes([a, b, c, d]) % of.max(1)
    }

    /// The characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is not what longshore writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id that longshore writes")]
pub struct ForeignId;

impl FromStr for RunId {
    type Err = ForeignId;

    fn from_str(text: &str) -> Result<Self, ForeignId> {
        let ours = |byte: u8| byte.is_ascii_lowercase() || (b'2'..=b'7').contains(&byte);
        if text.len() == RUN_ID_CHARS && text.bytes().all(ours) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ForeignId)
        }
    }
}

impl LaunchId {
    /// RunTask's `clientToken`: 52 characters, of 64 allowed.
    #[must_use]
    pub fn client_token(&self) -> String {
        digest(&[self.run.as_str(), &self.attempt.to_string(), &self.launch.to_string()])
    }
}

/// `ls/RUN/ATTEMPT/LAUNCH`: RunTask's `startedBy`, of 128 characters allowed.
impl fmt::Display for LaunchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ls/{}/{}/{}", self.run, self.attempt, self.launch)
    }
}

impl FromStr for LaunchId {
    type Err = ForeignId;

    fn from_str(text: &str) -> Result<Self, ForeignId> {
        let mut parts = text.strip_prefix("ls/").ok_or(ForeignId)?.split('/');
        let mut part = || parts.next().ok_or(ForeignId);
        let (run, attempt, launch) = (part()?, part()?, part()?);
        let number = |text: &str| text.parse().ok().filter(|&number| number > 0).ok_or(ForeignId);
        let id = Self { run: run.parse()?, attempt: number(attempt)?, launch: number(launch)? };
        if parts.next().is_none() && id.to_string() == text { Ok(id) } else { Err(ForeignId) }
    }
}

impl ObjectOrder {
    /// The place of the version that `object` tells of. Without a sequencer nothing says which
    /// version is newer, so every one counts.
    #[must_use]
    pub fn of(order: Order, object: &ObjectEvent) -> Self {
        match (order, &object.sequencer) {
            (Order::Latest, Some(sequencer)) => {
                Self::among_versions(&object.bucket, &object.key, sequencer)
            }
            _ => Self { object: digest(&[&identity(object)]), sequence: String::new() },
        }
    }

    /// The place among all versions of the key.
    #[must_use]
    pub fn among_versions(bucket: &str, key: &str, sequencer: &str) -> Self {
        Self { object: digest(&[bucket, key]), sequence: padded(sequencer) }
    }

    /// Whether the row tells newer versions from older ones.
    #[must_use]
    pub fn is_of_versions(&self) -> bool {
        !self.sequence.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn object(key: &str, version: Option<&str>, sequencer: Option<&str>) -> ObjectEvent {
        ObjectEvent {
            bucket: "b".into(),
            key: key.into(),
            version_id: version.map(str::to_owned),
            etag: Some("e".into()),
            size: Some(1),
            sequencer: sequencer.map(str::to_owned),
            time: None,
        }
    }

    #[test]
    fn a_version_is_its_own_run_and_a_redelivery_is_not() {
        let run = |object: &ObjectEvent| RunId::derive("t", &identity(object));
        let first = object("k", Some("v1"), Some("0A"));
        assert_eq!(run(&first), run(&object("k", Some("v1"), Some("0B"))), "the version decides");
        assert_ne!(run(&first), run(&object("k", Some("v2"), Some("0A"))));
        assert_ne!(run(&first), run(&object("k ", Some("v1"), Some("0A"))));
        assert_ne!(run(&object("k", None, Some("0A"))), run(&object("k", None, Some("0B"))));
        assert_eq!(run(&object("k", None, Some("0a"))), run(&object("k", None, Some("0A00"))));
    }

    #[test]
    fn forged_ids_are_foreign() {
        for text in [
            "",
            "ls/",
            "ls/x/1/1",
            "ls/aaaaaaaaaaaaaaaaaaaaaaaaaa/0/1",
            "ls/aaaaaaaaaaaaaaaaaaaaaaaaaa/1",
            "ls/aaaaaaaaaaaaaaaaaaaaaaaaaa/1/1/1",
            "ls/aaaaaaaaaaaaaaaaaaaaaaaaaa/+1/1",
            "my/aaaaaaaaaaaaaaaaaaaaaaaaaa/1/1",
        ] {
            assert_eq!(text.parse::<LaunchId>(), Err(ForeignId), "{text}");
        }
    }

    proptest! {
        #[test]
        fn started_by_comes_back(trigger: String, identity: String, attempt in 1..u32::MAX, launch in 1..u32::MAX) {
            let id = LaunchId { run: RunId::derive(&trigger, &identity), attempt, launch };
            let text = id.to_string();
            prop_assert!(text.len() <= 128 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'/'));
            prop_assert_eq!(text.parse(), Ok(id.clone()));
            prop_assert!(id.client_token().len() <= 64);
        }

        #[test]
        fn sequencers_are_ordered_as_s3_orders_them(a in "[0-9A-F]{1,24}", b in "[0-9A-F]{1,24}") {
            let width = a.len().max(b.len());
            let expected = format!("{a:0<width$}").cmp(&format!("{b:0<width$}"));
            prop_assert_eq!(padded(&a).cmp(&padded(&b)), expected);
        }
    }
}
