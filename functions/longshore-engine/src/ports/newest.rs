//! What lies under a key at this moment.

use std::future::Future;

use longshore::trigger::ObjectVersion;

use super::ObjectTrouble;

/// Looks at objects without reading them. S3 answers with what was written last ("Amazon S3 data
/// consistency model", user guide).
pub trait Newest: Sync {
    /// The version that lies under `key`; none if it was deleted.
    fn newest(
        &self,
        bucket: &str,
        key: &str,
    ) -> impl Future<Output = Result<Option<ObjectVersion>, ObjectTrouble>> + Send;
}
