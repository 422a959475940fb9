//! What a run works on: one object version, some of a list of them, or a tick of a schedule.

use std::{collections::BTreeSet, fmt};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::run::{FailedObject, ObjectOrder, Places, RunId, digest};

/// What a run works on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Input {
    /// One version of an object.
    Object(ObjectVersion),
    /// Several, of a list that stands apart.
    Objects(Objects),
    /// A tick of a schedule.
    Tick(TickInput),
}

/// A tick of the trigger's schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TickInput {
    /// When it was due.
    pub scheduled_at: Timestamp,
    /// Whether somebody asked for it: then it is neither skipped nor too late.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asked: bool,
    /// Whether no event of it had come when its run began.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unheard: bool,
    /// The part of the work that is this run's, where a tick is several tasks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
}

/// One of several parts of a tick's work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// From 0.
    pub number: u32,
    /// How many there are.
    pub of: u32,
}

/// A version of an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectVersion {
    /// Bucket.
    pub bucket: String,
    /// Key, raw.
    pub key: String,
    /// Version, when the bucket is versioned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// Entity tag without quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// Size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Sequencer of the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequencer: Option<String>,
}

/// Those objects of a list that a run works on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Objects {
    /// The run that gathered the list, which never changes: a split run leaves it to its parts.
    pub list: RunId,
    /// Which of the list are still to be worked off.
    pub left: Places,
}

/// An object of a list, and the row of the ledger by which one run alone gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// The object.
    pub input: ObjectVersion,
    /// Its place among the versions of its key.
    pub order: ObjectOrder,
}

impl TickInput {
    /// The tick of `scheduled_at`, as the schedule sends it.
    #[must_use]
    pub fn of(scheduled_at: Timestamp) -> Self {
        Self { scheduled_at, asked: false, unheard: false, shard: None }
    }
}

impl Input {
    /// The object, when there is only one.
    #[must_use]
    pub fn object(&self) -> Option<&ObjectVersion> {
        match self {
            Self::Object(object) => Some(object),
            Self::Objects(_) | Self::Tick(_) => None,
        }
    }

    /// The objects, when there are several.
    #[must_use]
    pub fn objects(&self) -> Option<&Objects> {
        match self {
            Self::Objects(objects) => Some(objects),
            Self::Object(_) | Self::Tick(_) => None,
        }
    }

    /// The tick, when it is one.
    #[must_use]
    pub fn tick(&self) -> Option<&TickInput> {
        match self {
            Self::Tick(tick) => Some(tick),
            Self::Object(_) | Self::Objects(_) => None,
        }
    }
}

/// When it was due, and which part of it this is.
impl fmt::Display for TickInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the tick of {}", self.scheduled_at)?;
        match &self.shard {
            Some(shard) => write!(f, ", {shard}"),
            None => Ok(()),
        }
    }
}

/// Which one, and of how many.
impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "shard {} of {}", self.number, self.of)
    }
}

/// How many are left.
impl fmt::Display for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.left.len() {
            1 => f.write_str("1 object"),
            count => write!(f, "{count} objects"),
        }
    }
}

impl ObjectVersion {
    /// Which object it is, whatever its version.
    #[must_use]
    pub fn object(&self) -> String {
        digest(&[&self.bucket, &self.key])
    }
    /// The place among the versions of its key, if its event told one.
    #[must_use]
    pub fn order(&self) -> Option<ObjectOrder> {
        let sequencer = self.sequencer.as_ref()?;
        Some(ObjectOrder::among_versions(&self.bucket, &self.key, sequencer))
    }
}

/// The objects of a run, as its task gets them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inputs {
    /// Their places in the list; none for a single object, which needs no list.
    pub places: Places,
    /// The objects.
    pub objects: Vec<ObjectVersion>,
}

impl Inputs {
    /// The places of those objects that `failed` names.
    #[must_use]
    pub fn places_of(&self, failed: &[FailedObject]) -> Places {
        let named: BTreeSet<(&str, &str, Option<&str>)> = failed.iter().map(named).collect();
        let is_named = |object: &ObjectVersion| {
            let (bucket, key) = (object.bucket.as_str(), object.key.as_str());
            // Whoever names no version means the one that the run has.
            [object.version_id.as_deref(), None]
                .into_iter()
                .any(|version| named.contains(&(bucket, key, version)))
        };
        let objects = self.places.iter().zip(&self.objects).filter(|(_, object)| is_named(object));
        objects.filter_map(|(place, _)| u16::try_from(place).ok()).collect()
    }
}

fn named(failed: &FailedObject) -> (&str, &str, Option<&str>) {
    (&failed.bucket, &failed.key, failed.version_id.as_deref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(key: &str, version: Option<&str>) -> ObjectVersion {
        let version_id = version.map(str::to_owned);
        let (bucket, key) = ("b".into(), key.into());
        ObjectVersion { bucket, key, version_id, etag: None, size: None, sequencer: None }
    }

    fn failed(key: &str, version: Option<&str>) -> FailedObject {
        let version_id = version.map(str::to_owned);
        FailedObject { bucket: "b".into(), key: key.into(), version_id }
    }

    #[test]
    fn failed_objects_are_found_by_what_names_them() {
        let objects = vec![object("k", Some("v1")), object("k", Some("v2")), object("l", None)];
        let inputs = Inputs { places: [3, 5, 8].into_iter().collect(), objects };
        let places = |failed: &[FailedObject]| inputs.places_of(failed).to_string();
        assert_eq!(places(&[]), "");
        assert_eq!(places(&[failed("k", Some("v2"))]), "5");
        assert_eq!(places(&[failed("k", None), failed("l", None)]), "3,5,8");
        assert_eq!(places(&[failed("l", Some("v1")), failed("unknown", None)]), "");
    }

    #[test]
    fn an_input_is_told_by_its_members() {
        let one = Input::Object(object("k", Some("v")));
        let list = RunId::derive("t", "i");
        let several = Input::Objects(Objects { list, left: Places::first(3) });
        let json = [&one, &several].map(|input| serde_json::to_string(input).unwrap());
        assert_eq!(json[0], r#"{"bucket":"b","key":"k","versionId":"v"}"#);
        assert!(json[1].ends_with(r#","left":"0-2"}"#), "{}", json[1]);
        assert_eq!(several.objects().unwrap().to_string(), "3 objects");
        for (input, json) in [one, several].into_iter().zip(&json) {
            assert_eq!(serde_json::from_str::<Input>(json).unwrap(), input);
        }
    }
}
