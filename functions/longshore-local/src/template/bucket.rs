//! `AWS::S3::Bucket`

use super::field::Field;
use super::kinds::Kind;
use super::names::{Named, physical};
use super::problem::Read;
use super::resources::{BucketSpec, Resource};

const NOT_HERE: &str = "leave it out, or give the bucket a `Condition`: it has no effect here";

/// The type.
pub(super) const KIND: Kind = Kind {
    type_name: "AWS::S3::Bucket",
    name_property: "BucketName",
    name_chars: 3..=63,
    generated: |named| {
        Ok(format!("{}-{}", named.generated(), named.scope.account.id).to_lowercase())
    },
    served: &["BucketName", "NotificationConfiguration", "VersioningConfiguration"],
    ignored: &[
        "AbacStatus",
        "AccelerateConfiguration",
        "AccessControl",
        "AnalyticsConfigurations",
        "BucketEncryption",
        "CorsConfiguration",
        "IntelligentTieringConfigurations",
        "InventoryConfigurations",
        "LifecycleConfiguration",
        "LoggingConfiguration",
        "MetadataConfiguration",
        "MetadataTableConfiguration",
        "MetricsConfigurations",
        "OwnershipControls",
        "PublicAccessBlockConfiguration",
        "Tags",
    ],
    refused: &[
        ("BucketNamePrefix", "write `BucketName`"),
        ("BucketNamespace", "leave it out: there is one namespace here"),
        ("ObjectLockConfiguration", NOT_HERE),
        ("ObjectLockEnabled", NOT_HERE),
        ("ReplicationConfiguration", NOT_HERE),
        ("WebsiteConfiguration", NOT_HERE),
    ],
    reference: physical,
    attributes: &[
        ("Arn", |named| Ok(format!("arn:aws:s3:::{}", named.name()?))),
        ("DomainName", |named| Ok(format!("{}.s3.amazonaws.com", named.name()?))),
        ("DualStackDomainName", |named| domain(named, "s3.dualstack")),
        ("RegionalDomainName", |named| domain(named, "s3")),
    ],
    read,
};

fn domain(named: &Named, part: &str) -> Read<String> {
    Ok(format!("{}.{part}.{}.amazonaws.com", named.name()?, named.scope.account.region))
}

fn read(named: &Named, properties: &Field) -> Read<Resource> {
    let name = named.name()?;
    if name.contains('_') || name.chars().any(|char| char.is_ascii_uppercase()) {
        let what = format!("`{name}` is no bucket name");
        return Err(properties.tell(what, "take small letters, digits, hyphens and dots"));
    }
    let status = match properties.get("VersioningConfiguration") {
        Some(field) => Some(field.required("Status")?.one_of(&["Enabled", "Suspended"])?),
        None => None,
    };
    Ok(Resource::Bucket(BucketSpec {
        name,
        versioned: status.as_deref() == Some("Enabled"),
        event_bridge: event_bridge(properties)?,
    }))
}

fn event_bridge(properties: &Field) -> Read<bool> {
    let Some(notifications) = properties.get("NotificationConfiguration") else {
        return Ok(false);
    };
    for key in ["LambdaConfigurations", "QueueConfigurations", "TopicConfigurations"] {
        let why = "direct S3 notifications are not sent here";
        notifications.refuse(key, why, "switch `EventBridgeConfiguration` on and write a rule")?;
    }
    notifications.only(&["EventBridgeConfiguration"])?;
    match notifications.get("EventBridgeConfiguration") {
        Some(switch) => switch.flag_of("EventBridgeEnabled", true),
        None => Ok(false),
    }
}
