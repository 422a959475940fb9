//! `AWS::ECS::Service` ─▶ the `CreateService` request of it.

use serde_json::{Map, Value, json};

use super::field::Field;
use super::kinds::Kind;
use super::names::{Named, physical};
use super::problem::Read;
use super::resources::{Resource, ServiceSpec};
use super::task_words::request;

/// Most tasks of a service ("Amazon ECS service quotas").
const DESIRED_MAX: u32 = 5_000;
/// ECS names no highest percentage; ten times the desired count is more than any that is meant.
const PERCENT_MAX: u32 = 1_000;
/// Highest weight and base of a capacity provider ("CapacityProviderStrategyItem").
const WEIGHT_MAX: u32 = 1_000;
const BASE_MAX: u32 = 100_000;

/// The type.
pub(super) const KIND: Kind = Kind {
    type_name: "AWS::ECS::Service",
    name_property: "ServiceName",
    name_chars: 1..=255,
    generated: |named| Ok(named.generated()),
    served: &[
        "CapacityProviderStrategy",
        "Cluster",
        "DeploymentConfiguration",
        "DeploymentController",
        "DesiredCount",
        "EnableExecuteCommand",
        "LaunchType",
        "NetworkConfiguration",
        "PlacementConstraints",
        "PlacementStrategies",
        "PlatformVersion",
        "PropagateTags",
        "SchedulingStrategy",
        "ServiceName",
        "Tags",
        "TaskDefinition",
    ],
    ignored: &[
        "AvailabilityZoneRebalancing",
        "EnableECSManagedTags",
        "ForceNewDeployment",
        "HealthCheckGracePeriodSeconds",
        "Monitoring",
    ],
    refused: &[
        ("LoadBalancers", "leave it out here with `Fn::If`: nothing is behind a load balancer"),
        ("Role", "leave it out here with `Fn::If`: it is for load balancers"),
        ("ServiceConnectConfiguration", "leave it out here with `Fn::If`, and use 127.0.0.1"),
        ("ServiceRegistries", "leave it out here with `Fn::If`, and use 127.0.0.1"),
        ("VolumeConfigurations", "leave it out here with `Fn::If`: there are no EBS volumes"),
        ("VpcLatticeConfigurations", "leave it out here with `Fn::If`, and use 127.0.0.1"),
    ],
    reference: arn,
    attributes: &[("Name", physical), ("ServiceArn", arn)],
    read,
};

/// Name of the cluster: a service without one is in `default`.
fn cluster(named: &Named) -> Read<String> {
    let given = named.given("Cluster")?.unwrap_or_else(|| "default".into());
    Ok(given.rsplit('/').next().unwrap_or(&given).to_owned())
}

fn arn(named: &Named) -> Read<String> {
    Ok(named.arn("ecs", &format!("service/{}/{}", cluster(named)?, named.name()?)))
}

fn read(named: &Named, properties: &Field) -> Read<Resource> {
    only_one(properties, "SchedulingStrategy", "REPLICA")?;
    if let Some(controller) = properties.get("DeploymentController") {
        only_one(&controller, "Type", "ECS")?;
    }
    let (name, cluster) = (named.name()?, cluster(named)?);
    let definition = properties.required("TaskDefinition")?.text()?;
    let mut create = Map::new();
    create.insert("serviceName".into(), json!(name));
    create.insert("cluster".into(), json!(cluster));
    create.insert("taskDefinition".into(), json!(definition));
    if let Some(desired) = properties.get("DesiredCount") {
        create.insert("desiredCount".into(), json!(desired.integer(0, DESIRED_MAX)?));
    }
    for (property, member) in [
        ("LaunchType", "launchType"),
        ("PlatformVersion", "platformVersion"),
        ("PropagateTags", "propagateTags"),
    ] {
        create.extend(properties.text_of(property)?.map(|text| (member.into(), json!(text))));
    }
    if properties.get("EnableExecuteCommand").is_some() {
        let flag = properties.flag_of("EnableExecuteCommand", false)?;
        create.insert("enableExecuteCommand".into(), json!(flag));
    }
    if let Some(network) = properties.get("NetworkConfiguration") {
        create.insert("networkConfiguration".into(), request(&network)?);
    }
    for (property, member) in [
        ("PlacementConstraints", "placementConstraints"),
        ("PlacementStrategies", "placementStrategy"),
        ("Tags", "tags"),
    ] {
        let items = properties.items_of(property)?;
        let items = items.iter().map(request).collect::<Read<Vec<_>>>()?;
        create.extend((!items.is_empty()).then(|| (member.into(), json!(items))));
    }
    create.extend(strategy(properties)?);
    if let Some(field) = properties.get("DeploymentConfiguration") {
        create.insert("deploymentConfiguration".into(), deployment(&field)?);
    }
    let arn = arn(named)?;
    let create = Value::Object(create);
    Ok(Resource::Service(ServiceSpec { name, arn, cluster, definition, create }))
}

