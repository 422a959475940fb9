//! The operation that copies an object, and copying for others.

use std::ops::Range;

use s3s::{
    S3Request, S3Response, S3Result,
    dto::{self, CopySource},
    s3_error,
};

use super::{
    answers, body,
    checksum::Algorithm,
    conditions::{ReadIf, WriteIf},
    draft::{Body, Draft},
    front::{Front, cause},
    refusal,
    version::{Content, about},
    write::NewObject,
};

/// Where a copy is made from.
pub(super) struct Source {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) version_id: Option<String>,
}

impl Source {
    pub(super) fn read(source: CopySource) -> S3Result<Self> {
        let CopySource::Bucket { bucket, key, version_id } = source else {
            return Err(s3_error!(
                NotImplemented,
                "Access points are not served by the embedded AWS; name the bucket"
            ));
        };
        Ok(Self { bucket: bucket.into(), key: key.into(), version_id: version_id.map(Into::into) })
    }
}

impl Front {
    pub(super) async fn copy(
        &self,
        mut request: S3Request<dto::CopyObjectInput>,
    ) -> S3Result<S3Response<dto::CopyObjectOutput>> {
        let cause = cause("CopyObject", &request.extensions);
        let input = &mut request.input;
        let source = Source::read(input.copy_source.clone())?;
        let replaces = input
            .metadata_directive
            .as_ref()
            .is_some_and(|it| it.as_str() == dto::MetadataDirective::REPLACE);
        let is_same = source.bucket == input.bucket && source.key == input.key;
        if is_same && source.version_id.is_none() && !replaces {
            return Err(s3_error!(
                InvalidRequest,
                "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata."
            ));
        }
        let held = ReadIf {
            matches: input.copy_source_if_match.take(),
            none_matches: input.copy_source_if_none_match.take(),
            modified_since: input.copy_source_if_modified_since.take(),
            unmodified_since: input.copy_source_if_unmodified_since.take(),
        };
        let algorithm = input.checksum_algorithm.take();
        let algorithm = algorithm.and_then(|it| Algorithm::named(it.as_str()));
        let (body, from, content) = self.duplicate(&source, &held, None, algorithm).await?;
        let new = NewObject {
            about: if replaces { about!(input) } else { content.about },
            condition: WriteIf::default(),
            bucket: std::mem::take(&mut input.bucket),
            key: std::mem::take(&mut input.key),
            cause,
            upload: None,
        };
        let found = self.store(body, new)?;
        Ok(S3Response::new(dto::CopyObjectOutput {
            copy_object_result: Some(answers::copied(&found)),
            copy_source_version_id: from,
            version_id: found.shown_id,
            ..Default::default()
        }))
    }

    /// A second body with the bytes of a version, or of `range` of them.
    pub(super) async fn duplicate(
        &self,
        source: &Source,
        held: &ReadIf,
        range: Option<Range<u64>>,
        algorithm: Option<Algorithm>,
    ) -> S3Result<(Body, Option<String>, Content)> {
        let (from, file) =
            self.buckets.open_body(&source.bucket, &source.key, source.version_id.as_deref())?;
        // A copy's conditions fail with 412 always (CopyObject, S3 API reference).
        held.check(&from.version).map_err(|_| refusal::precondition_failed("copy source"))?;
        let content = from.version.content.clone().ok_or_else(refusal::no_such_key)?;
        let range = range.unwrap_or(0..content.size);
        if range.end > content.size {
            return Err(refusal::invalid_range());
        }
        let algorithm = algorithm.or_else(|| content.sum.as_ref().map(|sum| sum.algorithm));
        let mut draft = Draft::new(self.buckets.dir(), algorithm)?;
        draft.fill(body::read(file, range).await?).await?;
        Ok((draft.finish().await?, from.shown_id, content))
    }
}
