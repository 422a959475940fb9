//! Which resource types are served, which are skipped, and which would be served wrong.

use std::ops::RangeInclusive;

use super::field::Field;
use super::names::Named;
use super::near::suggest;
use super::problem::Read;
use super::resources::Resource;
use super::{
    bucket, cluster, function, mapping, queue, rule, schedule, service, table, task_definition,
};

/// An attribute's name, as `Fn::GetAtt` takes it, and its value.
pub(super) type Attribute = (&'static str, fn(&Named) -> Read<String>);

/// A resource type that is served.
#[derive(Debug)]
pub(super) struct Kind {
    /// `AWS::SERVICE::TYPE`
    pub(super) type_name: &'static str,
    /// The property that gives the physical name.
    pub(super) name_property: &'static str,
    /// How long the physical name may be.
    pub(super) name_chars: RangeInclusive<usize>,
    /// The physical name when none is given.
    pub(super) generated: fn(&Named) -> Read<String>,
    /// Properties that are read.
    pub(super) served: &'static [&'static str],
    /// Properties that change nothing on one machine.
    pub(super) ignored: &'static [&'static str],
    /// Properties whose effect would be missing, and what to do.
    pub(super) refused: &'static [(&'static str, &'static str)],
    /// What `Ref` gives.
    pub(super) reference: fn(&Named) -> Read<String>,
    /// What `Fn::GetAtt` gives.
    pub(super) attributes: &'static [Attribute],
    /// Reads the properties, which are evaluated.
    pub(super) read: fn(&Named, &Field) -> Read<Resource>,
}

/// Every type that is served.
const SERVED: [&Kind; 10] = [
    &bucket::KIND,
    &cluster::KIND,
    &function::KIND,
    &mapping::KIND,
    &queue::KIND,
    &rule::KIND,
    &schedule::KIND,
    &service::KIND,
    &table::KIND,
    &task_definition::KIND,
];

/// Services of which an unlisted type would be missed, and not merely skipped.
const SERVICES: [&str; 9] = [
    "AWS::CloudFormation::",
    "AWS::DynamoDB::",
    "AWS::ECS::",
    "AWS::Events::",
    "AWS::Lambda::",
    "AWS::S3::",
    "AWS::SQS::",
    "AWS::Scheduler::",
    "AWS::Serverless::",
];

/// Types of these services that change nothing on one machine.
const SKIPPED: [&str; 18] = [
    "AWS::CloudFormation::WaitCondition",
    "AWS::CloudFormation::WaitConditionHandle",
    "AWS::ECS::CapacityProvider",
    "AWS::ECS::ClusterCapacityProviderAssociations",
    "AWS::Events::EventBusPolicy",
    "AWS::Lambda::Alias",
    "AWS::Lambda::CodeSigningConfig",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::LayerVersionPermission",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Version",
    "AWS::S3::BucketPolicy",
    "AWS::SQS::QueueInlinePolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::ScheduleGroup",
    "AWS::Serverless::Connector",
    "AWS::Serverless::LayerVersion",
];

/// Types of other services whose absence would be felt, and what to do.
const MISSED: [(&str, &str); 4] = [
    ("AWS::Pipes::Pipe", "write a rule or an event source mapping"),
    ("AWS::SNS::Subscription", "send to the queue from a rule"),
    ("AWS::StepFunctions::StateMachine", "give it a `Condition` that is false here"),
    ("AWS::Kinesis::Stream", "give it a `Condition` that is false here"),
];

/// What to do about a type that is not served.
const LEAVE_OUT: &str = "give it a `Condition` that is false here";

/// What becomes of a resource.
#[derive(Clone, Debug)]
pub(super) enum Verdict {
    /// It is created.
    Served(&'static Kind),
    /// It is listed, and gives names that look like AWS's.
    Skipped,
    /// It would be served wrong; what to do.
    Refused(String),
}

/// What becomes of resources of this type.
pub(super) fn verdict(type_name: &str) -> Verdict {
    if let Some(kind) = SERVED.into_iter().find(|kind| kind.type_name == type_name) {
        return Verdict::Served(kind);
    }
    if SKIPPED.contains(&type_name) {
        return Verdict::Skipped;
    }
    if let Some((_, remedy)) = MISSED.into_iter().find(|(missed, _)| *missed == type_name) {
        return Verdict::Refused(remedy.into());
    }
    let known = SERVED.into_iter().map(|kind| kind.type_name).chain(SKIPPED);
    let known = known.chain(["AWS::Serverless::Function"]);
    if SERVICES.into_iter().any(|service| type_name.starts_with(service)) {
        return Verdict::Refused(suggest(type_name, known, LEAVE_OUT));
    }
    let well_formed = type_name.starts_with("AWS::") && type_name.split("::").count() == 3;
    if well_formed {
        Verdict::Skipped
    } else {
        Verdict::Refused(suggest(type_name, known, LEAVE_OUT))
    }
}
