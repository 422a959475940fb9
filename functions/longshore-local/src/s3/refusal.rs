//! The refusals of S3 in its own codes and words ("Error responses", S3 API reference).

use s3s::{
    S3Error, S3ErrorCode,
    header::{ETAG, LAST_MODIFIED, X_AMZ_DELETE_MARKER, X_AMZ_VERSION_ID},
    s3_error,
};

use super::version::Version;
use crate::StoreError;

pub(super) fn no_such_bucket(bucket: &str) -> S3Error {
    s3_error!(NoSuchBucket, "The specified bucket does not exist: {bucket}")
}

pub(super) fn no_such_key() -> S3Error {
    s3_error!(NoSuchKey, "The specified key does not exist.")
}

pub(super) fn no_such_version() -> S3Error {
    s3_error!(NoSuchVersion, "The specified version does not exist.")
}

pub(super) fn no_such_upload() -> S3Error {
    s3_error!(
        NoSuchUpload,
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."
    )
}

pub(super) fn precondition_failed(condition: &str) -> S3Error {
    s3_error!(
        PreconditionFailed,
        "At least one of the pre-conditions you specified did not hold: {condition}"
    )
}

/// The client has this object already: 304 with its `ETag`.
pub(super) fn not_modified(version: &Version) -> S3Error {
    let mut error = s3_error!(NotModified, "Not Modified");
    let mut headers = http::HeaderMap::new();
    if let Some(content) = &version.content
        && let Ok(etag) = format!("\"{}\"", content.etag).parse()
    {
        headers.insert(ETAG, etag);
    }
    error.set_headers(headers);
    error
}

/// The newest version is a delete marker: to a reader the key does not exist.
pub(super) fn deleted(marker: &Version) -> S3Error {
    let mut error = no_such_key();
    error.set_headers(marker_headers(marker));
    error
}

/// A delete marker was asked for by its version id; only DELETE may name it.
pub(super) fn marker_has_no_content(marker: &Version) -> S3Error {
    let mut error = s3_error!(
        MethodNotAllowed,
        "The specified method is not allowed against this resource: the version is a delete marker."
    );
    let mut headers = marker_headers(marker);
    headers.insert(http::header::ALLOW, http::HeaderValue::from_static("DELETE"));
    if let Ok(modified) = marker.modified.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string().parse()
    {
        headers.insert(LAST_MODIFIED, modified);
    }
    error.set_headers(headers);
    error
}

fn marker_headers(marker: &Version) -> http::HeaderMap {
    let mut headers = http::HeaderMap::new();
    headers.insert(X_AMZ_DELETE_MARKER, http::HeaderValue::from_static("true"));
    if let Ok(id) = marker.id_text().parse() {
        headers.insert(X_AMZ_VERSION_ID, id);
    }
    headers
}

/// The range starts behind the end of the object.
pub(super) fn invalid_range() -> S3Error {
    s3_error!(InvalidRange, "The requested range is not satisfiable")
}

/// The directory of bodies cannot be used; the caller may try again.
#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
pub(super) fn disk(source: std::io::Error) -> S3Error {
    let message = format!("the data directory cannot be used: {source}");
    S3Error::with_message(S3ErrorCode::InternalError, message)
}

/// The rows cannot be written; the caller may try again.
pub(super) fn rows(source: &StoreError) -> S3Error {
    S3Error::with_message(S3ErrorCode::InternalError, source.to_string())
}
