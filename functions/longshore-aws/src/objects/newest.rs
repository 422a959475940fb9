//! What lies under a key now, without reading it.

use longshore::trigger::ObjectVersion;
use longshore_engine::ports::{Newest, ObjectTrouble};

use super::{S3Objects, trouble};

impl Newest for S3Objects {
    async fn newest(
        &self,
        bucket: &str,
        key: &str,
    ) -> Result<Option<ObjectVersion>, ObjectTrouble> {
        let answer = match self.s3().head_object().bucket(bucket).key(key).send().await {
            Ok(answer) => answer,
            Err(error) => match trouble(&error) {
                ObjectTrouble::Gone(_) => return Ok(None),
                trouble => return Err(trouble),
            },
        };
        Ok(Some(ObjectVersion {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            version_id: answer.version_id.filter(|version| version != "null"),
            etag: answer.e_tag.map(|etag| etag.trim_matches('"').to_owned()),
            size: answer.content_length.and_then(|size| u64::try_from(size).ok()),
            sequencer: None,
        }))
    }
}