/// Refuses another value than the one that is served.
fn only_one(field: &Field, key: &str, served: &str) -> Read<()> {
    match field.get(key) {
        Some(given) if given.text()? != served => {
            let what = format!("`{key}: {}` is not served here", given.text()?);
            Err(given.tell(what, format!("write `{served}`, or give the service a `Condition`")))
        }
        _ => Ok(()),
    }
}

fn strategy(properties: &Field) -> Read<Option<(String, Value)>> {
    let items = properties.items_of("CapacityProviderStrategy")?;
    let item = |field: &Field| {
        field.only(&["Base", "CapacityProvider", "Weight"])?;
        Ok(json!({
            "capacityProvider": field.required("CapacityProvider")?.text()?,
            "weight": field.integer_of("Weight", 0, WEIGHT_MAX, 0)?,
            "base": field.integer_of("Base", 0, BASE_MAX, 0)?,
        }))
    };
    let items = items.iter().map(item).collect::<Read<Vec<_>>>()?;
    Ok((!items.is_empty()).then(|| ("capacityProviderStrategy".into(), json!(items))))
}

fn deployment(field: &Field) -> Read<Value> {
    const REMEDY: &str = "take it away, or give the service a `Condition`";
    field.only(&[
        "Alarms",
        "BakeTimeInMinutes",
        "CanaryConfiguration",
        "DeploymentCircuitBreaker",
        "EarlySuccessCriteria",
        "LifecycleHooks",
        "LinearConfiguration",
        "MaximumPercent",
        "MinimumHealthyPercent",
        "Strategy",
    ])?;
    // The CDK writes alarms that are switched off.
    if let Some(alarms) = field.get("Alarms")
        && alarms.flag_of("Enable", false)?
    {
        return Err(alarms.tell("deployment alarms are not served here", REMEDY));
    }
    for key in ["EarlySuccessCriteria", "LifecycleHooks"] {
        field.refuse(key, &format!("`{key}` is not served here"), REMEDY)?;
    }
    only_one(field, "Strategy", "ROLLING")?;
    let mut deployment = Map::new();
    for (key, member) in
        [("MinimumHealthyPercent", "minimumHealthyPercent"), ("MaximumPercent", "maximumPercent")]
    {
        if let Some(percent) = field.get(key) {
            deployment.insert(member.into(), json!(percent.integer(0, PERCENT_MAX)?));
        }
    }
    if let Some(given) = field.get("DeploymentCircuitBreaker") {
        deployment.insert("deploymentCircuitBreaker".into(), breaker(&given)?);
    }
    Ok(Value::Object(deployment))
}

fn breaker(field: &Field) -> Read<Value> {
    field.only(&["Enable", "ResetOnHealthyTask", "Rollback", "ThresholdConfiguration"])?;
    field.required("Enable")?;
    field.required("Rollback")?;
    let mut breaker = json!({
        "enable": field.flag_of("Enable", false)?,
        "rollback": field.flag_of("Rollback", false)?,
        "resetOnHealthyTask": field.flag_of("ResetOnHealthyTask", true)?,
    });
    if let Some(threshold) = field.get("ThresholdConfiguration") {
        let kinds = ["BOUNDED_PERCENT", "UNBOUNDED_PERCENT", "COUNT"];
        breaker["thresholdConfiguration"] = json!({
            "type": threshold.required("Type")?.one_of(&kinds)?,
            "value": threshold.required("Value")?.integer(1, DESIRED_MAX)?,
        });
    }
    Ok(breaker)
}
