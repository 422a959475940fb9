//! The operations of uploads in parts.

use s3s::{S3Request, S3Response, S3Result, dto, s3_error};

use super::{
    answers, body,
    checksum::{Algorithm, Sum},
    conditions::{ReadIf, WriteIf},
    copies::Source,
    draft::Draft,
    front::{Front, cause},
    refusal,
    upload::UploadRow,
    version::about,
    write::NewObject,
};

impl Front {
    pub(super) fn begin(
        &self,
        mut input: dto::CreateMultipartUploadInput,
    ) -> S3Result<S3Response<dto::CreateMultipartUploadOutput>> {
        let algorithm =
            input.checksum_algorithm.as_ref().and_then(|it| Algorithm::named(it.as_str()));
        // CRC64NVME exists only over whole objects ("Checking object integrity", S3 user guide).
        let full_object = algorithm == Some(Algorithm::Crc64Nvme)
            || input
                .checksum_type
                .as_ref()
                .is_some_and(|it| it.as_str() == dto::ChecksumType::FULL_OBJECT);
        let row = UploadRow {
            about: about!(input),
            bucket: input.bucket.clone(),
            key: input.key.clone(),
            algorithm,
            full_object,
            started: self.buckets.now(),
        };
        let upload_id = self.buckets.begin_upload(row)?;
        Ok(S3Response::new(dto::CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(upload_id),
            checksum_algorithm: input.checksum_algorithm,
            checksum_type: input.checksum_type,
            ..Default::default()
        }))
    }

    pub(super) async fn put_part(
        &self,
        mut request: S3Request<dto::UploadPartInput>,
    ) -> S3Result<S3Response<dto::UploadPartOutput>> {
        let upload = {
            let input = &request.input;
            self.buckets.upload(&input.upload_id, &input.bucket, &input.key)?
        };
        add_algorithm(&mut request.headers, upload.row.algorithm);
        let body = self
            .receive(
                &request.headers,
                request.input.body.take(),
                request.input.content_md5.as_deref(),
                request.trailing_headers.as_ref(),
            )
            .await?;
        let input = &request.input;
        let place = (input.upload_id.as_str(), input.bucket.as_str(), input.key.as_str());
        let part = self.buckets.put_part(place, input.part_number, body)?;
        let sums = answers::sums(part.sum.as_ref());
        Ok(S3Response::new(dto::UploadPartOutput {
            e_tag: Some(answers::etag(&part.etag())),
            checksum_crc32: sums.checksum_crc32,
            checksum_crc32c: sums.checksum_crc32c,
            checksum_crc64nvme: sums.checksum_crc64nvme,
            checksum_sha1: sums.checksum_sha1,
            checksum_sha256: sums.checksum_sha256,
            ..Default::default()
        }))
    }

    pub(super) async fn copy_part(
        &self,
        input: dto::UploadPartCopyInput,
    ) -> S3Result<S3Response<dto::UploadPartCopyOutput>> {
        let upload = self.buckets.upload(&input.upload_id, &input.bucket, &input.key)?;
        let source = Source::read(input.copy_source)?;
        let held = ReadIf {
            matches: input.copy_source_if_match,
            none_matches: input.copy_source_if_none_match,
            modified_since: input.copy_source_if_modified_since,
            unmodified_since: input.copy_source_if_unmodified_since,
        };
        let range = match input.copy_source_range.as_deref() {
            None => None,
            Some(range) => Some(copy_range(range)?),
        };
        let (body, from, _) = self.duplicate(&source, &held, range, upload.row.algorithm).await?;
        let place = (input.upload_id.as_str(), input.bucket.as_str(), input.key.as_str());
        let part = self.buckets.put_part(place, input.part_number, body)?;
        let sums = answers::sums(part.sum.as_ref());
        Ok(S3Response::new(dto::UploadPartCopyOutput {
            copy_part_result: Some(dto::CopyPartResult {
                e_tag: Some(answers::etag(&part.etag())),
                last_modified: Some(answers::time(part.modified)),
                checksum_crc32: sums.checksum_crc32,
                checksum_crc32c: sums.checksum_crc32c,
                checksum_crc64nvme: sums.checksum_crc64nvme,
                checksum_sha1: sums.checksum_sha1,
                checksum_sha256: sums.checksum_sha256,
            }),
            copy_source_version_id: from,
            ..Default::default()
        }))
    }

    pub(super) fn list_parts(
        &self,
        input: dto::ListPartsInput,
    ) -> S3Result<S3Response<dto::ListPartsOutput>> {
        let upload = self.buckets.upload(&input.upload_id, &input.bucket, &input.key)?;
        let after = input.part_number_marker.unwrap_or(0);
        let max = usize::try_from(input.max_parts.unwrap_or(1_000)).unwrap_or(0).min(1_000);
        let mut parts: Vec<dto::Part> = upload
            .parts
            .range(after.saturating_add(1)..)
            .take(max + 1)
            .map(|(number, part)| dto::Part {
                part_number: Some(*number),
                size: Some(answers::size(part.size)),
                e_tag: Some(answers::etag(&part.etag())),
                last_modified: Some(answers::time(part.modified)),
                ..Default::default()
            })
            .collect();
        let is_truncated = parts.len() > max;
        parts.truncate(max);
        Ok(S3Response::new(dto::ListPartsOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(input.upload_id),
            max_parts: i32::try_from(max).ok(),
            part_number_marker: Some(after),
            next_part_number_marker: parts.last().and_then(|part| part.part_number),
            is_truncated: Some(is_truncated),
            parts: Some(parts),
            ..Default::default()
        }))
    }

    pub(super) async fn complete(
        &self,
        request: S3Request<dto::CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<dto::CompleteMultipartUploadOutput>> {
        let cause = cause("CompleteMultipartUpload", &request.extensions);
        let input = request.input;
        let location = format!("{}/{}/{}", self.ground.account.endpoint, input.bucket, input.key);
        if let Some(made) = self.buckets.completed(&input.upload_id) {
            return Ok(S3Response::new(answers::completed(&made, location)));
        }
        let asked = asked_sum(&input);
        let wanted: Vec<(i32, Option<String>)> = input
            .multipart_upload
            .and_then(|upload| upload.parts)
            .unwrap_or_default()
            .into_iter()
            .map(|part| (part.part_number.unwrap_or(0), part.e_tag.map(dto::ETag::into_value)))
            .collect();
        let place = (input.upload_id.as_str(), input.bucket.as_str(), input.key.as_str());
        let assembly = self.buckets.assemble(place, &wanted)?;
        let whole = assembly.row.algorithm.filter(|_| assembly.row.full_object);
        let mut draft = Draft::new(self.buckets.dir(), whole)?;
        for (file, size) in assembly.files.into_iter().zip(&assembly.assembled.sizes) {
            draft.join(body::read(file, 0..*size).await?).await?;
        }
        let body = draft.finish().await?;
        let mut assembled = assembly.assembled;
        assembled.sum = assembled.sum.or_else(|| body.sum.clone());
        if !is_same(asked.as_ref(), assembled.sum.as_ref()) {
            return Err(s3_error!(
                BadDigest,
                "The checksum you specified did not match the parts'."
            ));
        }
        let new = NewObject {
            about: assembly.row.about,
            condition: WriteIf { matches: input.if_match, none_matches: input.if_none_match },
            bucket: input.bucket,
            key: input.key,
            cause,
            upload: Some(assembled),
        };
        let found = self.store(body, new)?;
        Ok(S3Response::new(answers::completed(&found, location)))
    }

    pub(super) fn abort(
        &self,
        input: &dto::AbortMultipartUploadInput,
    ) -> S3Result<S3Response<dto::AbortMultipartUploadOutput>> {
        self.buckets.abort_upload(&input.upload_id, &input.bucket, &input.key)?;
        Ok(S3Response::with_status(
            dto::AbortMultipartUploadOutput::default(),
            http::StatusCode::NO_CONTENT,
        ))
    }
}

