//! `AWS::DynamoDB::Table` ─▶ the CreateTable request.

use serde_json::{Map, Value, json};

use super::field::Field;
use super::kinds::Kind;
use super::names::{Named, physical};
use super::problem::Read;
use super::resources::{Resource, TableSpec};

/// Capacity units of a table or index, as far as DynamoDB's default quota goes.
const UNITS_MAX: u32 = 40_000;
/// The moment in the label of every stream here: a template's table has one stream for ever.
const STREAM_LABEL: &str = "2025-01-01T00:00:00.000";

/// The type.
pub(super) const KIND: Kind = Kind {
    type_name: "AWS::DynamoDB::Table",
    name_property: "TableName",
    name_chars: 3..=255,
    generated: |named| Ok(named.generated()),
    served: &[
        "AttributeDefinitions",
        "BillingMode",
        "GlobalSecondaryIndexes",
        "KeySchema",
        "LocalSecondaryIndexes",
        "ProvisionedThroughput",
        "StreamSpecification",
        "TableName",
        "TimeToLiveSpecification",
    ],
    ignored: &[
        "ContributorInsightsSpecification",
        "DeletionProtectionEnabled",
        "OnDemandThroughput",
        "PointInTimeRecoverySpecification",
        "ResourcePolicy",
        "SSESpecification",
        "TableClass",
        "Tags",
        "WarmThroughput",
    ],
    refused: &[
        ("ImportSourceSpecification", "load the items after the start"),
        ("KinesisStreamSpecification", "leave it out: there is no Kinesis here"),
        ("VectorIndexes", "leave them out: there are none here"),
    ],
    reference: physical,
    attributes: &[("Arn", arn), ("StreamArn", stream_arn)],
    read,
};

fn arn(named: &Named) -> Read<String> {
    Ok(named.arn("dynamodb", &format!("table/{}", named.name()?)))
}

fn stream_arn(named: &Named) -> Read<String> {
    if named.declaration.properties.get("StreamSpecification").is_none() {
        let what = format!("the table `{}` has no stream", named.id);
        return Err(named.tell(what, "add `StreamSpecification`"));
    }
    Ok(format!("{}/stream/{STREAM_LABEL}", arn(named)?))
}

fn read(named: &Named, properties: &Field) -> Read<Resource> {
    let name = named.name()?;
    let mut create = Map::new();
    create.insert("TableName".into(), json!(name));
    let attributes = properties.required("AttributeDefinitions")?;
    let attributes = rows(&attributes, "AttributeName", "AttributeType", &["S", "N", "B"])?;
    create.insert("AttributeDefinitions".into(), attributes);
    create.insert("KeySchema".into(), key_schema(properties)?);
    let on_demand = match properties.get("BillingMode") {
        Some(mode) => mode.one_of(&["PAY_PER_REQUEST", "PROVISIONED"])? == "PAY_PER_REQUEST",
        None => false,
    };
    let mode = if on_demand { "PAY_PER_REQUEST" } else { "PROVISIONED" };
    create.insert("BillingMode".into(), json!(mode));
    if !on_demand {
        create.insert("ProvisionedThroughput".into(), throughput(properties)?);
    }
    for (key, global) in [("GlobalSecondaryIndexes", true), ("LocalSecondaryIndexes", false)] {
        let indexes = properties.items_of(key)?;
        let indexes: Vec<Value> = indexes
            .iter()
            .map(|index| secondary_index(index, global && !on_demand))
            .collect::<Read<_>>()?;
        if !indexes.is_empty() {
            create.insert(key.into(), Value::Array(indexes));
        }
    }
    if let Some(stream) = properties.get("StreamSpecification") {
        let view = stream.required("StreamViewType")?.text()?;
        let stream = json!({"StreamEnabled": true, "StreamViewType": view});
        create.insert("StreamSpecification".into(), stream);
    }
    let ttl_attribute = match properties.get("TimeToLiveSpecification") {
        Some(ttl) if ttl.required("Enabled")?.flag()? => {
            Some(ttl.required("AttributeName")?.text()?)
        }
        _ => None,
    };
    Ok(Resource::Table(TableSpec { name, create: Value::Object(create), ttl_attribute }))
}

fn key_schema(of: &Field) -> Read<Value> {
    rows(&of.required("KeySchema")?, "AttributeName", "KeyType", &["HASH", "RANGE"])
}

/// A list of maps with a name and a type.
fn rows(list: &Field, name: &str, kind: &str, kinds: &[&str]) -> Read<Value> {
    let row = |row: &Field| {
        row.only(&[name, kind])?;
        Ok(json!({name: row.required(name)?.text()?, kind: row.required(kind)?.one_of(kinds)?}))
    };
    list.items()?.iter().map(row).collect::<Read<Vec<_>>>().map(Value::Array)
}

fn secondary_index(index: &Field, provisioned: bool) -> Read<Value> {
    let projection = index.required("Projection")?;
    let kind = projection.required("ProjectionType")?;
    let mut projected = Map::new();
    let kind = kind.one_of(&["ALL", "INCLUDE", "KEYS_ONLY"])?;
    projected.insert("ProjectionType".into(), json!(kind));
    if let Some(names) = projection.get("NonKeyAttributes") {
        projected.insert("NonKeyAttributes".into(), json!(names.texts()?));
    }
    let mut request = Map::new();
    request.insert("IndexName".into(), json!(index.required("IndexName")?.text()?));
    request.insert("KeySchema".into(), key_schema(index)?);
    request.insert("Projection".into(), Value::Object(projected));
    if provisioned {
        request.insert("ProvisionedThroughput".into(), throughput(index)?);
    }
    Ok(Value::Object(request))
}

fn throughput(of: &Field) -> Read<Value> {
    let units = of.required("ProvisionedThroughput")?;
    Ok(json!({
        "ReadCapacityUnits": units.required("ReadCapacityUnits")?.integer(1, UNITS_MAX)?,
        "WriteCapacityUnits": units.required("WriteCapacityUnits")?.integer(1, UNITS_MAX)?,
    }))
}
