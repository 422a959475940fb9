//! The protocol's side of the store: every operation of S3 that is served here.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use s3s::{S3Request, S3Response, S3Result, dto};

use super::{
    draft::Body,
    event::{Cause, ObjectEvent},
    identity::request_id,
    store::{Buckets, Found},
    write::{NewObject, Pending},
};
use crate::{Ground, Happening};

/// Where events are handed to.
pub(super) type Events = Arc<dyn Fn(ObjectEvent) + Send + Sync>;

/// Serves requests from the store, and tells what happened.
#[derive(Clone)]
pub(super) struct Front {
    pub(super) ground: Ground,
    pub(super) buckets: Arc<Buckets>,
    pub(super) events: Events,
}

/// The id of a request, which answer and event carry.
#[derive(Clone, Debug)]
pub(super) struct RequestId(pub(super) String);

/// Which request did it.
pub(super) fn cause(reason: &'static str, extensions: &http::Extensions) -> Cause {
    let known = extensions.get::<RequestId>().map(|RequestId(id)| id.clone());
    Cause { reason, request_id: known.unwrap_or_else(request_id) }
}

impl Front {
    /// Stores an object and tells of it, with no instant between at which both could be lost.
    pub(super) fn store(&self, body: Body, new: NewObject) -> S3Result<Found> {
        let (found, pending) = self.buckets.put(body, new)?;
        self.ground.tell(Happening::ObjectCreated {
            bucket: found.version.bucket.clone(),
            key: found.version.key.clone(),
            size: found.version.content.as_ref().map_or(0, |content| content.size),
        });
        self.hand_over(pending);
        Ok(found)
    }

    /// Hands an event over, then forgets it.
    pub(super) fn hand_over(&self, pending: Pending) {
        if let Some((key, event)) = pending {
            (self.events)(event);
            self.buckets.published(&key);
        }
    }
}

impl fmt::Debug for Front {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Front").field("buckets", &self.buckets).finish_non_exhaustive()
    }
}

/// Writes the operations of the protocol's trait, each of which is a method of [`Front`].
macro_rules! operations {
    ($($name:ident: $input:ident => $output:ident, |$front:ident, $request:ident| $serve:expr;)*) => {
        #[async_trait]
        impl s3s::S3 for Front {
            $(async fn $name(
                &self,
                $request: S3Request<dto::$input>,
            ) -> S3Result<S3Response<dto::$output>> {
                let $front = self;
                $serve
            })*
        }
    };
}

operations! {
    put_object: PutObjectInput => PutObjectOutput, |s, it| s.put(it).await;
    get_object: GetObjectInput => GetObjectOutput, |s, it| s.get(it).await;
    head_object: HeadObjectInput => HeadObjectOutput, |s, it| s.head(it.input);
    copy_object: CopyObjectInput => CopyObjectOutput, |s, it| s.copy(it).await;
    delete_object: DeleteObjectInput => DeleteObjectOutput, |s, it| s.delete(it);
    delete_objects: DeleteObjectsInput => DeleteObjectsOutput, |s, it| s.delete_many(it);
    list_objects: ListObjectsInput => ListObjectsOutput, |s, it| s.list_v1(it.input);
    list_objects_v2: ListObjectsV2Input => ListObjectsV2Output, |s, it| s.list_v2(it.input);
    list_object_versions: ListObjectVersionsInput => ListObjectVersionsOutput,
        |s, it| s.list_versions(it.input);
    create_multipart_upload: CreateMultipartUploadInput => CreateMultipartUploadOutput,
        |s, it| s.begin(it.input);
    upload_part: UploadPartInput => UploadPartOutput, |s, it| s.put_part(it).await;
    upload_part_copy: UploadPartCopyInput => UploadPartCopyOutput,
        |s, it| s.copy_part(it.input).await;
    list_parts: ListPartsInput => ListPartsOutput, |s, it| s.list_parts(it.input);
    complete_multipart_upload: CompleteMultipartUploadInput => CompleteMultipartUploadOutput,
        |s, it| s.complete(it).await;
    abort_multipart_upload: AbortMultipartUploadInput => AbortMultipartUploadOutput,
        |s, it| s.abort(&it.input);
    list_buckets: ListBucketsInput => ListBucketsOutput, |s, _it| Ok(s.list_buckets());
    create_bucket: CreateBucketInput => CreateBucketOutput, |s, it| s.create_bucket(it.input.bucket);
    delete_bucket: DeleteBucketInput => DeleteBucketOutput, |s, it| s.delete_bucket(&it.input.bucket);
    head_bucket: HeadBucketInput => HeadBucketOutput, |s, it| s.head_bucket(&it.input.bucket);
    get_bucket_location: GetBucketLocationInput => GetBucketLocationOutput,
        |s, it| s.location(&it.input.bucket);
    get_bucket_versioning: GetBucketVersioningInput => GetBucketVersioningOutput,
        |s, it| s.versioning(&it.input.bucket);
    put_bucket_versioning: PutBucketVersioningInput => PutBucketVersioningOutput,
        |s, it| s.set_versioning(&it.input);
    get_bucket_notification_configuration: GetBucketNotificationConfigurationInput
        => GetBucketNotificationConfigurationOutput, |s, it| s.notifications(&it.input.bucket);
    put_bucket_notification_configuration: PutBucketNotificationConfigurationInput
        => PutBucketNotificationConfigurationOutput, |s, it| s.set_notifications(&it.input);
}
