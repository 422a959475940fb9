//! The operations on buckets themselves.

use s3s::{S3Response, S3Result, dto, s3_error};

use super::{answers, bucket::Versioning, front::Front, refusal};
use crate::template::BucketSpec;

/// The Region that S3 names by saying nothing, and where making a bucket again is no error
/// (`CreateBucket` and `GetBucketLocation`, S3 API reference).
const FIRST_REGION: &str = "us-east-1";

impl Front {
    pub(super) fn list_buckets(&self) -> S3Response<dto::ListBucketsOutput> {
        let account = &self.ground.account;
        let rows = self.buckets.all();
        let buckets = rows.iter().map(|row| answers::bucket(row, &account.region)).collect();
        let owner =
            dto::Owner { display_name: Some(account.id.clone()), id: Some(account.id.clone()) };
        S3Response::new(dto::ListBucketsOutput {
            buckets: Some(buckets),
            owner: Some(owner),
            ..Default::default()
        })
    }

    pub(super) fn create_bucket(
        &self,
        bucket: String,
    ) -> S3Result<S3Response<dto::CreateBucketOutput>> {
        let location = Some(format!("/{bucket}"));
        if self.buckets.look(&bucket, |_| ()).is_err() {
            let spec = BucketSpec { name: bucket, versioned: false, event_bridge: false };
            self.buckets.declare(&spec).map_err(|error| refusal::rows(&error))?;
        } else if self.ground.account.region != FIRST_REGION {
            return Err(s3_error!(
                BucketAlreadyOwnedByYou,
                "Your previous request to create the named bucket succeeded and you already own it."
            ));
        }
        Ok(S3Response::new(dto::CreateBucketOutput { location }))
    }

    pub(super) fn delete_bucket(
        &self,
        bucket: &str,
    ) -> S3Result<S3Response<dto::DeleteBucketOutput>> {
        if self.buckets.remove(bucket)? {
            return Ok(S3Response::with_status(
                dto::DeleteBucketOutput {},
                http::StatusCode::NO_CONTENT,
            ));
        }
        Err(s3_error!(BucketNotEmpty, "The bucket you tried to delete is not empty"))
    }

    pub(super) fn head_bucket(&self, bucket: &str) -> S3Result<S3Response<dto::HeadBucketOutput>> {
        self.buckets.look(bucket, |_| ())?;
        Ok(S3Response::new(dto::HeadBucketOutput {
            bucket_region: Some(self.ground.account.region.clone()),
            ..Default::default()
        }))
    }

    pub(super) fn location(
        &self,
        bucket: &str,
    ) -> S3Result<S3Response<dto::GetBucketLocationOutput>> {
        self.buckets.look(bucket, |_| ())?;
        let region = Some(self.ground.account.region.clone());
        let named = region.filter(|region| region != FIRST_REGION);
        Ok(S3Response::new(dto::GetBucketLocationOutput {
            location_constraint: named.map(dto::BucketLocationConstraint::from),
        }))
    }

    pub(super) fn versioning(
        &self,
        bucket: &str,
    ) -> S3Result<S3Response<dto::GetBucketVersioningOutput>> {
        let status = self.buckets.look(bucket, |bucket| match bucket.row.versioning {
            Versioning::Never => None,
            Versioning::Enabled => Some(dto::BucketVersioningStatus::ENABLED),
            Versioning::Suspended => Some(dto::BucketVersioningStatus::SUSPENDED),
        })?;
        Ok(S3Response::new(dto::GetBucketVersioningOutput {
            status: status.map(dto::BucketVersioningStatus::from_static),
            ..Default::default()
        }))
    }

    pub(super) fn set_versioning(
        &self,
        input: &dto::PutBucketVersioningInput,
    ) -> S3Result<S3Response<dto::PutBucketVersioningOutput>> {
        let status = input.versioning_configuration.status.as_ref();
        let on = status.is_some_and(|it| it.as_str() == dto::BucketVersioningStatus::ENABLED);
        self.buckets.adjust(&input.bucket, |row| {
            row.versioning = match row.versioning.switched(on) {
                // A request to suspend is one even where there was nothing to suspend.
                Versioning::Never => Versioning::Suspended,
                versioning => versioning,
            };
        })?;
        Ok(S3Response::new(dto::PutBucketVersioningOutput {}))
    }

    pub(super) fn notifications(
        &self,
        bucket: &str,
    ) -> S3Result<S3Response<dto::GetBucketNotificationConfigurationOutput>> {
        let tells = self.buckets.look(bucket, |bucket| bucket.row.event_bridge)?;
        Ok(S3Response::new(dto::GetBucketNotificationConfigurationOutput {
            event_bridge_configuration: tells.then(dto::EventBridgeConfiguration::default),
            ..Default::default()
        }))
    }

    pub(super) fn set_notifications(
        &self,
        input: &dto::PutBucketNotificationConfigurationInput,
    ) -> S3Result<S3Response<dto::PutBucketNotificationConfigurationOutput>> {
        let wanted = &input.notification_configuration;
        let others = wanted.lambda_function_configurations.is_some()
            || wanted.queue_configurations.is_some()
            || wanted.topic_configurations.is_some();
        if others {
            return Err(s3_error!(
                NotImplemented,
                "The embedded AWS tells EventBridge only; set EventBridgeConfiguration"
            ));
        }
        let tells = wanted.event_bridge_configuration.is_some();
        self.buckets.adjust(&input.bucket, |row| row.event_bridge = tells)?;
        Ok(S3Response::new(dto::PutBucketNotificationConfigurationOutput {}))
    }
}
