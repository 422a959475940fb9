//! What lies in a bucket, by ListObjectsV2.

use std::time::SystemTime;

use aws_sdk_s3::types::{EncodingType, Object};
use jiff::Timestamp;
use longshore::batch::{Found, url_decoded};
use longshore_engine::ports::{ListPage, Listing, ObjectTrouble};

use crate::{S3Objects, objects::trouble};

/// Objects of a page (ListObjectsV2, S3 API reference).
const PAGE_OBJECTS: i32 = 1_000;

impl Listing for S3Objects {
    async fn page(
        &self,
        bucket: &str,
        prefix: &str,
        after: Option<&str>,
    ) -> Result<ListPage, ObjectTrouble> {
        // XML cannot carry every key as it is.
        let call = self.s3().list_objects_v2().encoding_type(EncodingType::Url);
        let call = call.bucket(bucket).prefix(prefix).max_keys(PAGE_OBJECTS);
        let call = call.set_continuation_token(after.map(str::to_owned));
        let answer = call.send().await.map_err(|error| trouble(&error))?;
        let is_encoded = answer.encoding_type == Some(EncodingType::Url);
        let found = answer.contents.unwrap_or_default().into_iter();
        let found = found.map(|object| found_of(object, is_encoded)).collect::<Result<_, _>>()?;
        let next = answer.next_continuation_token;
        if answer.is_truncated == Some(true) && next.is_none() {
            let words = "a page of the listing does not say how it goes on".to_owned();
            return Err(ObjectTrouble::Retryable(words));
        }
        Ok(ListPage { found, next })
    }
}

fn found_of(object: Object, is_encoded: bool) -> Result<Found, ObjectTrouble> {
    let key = object.key.unwrap_or_default();
    let key = if is_encoded { url_decoded(&key) } else { Some(key) };
    // A key that is skipped would be an object that is left out.
    let key = key.filter(|key| !key.is_empty()).ok_or_else(|| {
        ObjectTrouble::Rejected("a page of the listing has a key that is not UTF-8".into())
    })?;
    let modified = object.last_modified.and_then(|time| SystemTime::try_from(time).ok());
    Ok(Found {
        key,
        size: object.size.and_then(|size| u64::try_from(size).ok()),
        etag: object.e_tag.map(|etag| etag.trim_matches('"').to_owned()),
        modified: modified.and_then(|time| Timestamp::try_from(time).ok()),
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::primitives::DateTime;

    use super::*;

    #[test]
    fn an_object_of_a_page_is_told_in_our_words() {
        let object = Object::builder().key("a+b%2Bc%0A").size(5).e_tag("\"9a-2\"");
        let object = object.last_modified(DateTime::from_secs(1_795_309_200)).build();
        let found = found_of(object.clone(), true).unwrap();
        assert_eq!(
            found,
            Found {
                key: "a b+c\n".into(),
                size: Some(5),
                etag: Some("9a-2".into()),
                modified: Some("2026-11-22T01:00:00Z".parse().unwrap()),
            }
        );
        assert_eq!(found_of(object, false).unwrap().key, "a+b%2Bc%0A");
        let bare = Object::builder().key("a").build();
        let bare = found_of(bare, true).unwrap();
        assert_eq!((bare.size, bare.etag, bare.modified), (None, None, None));
        let broken = Object::builder().key("%FF").build();
        assert!(matches!(found_of(broken, true), Err(ObjectTrouble::Rejected(_))));
    }
}
