//! Objects as they are now, page by page, and one by its name.

use aws_sdk_s3::types::{EncodingType, ObjectVersion};
use aws_smithy_types::DateTime;
use jiff::Timestamp;
use longshore::trigger::ObjectEvent;
use longshore_engine::ports::ObjectTrouble;

use super::{S3Objects, trouble};

/// The version of what was never given one: the bucket had no versioning, or has it suspended.
const NO_VERSION: &str = "null";

/// Some of the objects of a bucket, in the order of their keys.
#[derive(Clone, Debug)]
pub struct ObjectPage {
    /// The present version of each.
    pub objects: Vec<ObjectEvent>,
    /// Where the next page begins, if there is one.
    pub next: Option<ObjectPlace>,
}

/// A place in the listing of a bucket.
#[derive(Clone, Debug)]
pub struct ObjectPlace {
    key: String,
    version: Option<String>,
}

impl ObjectPlace {
    /// Behind `key`.
    #[must_use]
    pub fn after(key: &str) -> Self {
        Self { key: key.to_owned(), version: None }
    }
}

impl S3Objects {
    /// The next page of the present versions of the objects of `bucket` whose keys begin with
    /// `prefix`. ListObjectVersions, because ListObjectsV2 tells no version; older versions and
    /// delete markers are left out, so that a page may be empty.
    pub async fn page(
        &self,
        bucket: &str,
        prefix: &str,
        from: Option<ObjectPlace>,
    ) -> Result<ObjectPage, ObjectTrouble> {
        let (key, version) = from.map_or((None, None), |place| (Some(place.key), place.version));
        let call = self.s3.list_object_versions().bucket(bucket).prefix(prefix);
        let call = call.encoding_type(EncodingType::Url);
        let call = call.set_key_marker(key).set_version_id_marker(version);
        let answer = call.send().await.map_err(|error| trouble(&error))?;
        let present = answer.versions().iter().filter(|version| version.is_latest == Some(true));
        let objects = present.map(|version| listed(bucket, version)).collect::<Result<_, _>>()?;
        let next = answer.next_key_marker.as_deref().filter(|_| answer.is_truncated == Some(true));
        let next = next.map(decoded).transpose()?;
        let next = next.map(|key| ObjectPlace { key, version: answer.next_version_id_marker });
        Ok(ObjectPage { objects, next })
    }

    /// The present version of an object.
    pub async fn present(&self, bucket: &str, key: &str) -> Result<ObjectEvent, ObjectTrouble> {
        let answer = self.s3.head_object().bucket(bucket).key(key).send().await;
        let answer = answer.map_err(|error| trouble(&error))?;
        Ok(ObjectEvent {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            version_id: version_id(answer.version_id.as_deref()),
            etag: answer.e_tag.as_deref().map(unquoted),
            size: answer.content_length.and_then(|size| size.try_into().ok()),
            sequencer: None,
            time: answer.last_modified.as_ref().and_then(whole_second),
        })
    }
}

fn listed(bucket: &str, version: &ObjectVersion) -> Result<ObjectEvent, ObjectTrouble> {
    Ok(ObjectEvent {
        bucket: bucket.to_owned(),
        key: decoded(version.key().unwrap_or_default())?,
        version_id: version_id(version.version_id()),
        etag: version.e_tag().map(unquoted),
        size: version.size.and_then(|size| size.try_into().ok()),
        sequencer: None,
        time: version.last_modified().and_then(whole_second),
    })
}

fn version_id(id: Option<&str>) -> Option<String> {
    id.filter(|id| *id != NO_VERSION).map(str::to_owned)
}

fn unquoted(etag: &str) -> String {
    etag.trim_matches('"').to_owned()
}

/// A header has whole seconds and a listing has not; both must name one identity.
fn whole_second(at: &DateTime) -> Option<Timestamp> {
    Timestamp::from_second(at.secs()).ok()
}

/// A key as it is, of one in an answer that was asked for with `encoding-type=url`: XML cannot
/// carry every key.
fn decoded(text: &str) -> Result<String, ObjectTrouble> {
    let wrong = || ObjectTrouble::Rejected(format!("the listing holds `{text}`, which is no key"));
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                let value =
                    digit().zip(digit()).and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
                value.ok_or_else(wrong)?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_out_of_a_listing_as_they_went_into_the_bucket() {
        let decoded = |text| decoded(text).ok();
        assert_eq!(decoded("a%20b%2Bc%2541/%C5%BC%0A").as_deref(), Some("a b+c%41/ż\n"));
        assert_eq!(decoded("in/a+b.csv").as_deref(), Some("in/a b.csv"));
        for wrong in ["%", "%4", "%zz", "%FF"] {
            assert_eq!(decoded(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_version_without_an_id_is_told_by_the_second_and_the_entity_tag() {
        let version =
            ObjectVersion::builder().key("k").version_id(NO_VERSION).size(3).is_latest(true);
        let version =
            version.e_tag("\"9a\"").last_modified(DateTime::from_secs_f64(1_795_000_000.7));
        let object = listed("b", &version.build()).ok().unwrap();
        assert_eq!(
            (object.version_id, object.etag.as_deref(), object.size),
            (None, Some("9a"), Some(3))
        );
        assert_eq!(object.time, Timestamp::from_second(1_795_000_000).ok());
    }
}
