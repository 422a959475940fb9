//! Our versions in the words of S3's answers.

use std::time::SystemTime;

use jiff::Timestamp;
use s3s::dto::{self, ETag};

use super::{
    bucket::BucketRow,
    checksum::Sum,
    store::Found,
    version::{About, Content, Version},
};

pub(super) fn time(time: Timestamp) -> dto::Timestamp {
    SystemTime::from(time).into()
}

pub(super) fn etag(etag: &str) -> ETag {
    ETag::Strong(etag.to_owned())
}

/// A size as S3 states it.
pub(super) fn size(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

pub(super) fn sums(sum: Option<&Sum>) -> dto::Checksum {
    sum.map(Sum::members).unwrap_or_default()
}

pub(super) fn stored(found: &Found) -> dto::PutObjectOutput {
    let content = found.version.content.as_ref();
    let sums = sums(content.and_then(|content| content.sum.as_ref()));
    dto::PutObjectOutput {
        e_tag: content.map(|content| etag(&content.etag)),
        version_id: found.shown_id.clone(),
        checksum_crc32: sums.checksum_crc32,
        checksum_crc32c: sums.checksum_crc32c,
        checksum_crc64nvme: sums.checksum_crc64nvme,
        checksum_sha1: sums.checksum_sha1,
        checksum_sha256: sums.checksum_sha256,
        checksum_type: sums.checksum_type,
        ..Default::default()
    }
}

/// An object without its body; checksums belong to whole objects, and only to who asks for them.
pub(super) fn object(found: &Found, content: &Content, with_sums: bool) -> dto::GetObjectOutput {
    let About {
        content_type,
        content_encoding,
        content_disposition,
        content_language,
        cache_control,
        expires,
        metadata,
    } = content.about.clone();
    let sums = sums(content.sum.as_ref().filter(|_| with_sums));
    dto::GetObjectOutput {
        accept_ranges: Some("bytes".into()),
        content_length: Some(size(content.size)),
        e_tag: Some(etag(&content.etag)),
        last_modified: Some(time(found.version.modified)),
        version_id: found.shown_id.clone(),
        content_type: content_type.or_else(|| Some("binary/octet-stream".into())),
        content_encoding,
        content_disposition,
        content_language,
        cache_control,
        expires,
        metadata: (!metadata.is_empty()).then(|| metadata.into_iter().collect()),
        checksum_crc32: sums.checksum_crc32,
        checksum_crc32c: sums.checksum_crc32c,
        checksum_crc64nvme: sums.checksum_crc64nvme,
        checksum_sha1: sums.checksum_sha1,
        checksum_sha256: sums.checksum_sha256,
        checksum_type: sums.checksum_type,
        ..Default::default()
    }
}

/// What HEAD answers is what GET answers without the body.
pub(super) fn head(object: dto::GetObjectOutput) -> dto::HeadObjectOutput {
    dto::HeadObjectOutput {
        accept_ranges: object.accept_ranges,
        content_length: object.content_length,
        content_range: object.content_range,
        e_tag: object.e_tag,
        last_modified: object.last_modified,
        version_id: object.version_id,
        content_type: object.content_type,
        content_encoding: object.content_encoding,
        content_disposition: object.content_disposition,
        content_language: object.content_language,
        cache_control: object.cache_control,
        expires: object.expires,
        metadata: object.metadata,
        parts_count: object.parts_count,
        checksum_crc32: object.checksum_crc32,
        checksum_crc32c: object.checksum_crc32c,
        checksum_crc64nvme: object.checksum_crc64nvme,
        checksum_sha1: object.checksum_sha1,
        checksum_sha256: object.checksum_sha256,
        checksum_type: object.checksum_type,
        ..Default::default()
    }
}

pub(super) fn copied(found: &Found) -> dto::CopyObjectResult {
    let content = found.version.content.as_ref();
    let sums = sums(content.and_then(|content| content.sum.as_ref()));
    dto::CopyObjectResult {
        e_tag: content.map(|content| etag(&content.etag)),
        last_modified: Some(time(found.version.modified)),
        checksum_crc32: sums.checksum_crc32,
        checksum_crc32c: sums.checksum_crc32c,
        checksum_crc64nvme: sums.checksum_crc64nvme,
        checksum_sha1: sums.checksum_sha1,
        checksum_sha256: sums.checksum_sha256,
        checksum_type: sums.checksum_type,
    }
}

pub(super) fn completed(found: &Found, location: String) -> dto::CompleteMultipartUploadOutput {
    let stored = stored(found);
    dto::CompleteMultipartUploadOutput {
        bucket: Some(found.version.bucket.clone()),
        key: Some(found.version.key.clone()),
        location: Some(location),
        e_tag: stored.e_tag,
        version_id: stored.version_id,
        checksum_crc32: stored.checksum_crc32,
        checksum_crc32c: stored.checksum_crc32c,
        checksum_crc64nvme: stored.checksum_crc64nvme,
        checksum_sha1: stored.checksum_sha1,
        checksum_sha256: stored.checksum_sha256,
        checksum_type: stored.checksum_type,
        ..Default::default()
    }
}

/// An object in a listing, under the name the listing gives it.
pub(super) fn listed(version: &Version, name: String) -> dto::Object {
    let content = version.content.as_ref();
    dto::Object {
        key: Some(name),
        size: content.map(|content| size(content.size)),
        e_tag: content.map(|content| etag(&content.etag)),
        last_modified: Some(time(version.modified)),
        storage_class: Some(dto::ObjectStorageClass::from_static(
            dto::ObjectStorageClass::STANDARD,
        )),
        ..Default::default()
    }
}

pub(super) fn listed_version(
    version: &Version,
    content: &Content,
    name: String,
    is_latest: bool,
) -> dto::ObjectVersion {
    dto::ObjectVersion {
        key: Some(name),
        version_id: Some(version.id_text().to_owned()),
        is_latest: Some(is_latest),
        size: Some(size(content.size)),
        e_tag: Some(etag(&content.etag)),
        last_modified: Some(time(version.modified)),
        storage_class: Some(dto::ObjectVersionStorageClass::from_static(
            dto::ObjectVersionStorageClass::STANDARD,
        )),
        ..Default::default()
    }
}

pub(super) fn listed_marker(
    version: &Version,
    name: String,
    is_latest: bool,
) -> dto::DeleteMarkerEntry {
    dto::DeleteMarkerEntry {
        key: Some(name),
        version_id: Some(version.id_text().to_owned()),
        is_latest: Some(is_latest),
        last_modified: Some(time(version.modified)),
        ..Default::default()
    }
}

pub(super) fn bucket(row: &BucketRow, region: &str) -> dto::Bucket {
    dto::Bucket {
        name: Some(row.name.clone()),
        creation_date: Some(time(row.created)),
        bucket_region: Some(region.to_owned()),
    }
}
