//! S3 objects: pinned reads that can be taken up again, and plain writes.

mod listing;
mod newest;

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Builder, StalledStreamProtectionConfig};
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::{ByteStream, DateTimeFormat};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::{display::DisplayErrorContext, metadata::ProvideErrorMetadata};
use bytes::Bytes;
pub use listing::{ObjectPage, ObjectPlace};
use longshore_engine::ports::{Chunks, ObjectRef, ObjectTrouble, Objects, Opened};

use crate::{Clients, failure::said};

/// Longest silence of a stream that is being read; the same bound as a call's.
const SILENCE_SECS: u64 = 20;

/// The objects of an account.
#[derive(Clone, Debug)]
pub struct S3Objects {
    s3: Client,
}

impl S3Objects {
    /// With the credentials and the endpoint of `clients`.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        let sdk = clients.sdk();
        let config = Builder::from(sdk)
            // A throttled table makes a slow reader, which is no stalled stream: see SILENCE_SECS.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .force_path_style(sdk.endpoint_url().is_some())
            .build();
        Self { s3: Client::from_conf(config) }
    }

    pub(crate) fn s3(&self) -> &Client {
        &self.s3
    }
}

/// The bytes of one object.
#[derive(Debug)]
pub struct ObjectBody(ByteStream);

impl Chunks for ObjectBody {
    async fn next(&mut self) -> Result<Option<Bytes>, ObjectTrouble> {
        let silence = Duration::from_secs(SILENCE_SECS);
        match tokio::time::timeout(silence, self.0.try_next()).await {
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(error)) => Err(broken(&DisplayErrorContext(&error).to_string())),
            Err(_) => Err(ObjectTrouble::Retryable(format!("no bytes for {SILENCE_SECS} s"))),
        }
    }
}

/// A checksum that does not match is found at the end, when nothing is left to take up.
fn broken(words: &str) -> ObjectTrouble {
    if words.to_ascii_lowercase().contains("checksum") {
        return ObjectTrouble::Rejected(words.to_owned());
    }
    ObjectTrouble::Retryable(words.to_owned())
}

impl Objects for S3Objects {
    type Body = ObjectBody;

    async fn open(
        &self,
        object: &ObjectRef,
        offset: u64,
    ) -> Result<Opened<ObjectBody>, ObjectTrouble> {
        let version = object.pinned_version();
        let etag = object.etag.as_deref().filter(|_| version.is_none()).map(quoted);
        let call = self.s3.get_object().bucket(&object.bucket).key(&object.key);
        let call = call.set_version_id(version.map(str::to_owned)).set_if_match(etag);
        let range = (offset > 0).then(|| format!("bytes={offset}-"));
        match call.set_range(range).send().await {
            Ok(answer) => Ok(opened(answer)),
            Err(error) => Err(trouble(&error)),
        }
    }

    async fn put(&self, bucket: &str, key: &str, bytes: Bytes) -> Result<(), ObjectTrouble> {
        let call = self.s3.put_object().bucket(bucket).key(key);
        let call = call.content_type("application/x-ndjson").body(ByteStream::from(bytes));
        call.send().await.map(drop).map_err(|error| trouble(&error))
    }
}

/// Events carry the entity tag without its quotes, headers with them.
fn quoted(etag: &str) -> String {
    format!("\"{}\"", etag.trim_matches('"'))
}

fn opened(answer: GetObjectOutput) -> Opened<ObjectBody> {
    let length = answer.content_length.and_then(|length| u64::try_from(length).ok());
    let whole = answer.content_range.as_deref().and_then(whole_size);
    let modified = answer.last_modified.and_then(|time| time.fmt(DateTimeFormat::DateTime).ok());
    Opened {
        size: whole.or(length).unwrap_or(0),
        etag: answer.e_tag,
        content_type: answer.content_type,
        version_id: answer.version_id,
        last_modified: modified,
        body: ObjectBody(answer.body),
    }
}

/// The size in `bytes 5-9/10`.
fn whole_size(range: &str) -> Option<u64> {
    range.rsplit_once('/')?.1.parse().ok()
}

pub(crate) fn trouble<E>(error: &SdkError<E, HttpResponse>) -> ObjectTrouble
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    let permanent = matches!(error, SdkError::ConstructionFailure(_));
    class(status.filter(|_| !permanent), error.code(), said(error), permanent)
}

/// What an answer of S3 means ("Error responses", S3 API reference).
fn class(status: Option<u16>, code: Option<&str>, said: String, permanent: bool) -> ObjectTrouble {
    match (status, code.unwrap_or_default()) {
        (_, "NoSuchBucket" | "PermanentRedirect") => ObjectTrouble::Rejected(said),
        (_, "InvalidObjectState") => ObjectTrouble::Archived(said),
        (_, "ExpiredToken" | "RequestTimeout" | "SlowDown")
        | (Some(408 | 409 | 429 | 500..), _) => ObjectTrouble::Retryable(said),
        // 405: the version that was named is a delete marker.
        (Some(404 | 405), _) => ObjectTrouble::Gone(said),
        (Some(412), _) => ObjectTrouble::Superseded(said),
        (Some(401 | 403), _) => ObjectTrouble::Denied(said),
        (Some(300..), _) => ObjectTrouble::Rejected(said),
        _ if permanent => ObjectTrouble::Rejected(said),
        _ => ObjectTrouble::Retryable(said),
    }
}

#[cfg(test)]
mod tests {
    use super::{ObjectTrouble, broken, class, quoted, whole_size};

    fn check(status: Option<u16>, code: &str, expected: fn(String) -> ObjectTrouble) {
        let found = class(status, Some(code), code.to_owned(), false);
        assert_eq!(found, expected(code.to_owned()), "{status:?}");
    }

    #[test]
    fn an_answer_is_classed_by_its_code_then_its_status() {
        check(Some(404), "NoSuchKey", ObjectTrouble::Gone);
        check(Some(404), "NoSuchVersion", ObjectTrouble::Gone);
        check(Some(404), "NoSuchBucket", ObjectTrouble::Rejected);
        check(Some(405), "MethodNotAllowed", ObjectTrouble::Gone);
        check(Some(412), "PreconditionFailed", ObjectTrouble::Superseded);
        check(Some(403), "AccessDenied", ObjectTrouble::Denied);
        check(Some(403), "InvalidObjectState", ObjectTrouble::Archived);
        check(Some(400), "ExpiredToken", ObjectTrouble::Retryable);
        check(Some(400), "InvalidRequest", ObjectTrouble::Rejected);
        check(Some(503), "SlowDown", ObjectTrouble::Retryable);
        check(Some(500), "InternalError", ObjectTrouble::Retryable);
        check(None, "", ObjectTrouble::Retryable);
    }

    #[test]
    fn headers_are_read_and_written_as_s3_does() {
        assert_eq!(whole_size("bytes 5-9/10"), Some(10));
        assert_eq!(whole_size("bytes 5-9/*"), None);
        assert_eq!((quoted("9a"), quoted("\"9a\"")), ("\"9a\"".into(), "\"9a\"".into()));
        assert!(matches!(broken("checksum mismatch"), ObjectTrouble::Rejected(_)));
        assert!(matches!(broken("connection reset"), ObjectTrouble::Retryable(_)));
    }
}
