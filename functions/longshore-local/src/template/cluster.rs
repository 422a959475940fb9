//! `AWS::ECS::Cluster`

use super::field::Field;
use super::kinds::Kind;
use super::names::{Named, physical};
use super::problem::Read;
use super::resources::{ClusterSpec, Resource};

/// The type.
pub(super) const KIND: Kind = Kind {
    type_name: "AWS::ECS::Cluster",
    name_property: "ClusterName",
    name_chars: 1..=255,
    generated: |named| Ok(named.generated()),
    served: &["ClusterName"],
    ignored: &[
        "CapacityProviders",
        "ClusterSettings",
        "Configuration",
        "DefaultCapacityProviderStrategy",
        "ServiceConnectDefaults",
        "Tags",
    ],
    refused: &[],
    reference: physical,
    attributes: &[("Arn", arn)],
    read,
};

fn arn(named: &Named) -> Read<String> {
    Ok(named.arn("ecs", &format!("cluster/{}", named.name()?)))
}

fn read(named: &Named, _: &Field) -> Read<Resource> {
    Ok(Resource::Cluster(ClusterSpec { name: named.name()?, arn: arn(named)? }))
}
