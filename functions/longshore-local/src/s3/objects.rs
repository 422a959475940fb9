//! The operations that write and read one object.

use std::ops::Range;

use s3s::{
    S3Request, S3Response, S3Result,
    dto::{self, StreamingBlob},
    s3_error,
};

use super::{
    answers, body,
    conditions::{ReadIf, WriteIf},
    declared::Declared,
    draft::{Body, Draft},
    front::{Front, cause},
    refusal,
    version::{Content, about},
    write::NewObject,
};

/// Compares the bytes that arrived with those that `aws-chunked` promised.
pub(super) fn verify_length(headers: &http::HeaderMap, size: u64) -> S3Result<()> {
    let promised = headers
        .get("x-amz-decoded-content-length")
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    match promised {
        Some(promised) if promised != size => {
            Err(s3_error!(IncompleteBody, "{promised} bytes were promised and {size} have arrived"))
        }
        _ => Ok(()),
    }
}

impl Front {
    pub(super) async fn put(
        &self,
        mut request: S3Request<dto::PutObjectInput>,
    ) -> S3Result<S3Response<dto::PutObjectOutput>> {
        let cause = cause("PutObject", &request.extensions);
        let body = self
            .receive(
                &request.headers,
                request.input.body.take(),
                request.input.content_md5.as_deref(),
                request.trailing_headers.as_ref(),
            )
            .await?;
        let input = &mut request.input;
        let new = NewObject {
            about: about!(input),
            condition: WriteIf {
                matches: input.if_match.take(),
                none_matches: input.if_none_match.take(),
            },
            bucket: std::mem::take(&mut input.bucket),
            key: std::mem::take(&mut input.key),
            cause,
            upload: None,
        };
        let found = self.store(body, new)?;
        Ok(S3Response::new(answers::stored(&found)))
    }

    /// Takes a body in and checks all that was said of it.
    pub(super) async fn receive(
        &self,
        headers: &http::HeaderMap,
        stream: Option<StreamingBlob>,
        md5: Option<&str>,
        trailers: Option<&s3s::TrailingHeaders>,
    ) -> S3Result<Body> {
        let declared = Declared::read(headers);
        let mut draft = Draft::new(self.buckets.dir(), declared.algorithm)?;
        if let Some(stream) = stream {
            draft.fill(stream).await?;
        }
        let body = draft.finish().await?;
        verify_length(headers, body.size)?;
        body.verify_md5(md5)?;
        declared.verify(body.sum.as_ref(), trailers)?;
        Ok(body)
    }

    pub(super) async fn get(
        &self,
        request: S3Request<dto::GetObjectInput>,
    ) -> S3Result<S3Response<dto::GetObjectOutput>> {
        let input = request.input;
        let (found, file) =
            self.buckets.open_body(&input.bucket, &input.key, input.version_id.as_deref())?;
        let held = ReadIf {
            matches: input.if_match,
            none_matches: input.if_none_match,
            modified_since: input.if_modified_since,
            unmodified_since: input.if_unmodified_since,
        };
        held.check(&found.version)?;
        let content = found.version.content.as_ref().ok_or_else(refusal::no_such_key)?;
        let range = wanted(content, input.range, input.part_number)?;
        let with_sums = input.checksum_mode.is_some() && range.is_none();
        let mut output = answers::object(&found, content, with_sums);
        narrow(&mut output, content, range.as_ref(), input.part_number);
        output.body = Some(body::read(file, range.unwrap_or(0..content.size)).await?);
        Ok(S3Response::new(output))
    }

    pub(super) fn head(
        &self,
        input: dto::HeadObjectInput,
    ) -> S3Result<S3Response<dto::HeadObjectOutput>> {
        let found = self.buckets.find(&input.bucket, &input.key, input.version_id.as_deref())?;
        let held = ReadIf {
            matches: input.if_match,
            none_matches: input.if_none_match,
            modified_since: input.if_modified_since,
            unmodified_since: input.if_unmodified_since,
        };
        held.check(&found.version)?;
        let content = found.version.content.as_ref().ok_or_else(refusal::no_such_key)?;
        let range = wanted(content, input.range, input.part_number)?;
        let with_sums = input.checksum_mode.is_some() && range.is_none();
        let mut output = answers::object(&found, content, with_sums);
        narrow(&mut output, content, range.as_ref(), input.part_number);
        let mut response = S3Response::new(answers::head(output));
        if range.is_some() {
            response.status = Some(http::StatusCode::PARTIAL_CONTENT);
        }
        Ok(response)
    }
}

/// The bytes that a read asks for, when it does not ask for all.
fn wanted(
    content: &Content,
    range: Option<dto::Range>,
    part: Option<i32>,
) -> S3Result<Option<Range<u64>>> {
    match (range, part) {
        (Some(_), Some(_)) => {
            Err(s3_error!(InvalidRequest, "Cannot specify both Range header and partNumber"))
        }
        (Some(_), None) if content.size == 0 => Err(refusal::invalid_range()),
        (Some(range), None) => {
            range.check(content.size).map(Some).map_err(|_| refusal::invalid_range())
        }
        (None, Some(part)) => {
            let bytes = usize::try_from(part).ok().and_then(|part| content.part(part));
            let bytes = bytes.ok_or_else(refusal::invalid_range)?;
            Ok((!bytes.is_empty()).then_some(bytes))
        }
        (None, None) => Ok(None),
    }
}

/// States the range in the answer.
fn narrow(
    output: &mut dto::GetObjectOutput,
    content: &Content,
    range: Option<&Range<u64>>,
    part: Option<i32>,
) {
    if let Some(range) = range {
        output.content_length = Some(answers::size(range.end - range.start));
        output.content_range =
            Some(format!("bytes {}-{}/{}", range.start, range.end - 1, content.size));
    }
    if part.is_some() {
        output.parts_count = i32::try_from(content.parts.len()).ok().filter(|count| *count > 0);
    }
}
