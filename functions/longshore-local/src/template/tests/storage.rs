//! Buckets and tables.

use expect_test::expect;

use super::{check, check_properties};

#[test]
fn buckets() {
    check(
        "
Resources:
  Plain: {Type: 'AWS::S3::Bucket', Properties: {VersioningConfiguration: {Status: Suspended}}}
  Full:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: my.bucket
      VersioningConfiguration: {Status: Enabled}
      NotificationConfiguration: {EventBridgeConfiguration: {}}
      BucketEncryption: {ServerSideEncryptionConfiguration: []}
",
        &expect![[r#"
            Bucket(BucketSpec { name: "demo-plain-000000000000", versioned: false, event_bridge: false })
            Bucket(BucketSpec { name: "my.bucket", versioned: true, event_bridge: true })
        "#]],
    );
}

#[test]
fn bad_buckets_are_refused() {
    check_properties(
        "AWS::S3::Bucket",
        &[
            "{NotificationConfiguration: {LambdaConfigurations: []}}",
            "{NotificationConfiguration: {QueueConfigurations: []}}",
            "{ObjectLockEnabled: true}",
            "{VersioningConfiguration: {Status: On}}",
            "{Versioning: {Status: Enabled}}",
        ],
        &expect![[r#"
            .NotificationConfiguration.LambdaConfigurations: direct S3 notifications are not sent here; switch `EventBridgeConfiguration` on and write a rule
            .NotificationConfiguration.QueueConfigurations: direct S3 notifications are not sent here; switch `EventBridgeConfiguration` on and write a rule
            .ObjectLockEnabled: `ObjectLockEnabled` is not served here; leave it out, or give the bucket a `Condition`: it has no effect here
            .VersioningConfiguration.Status: `true` is not one of Enabled, Suspended; put it in quotes: YAML reads on, off, yes, no as booleans
            .Versioning: AWS::S3::Bucket has no property `Versioning`; take it away
        "#]],
    );
}

#[test]
fn tables() {
    check(
        "
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      ProvisionedThroughput: {ReadCapacityUnits: '5', WriteCapacityUnits: 6}
      AttributeDefinitions: [{AttributeName: a, AttributeType: S}, {AttributeName: b, AttributeType: N}]
      KeySchema: [{AttributeName: a, KeyType: HASH}]
      GlobalSecondaryIndexes:
        - IndexName: by-b
          KeySchema: [{AttributeName: b, KeyType: HASH}]
          Projection: {ProjectionType: INCLUDE, NonKeyAttributes: [c]}
          ProvisionedThroughput: {ReadCapacityUnits: 1, WriteCapacityUnits: 1}
      LocalSecondaryIndexes:
        - IndexName: local
          KeySchema: [{AttributeName: a, KeyType: HASH}, {AttributeName: b, KeyType: RANGE}]
          Projection: {ProjectionType: ALL}
      StreamSpecification: {StreamViewType: NEW_IMAGE}
      TimeToLiveSpecification: {AttributeName: ttl, Enabled: true}
      SSESpecification: {SSEEnabled: true}
",
        &expect![[r#"
            {"AttributeDefinitions":[{"AttributeName":"a","AttributeType":"S"},{"AttributeName":"b","AttributeType":"N"}],"BillingMode":"PROVISIONED","GlobalSecondaryIndexes":[{"IndexName":"by-b","KeySchema":[{"AttributeName":"b","KeyType":"HASH"}],"Projection":{"NonKeyAttributes":["c"],"ProjectionType":"INCLUDE"},"ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1}}],"KeySchema":[{"AttributeName":"a","KeyType":"HASH"}],"LocalSecondaryIndexes":[{"IndexName":"local","KeySchema":[{"AttributeName":"a","KeyType":"HASH"},{"AttributeName":"b","KeyType":"RANGE"}],"Projection":{"ProjectionType":"ALL"}}],"ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":6},"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"},"TableName":"demo-Table"} ttl=Some("ttl")
        "#]],
    );
}

#[test]
fn bad_tables_are_refused() {
    check_properties(
        "AWS::DynamoDB::Table",
        &[
            "{KeySchema: []}",
            "{AttributeDefinitions: [{AttributeName: a, AttributeType: S}]}",
            "{AttributeDefinitions: [{AttributeName: a, AttributeType: S}], KeySchema: [{AttributeName: a, KeyType: hash}]}",
            "{AttributeDefinitions: [{AttributeName: a, AttributeType: S}], KeySchema: []}",
        ],
        &expect![[r#"
            : `AttributeDefinitions` is missing; add `AttributeDefinitions`
            : `KeySchema` is missing; add `KeySchema`
            .KeySchema[0].KeyType: `hash` is not one of HASH, RANGE; write `HASH`, if that is meant
            : `ProvisionedThroughput` is missing; add `ProvisionedThroughput`
        "#]],
    );
}
