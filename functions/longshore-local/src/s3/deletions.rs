//! The operations that delete.

use s3s::{S3Request, S3Response, S3Result, dto, s3_error};

use super::{
    conditions::WriteIf,
    front::{Front, cause},
    write::Deletion,
};

/// Keys of one `DeleteObjects` request (`DeleteObjects`, S3 API reference).
const DELETE_KEYS_MAX: usize = 1_000;

impl Front {
    pub(super) fn delete(
        &self,
        request: S3Request<dto::DeleteObjectInput>,
    ) -> S3Result<S3Response<dto::DeleteObjectOutput>> {
        let cause = cause("DeleteObject", &request.extensions);
        let input = request.input;
        let held = WriteIf { matches: input.if_match, none_matches: None };
        let id = input.version_id.as_deref();
        let deletion = self.buckets.delete(&input.bucket, &input.key, id, &held, &cause)?;
        self.hand_over(deletion.pending);
        Ok(S3Response::with_status(
            dto::DeleteObjectOutput {
                delete_marker: deletion.is_marker.then_some(true),
                version_id: deletion.version_id,
                ..Default::default()
            },
            http::StatusCode::NO_CONTENT,
        ))
    }

    pub(super) fn delete_many(
        &self,
        request: S3Request<dto::DeleteObjectsInput>,
    ) -> S3Result<S3Response<dto::DeleteObjectsOutput>> {
        let cause = cause("DeleteObject", &request.extensions);
        let input = request.input;
        if input.delete.objects.is_empty() || input.delete.objects.len() > DELETE_KEYS_MAX {
            return Err(s3_error!(MalformedXML, "Name 1 to {DELETE_KEYS_MAX} keys to delete"));
        }
        self.buckets.look(&input.bucket, |_| ())?;
        let (mut deleted, mut errors) = (Vec::new(), Vec::new());
        for object in input.delete.objects {
            let held =
                WriteIf { matches: object.e_tag.map(dto::ETagCondition::ETag), none_matches: None };
            let (key, id) = (object.key, object.version_id);
            match self.buckets.delete(&input.bucket, &key, id.as_deref(), &held, &cause) {
                Ok(mut deletion) => {
                    self.hand_over(deletion.pending.take());
                    deleted.push(deleted_entry(key, id, deletion));
                }
                Err(error) => errors.push(dto::Error {
                    code: Some(error.code().as_str().to_owned()),
                    message: error.message().map(str::to_owned),
                    key: Some(key),
                    version_id: id,
                }),
            }
        }
        let is_quiet = input.delete.quiet.unwrap_or(false);
        Ok(S3Response::new(dto::DeleteObjectsOutput {
            deleted: (!is_quiet).then_some(deleted),
            errors: (!errors.is_empty()).then_some(errors),
            ..Default::default()
        }))
    }
}

fn deleted_entry(key: String, asked: Option<String>, deletion: Deletion) -> dto::DeletedObject {
    dto::DeletedObject {
        key: Some(key),
        delete_marker: deletion.is_marker.then_some(true),
        delete_marker_version_id: deletion.version_id.filter(|_| deletion.is_marker),
        version_id: asked,
    }
}
