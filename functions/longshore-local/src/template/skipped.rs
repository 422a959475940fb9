//! Names of resources that are known and not created: what they give looks as it does on AWS.

use super::names::{Named, digest, uuid};
use super::problem::Read;

/// How a type's names are made. In the texts, `{name}` is the physical name, `{hash}` 17 digits
/// of it, `{path}` the property `Path`, `{account}` and `{region}` what they say.
struct Look {
    type_name: &'static str,
    name_property: &'static str,
    reference: &'static str,
    attributes: &'static [(&'static str, &'static str)],
}

const fn look(
    type_name: &'static str,
    name_property: &'static str,
    reference: &'static str,
    attributes: &'static [(&'static str, &'static str)],
) -> Look {
    Look { type_name, name_property, reference, attributes }
}

/// The types whose names other resources like to use ("Return values" of each type's reference).
const LOOKS: [Look; 22] = [
    look(
        "AWS::CloudWatch::Alarm",
        "AlarmName",
        "{name}",
        &[("Arn", "arn:aws:cloudwatch:{region}:{account}:alarm:{name}")],
    ),
    look("AWS::EC2::InternetGateway", "", "igw-{hash}", &[("InternetGatewayId", "igw-{hash}")]),
    look("AWS::EC2::RouteTable", "", "rtb-{hash}", &[("RouteTableId", "rtb-{hash}")]),
    look("AWS::EC2::SecurityGroup", "GroupName", "sg-{hash}", &[("GroupId", "sg-{hash}")]),
    look("AWS::EC2::Subnet", "", "subnet-{hash}", &[("SubnetId", "subnet-{hash}")]),
    look("AWS::EC2::VPC", "", "vpc-{hash}", &[("VpcId", "vpc-{hash}")]),
    look("AWS::EC2::VPCEndpoint", "", "vpce-{hash}", &[("Id", "vpce-{hash}")]),
    look(
        "AWS::ECR::Repository",
        "RepositoryName",
        "{lower}",
        &[
            ("Arn", "arn:aws:ecr:{region}:{account}:repository/{lower}"),
            ("RepositoryUri", "{account}.dkr.ecr.{region}.amazonaws.com/{lower}"),
        ],
    ),
    look(
        "AWS::EFS::AccessPoint",
        "",
        "fsap-{hash}",
        &[
            ("AccessPointId", "fsap-{hash}"),
            ("Arn", "arn:aws:elasticfilesystem:{region}:{account}:access-point/fsap-{hash}"),
        ],
    ),
    look(
        "AWS::EFS::FileSystem",
        "",
        "fs-{hash}",
        &[
            ("FileSystemId", "fs-{hash}"),
            ("Arn", "arn:aws:elasticfilesystem:{region}:{account}:file-system/fs-{hash}"),
        ],
    ),
    look(
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "Name",
        "arn:aws:elasticloadbalancing:{region}:{account}:loadbalancer/app/{name}/{hash}",
        &[("DNSName", "{lower}.{region}.elb.amazonaws.com")],
    ),
    look(
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        "Name",
        "arn:aws:elasticloadbalancing:{region}:{account}:targetgroup/{name}/{hash}",
        &[("TargetGroupFullName", "targetgroup/{name}/{hash}")],
    ),
    look(
        "AWS::IAM::InstanceProfile",
        "InstanceProfileName",
        "{name}",
        &[("Arn", "arn:aws:iam::{account}:instance-profile{path}{name}")],
    ),
    look(
        "AWS::IAM::ManagedPolicy",
        "ManagedPolicyName",
        "arn:aws:iam::{account}:policy{path}{name}",
        &[("PolicyArn", "arn:aws:iam::{account}:policy{path}{name}")],
    ),
    look(
        "AWS::IAM::Role",
        "RoleName",
        "{name}",
        &[("Arn", "arn:aws:iam::{account}:role{path}{name}"), ("RoleId", "AROA{HASH}")],
    ),
    look(
        "AWS::KMS::Key",
        "",
        "{uuid}",
        &[("KeyId", "{uuid}"), ("Arn", "arn:aws:kms:{region}:{account}:key/{uuid}")],
    ),
    look(
        "AWS::Lambda::LayerVersion",
        "LayerName",
        "arn:aws:lambda:{region}:{account}:layer:{name}:1",
        &[("LayerVersionArn", "arn:aws:lambda:{region}:{account}:layer:{name}:1")],
    ),
    look(
        "AWS::Logs::LogGroup",
        "LogGroupName",
        "{name}",
        &[("Arn", "arn:aws:logs:{region}:{account}:log-group:{name}:*")],
    ),
    look(
        "AWS::SNS::Topic",
        "TopicName",
        "arn:aws:sns:{region}:{account}:{name}",
        &[("TopicArn", "arn:aws:sns:{region}:{account}:{name}"), ("TopicName", "{name}")],
    ),
    look("AWS::SSM::Parameter", "Name", "{name}", &[]),
    look(
        "AWS::Scheduler::ScheduleGroup",
        "Name",
        "{name}",
        &[("Arn", "arn:aws:scheduler:{region}:{account}:schedule-group/{name}")],
    ),
    look(
        "AWS::SecretsManager::Secret",
        "Name",
        "arn:aws:secretsmanager:{region}:{account}:secret:{name}",
        &[("Id", "arn:aws:secretsmanager:{region}:{account}:secret:{name}")],
    ),
];

/// The physical name.
pub(super) fn name(named: &Named) -> Read<String> {
    match look_of(named).filter(|look| !look.name_property.is_empty()) {
        Some(look) => Ok(named.given(look.name_property)?.unwrap_or_else(|| named.generated())),
        None => Ok(named.generated()),
    }
}

/// What `Ref` gives.
pub(super) fn reference(named: &Named) -> Read<String> {
    match look_of(named) {
        Some(look) => fill(look.reference, named),
        None => named.name(),
    }
}

/// What `Fn::GetAtt` gives: as listed, else the property of that name, else a name of that form.
pub(super) fn attribute(named: &Named, attribute: &str) -> Read<String> {
    let listed = look_of(named).map_or(&[][..], |look| look.attributes);
    if let Some((_, text)) = listed.iter().find(|(name, _)| *name == attribute) {
        return fill(text, named);
    }
    if let Some(value) = named.given(attribute)? {
        return Ok(value);
    }
    let name = named.name()?;
    if attribute.ends_with("Arn") {
        let service = named.declaration.type_name.split("::").nth(1).unwrap_or_default();
        return Ok(named.arn(&service.to_lowercase(), &name));
    }
    Ok(format!("{name}-{}", attribute.replace('.', "-").to_lowercase()))
}

fn look_of(named: &Named) -> Option<&'static Look> {
    LOOKS.iter().find(|look| look.type_name == named.declaration.type_name)
}

fn fill(text: &str, named: &Named) -> Read<String> {
    let name = named.name()?;
    let id = named.generated();
    let hash = format!("0{:016x}", digest(&id));
    let path = if text.contains("{path}") { named.given("Path")? } else { None };
    let account = named.scope.account;
    Ok(text
        .replace("{account}", &account.id)
        .replace("{region}", &account.region)
        .replace("{path}", path.as_deref().unwrap_or("/"))
        .replace("{hash}", &hash)
        .replace("{HASH}", &hash.to_uppercase())
        .replace("{uuid}", &uuid(&id))
        .replace("{lower}", &name.to_lowercase())
        .replace("{name}", &name))
}