/// The checksum that a completion gives for the whole object.
fn asked_sum(input: &dto::CompleteMultipartUploadInput) -> Option<Sum> {
    Sum::of(&dto::Checksum {
        checksum_crc32: input.checksum_crc32.clone(),
        checksum_crc32c: input.checksum_crc32c.clone(),
        checksum_crc64nvme: input.checksum_crc64nvme.clone(),
        checksum_sha1: input.checksum_sha1.clone(),
        checksum_sha256: input.checksum_sha256.clone(),
        ..Default::default()
    })
}

/// A completion may give the checksum that came out, another kind of it, or none.
fn is_same(asked: Option<&Sum>, sum: Option<&Sum>) -> bool {
    match (asked, sum) {
        (Some(asked), Some(sum)) if asked.algorithm == sum.algorithm => asked.value == sum.value,
        _ => true,
    }
}

/// Every part has the checksum its upload was begun with, whether the client computes it or not.
fn add_algorithm(headers: &mut http::HeaderMap, algorithm: Option<Algorithm>) {
    if let Some(algorithm) = algorithm {
        let name = http::HeaderValue::from_static(algorithm.name());
        headers.entry("x-amz-sdk-checksum-algorithm").or_insert(name);
    }
}

/// `bytes=first-last`, the only form that `UploadPartCopy` knows.
fn copy_range(range: &str) -> S3Result<std::ops::Range<u64>> {
    match dto::Range::parse(range) {
        Ok(dto::Range::Int { first, last: Some(last) }) => Ok(first..last + 1),
        _ => Err(refusal::invalid_range()),
    }
}
