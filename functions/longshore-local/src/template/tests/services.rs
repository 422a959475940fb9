//! Services.

use expect_test::expect;

use super::{check, check_properties, check_refused, outputs};

#[test]
fn services() {
    check(
        "
Resources:
  Cluster: {Type: 'AWS::ECS::Cluster', Properties: {ClusterName: c}}
  Least:
    Type: AWS::ECS::Service
    Properties: {Cluster: !Ref Cluster, TaskDefinition: !Ref Definition}
  Most:
    Type: AWS::ECS::Service
    Properties:
      ServiceName: most
      Cluster: !GetAtt Cluster.Arn
      TaskDefinition: !Ref Definition
      DesiredCount: '3'
      SchedulingStrategy: REPLICA
      DeploymentController: {Type: ECS}
      CapacityProviderStrategy: [{CapacityProvider: FARGATE_SPOT, Weight: 3}, {CapacityProvider: FARGATE, Weight: 1, Base: 1}]
      NetworkConfiguration: {AwsvpcConfiguration: {AssignPublicIp: DISABLED, Subnets: [subnet-1], SecurityGroups: [sg-1]}}
      DeploymentConfiguration:
        MinimumHealthyPercent: 50
        MaximumPercent: 100
        Alarms: {AlarmNames: [], Enable: false, Rollback: false}
        DeploymentCircuitBreaker: {Enable: true, Rollback: 'true', ThresholdConfiguration: {Type: COUNT, Value: 5}}
      PlacementStrategies: [{Type: spread, Field: 'attribute:ecs.availability-zone'}]
      PropagateTags: SERVICE
      EnableExecuteCommand: false
      Tags: [{Key: Team, Value: a}]
      Monitoring: {}
  Definition:
    Type: AWS::ECS::TaskDefinition
    Properties: {Family: f, ContainerDefinitions: [{Name: app, Image: i}]}
",
        &expect![[r#"
            arn:aws:ecs:us-east-1:000000000000:cluster/c
            arn:aws:ecs:us-east-1:000000000000:service/c/demo-Least {"cluster":"c","serviceName":"demo-Least","taskDefinition":"arn:aws:ecs:us-east-1:000000000000:task-definition/f:1"}
            arn:aws:ecs:us-east-1:000000000000:service/c/most {"capacityProviderStrategy":[{"base":0,"capacityProvider":"FARGATE_SPOT","weight":3},{"base":1,"capacityProvider":"FARGATE","weight":1}],"cluster":"c","deploymentConfiguration":{"deploymentCircuitBreaker":{"enable":true,"resetOnHealthyTask":true,"rollback":true,"thresholdConfiguration":{"type":"COUNT","value":5}},"maximumPercent":100,"minimumHealthyPercent":50},"desiredCount":3,"enableExecuteCommand":false,"networkConfiguration":{"awsvpcConfiguration":{"assignPublicIp":"DISABLED","securityGroups":["sg-1"],"subnets":["subnet-1"]}},"placementStrategy":[{"field":"attribute:ecs.availability-zone","type":"spread"}],"propagateTags":"SERVICE","serviceName":"most","tags":[{"key":"Team","value":"a"}],"taskDefinition":"arn:aws:ecs:us-east-1:000000000000:task-definition/f:1"}
            {"containerDefinitions":[{"image":"i","name":"app"}],"family":"f"}
            [
                ContainerSpec {
                    name: "app",
                    essential: true,
                    command: [],
                    environment: {},
                    stop_timeout_secs: 30,
                    entrypoint: None,
                },
            ]
        "#]],
    );
}

#[test]
fn a_service_gives_its_arn_and_its_name() {
    let source = "
Resources:
  Cluster: {Type: 'AWS::ECS::Cluster', Properties: {ClusterName: c}}
  Service: {Type: 'AWS::ECS::Service', Properties: {Cluster: !Ref Cluster, TaskDefinition: f}}
  Definition:
    Type: AWS::ECS::TaskDefinition
    Properties: {Family: f, ContainerDefinitions: [{Name: app, Image: i}]}
Outputs:
  Reference: {Value: !Ref Service}
  Attribute: {Value: !GetAtt Service.ServiceArn}
  Scaled: {Value: !Sub 'service/${Cluster}/${Service.Name}'}
";
    expect![[r#"
        Attribute = arn:aws:ecs:us-east-1:000000000000:service/c/demo-Service
        Reference = arn:aws:ecs:us-east-1:000000000000:service/c/demo-Service
        Scaled = service/c/demo-Service
    "#]]
    .assert_eq(&outputs(source, &[]));
}

#[test]
fn what_a_service_would_lack_is_refused() {
    check_properties(
        "AWS::ECS::Service",
        &[
            "{Cluster: c}",
            "{TaskDefinition: f, LoadBalancers: [{ContainerName: app}]}",
            "{TaskDefinition: f, ServiceConnectConfiguration: {Enabled: true}}",
            "{TaskDefinition: f, ServiceRegistries: [{Port: 1}]}",
            "{TaskDefinition: f, VolumeConfigurations: [{Name: a}]}",
            "{TaskDefinition: f, SchedulingStrategy: DAEMON}",
            "{TaskDefinition: f, DeploymentController: {Type: CODE_DEPLOY}}",
            "{TaskDefinition: f, DesiredCount: many}",
            "{TaskDefinition: f, DesiredCounts: 1}",
            "{TaskDefinition: f, CapacityProviderStrategy: [{Weight: 1}]}",
            "{TaskDefinition: f, DeploymentConfiguration: {Strategy: BLUE_GREEN}}",
            "{TaskDefinition: f, DeploymentConfiguration: {Alarms: {Enable: true}}}",
            "{TaskDefinition: f, DeploymentConfiguration: {DeploymentCircuitBreaker: {Enable: true}}}",
        ],
        &expect![[r#"
            : `TaskDefinition` is missing; add `TaskDefinition`
            .LoadBalancers: `LoadBalancers` is not served here; leave it out here with `Fn::If`: nothing is behind a load balancer
            .ServiceConnectConfiguration: `ServiceConnectConfiguration` is not served here; leave it out here with `Fn::If`, and use 127.0.0.1
            .ServiceRegistries: `ServiceRegistries` is not served here; leave it out here with `Fn::If`, and use 127.0.0.1
            .VolumeConfigurations: `VolumeConfigurations` is not served here; leave it out here with `Fn::If`: there are no EBS volumes
            .SchedulingStrategy: `SchedulingStrategy: DAEMON` is not served here; write `REPLICA`, or give the service a `Condition`
            .DeploymentController.Type: `Type: CODE_DEPLOY` is not served here; write `ECS`, or give the service a `Condition`
            .DesiredCount: `many` is not an integer from 0 to 5000; give one within these limits
            .DesiredCounts: AWS::ECS::Service has no property `DesiredCounts`; write `DesiredCount`, if that is meant
            .CapacityProviderStrategy[0]: `CapacityProvider` is missing; add `CapacityProvider`
            .DeploymentConfiguration.Strategy: `Strategy: BLUE_GREEN` is not served here; write `ROLLING`, or give the service a `Condition`
            .DeploymentConfiguration.Alarms: deployment alarms are not served here; take it away, or give the service a `Condition`
            .DeploymentConfiguration.DeploymentCircuitBreaker: `Rollback` is missing; add `Rollback`
        "#]],
    );
}

#[test]
fn a_service_needs_a_cluster_and_a_definition_that_are_there() {
    check_refused(
        "
Resources:
  Service: {Type: 'AWS::ECS::Service', Properties: {TaskDefinition: 'f:2'}}
  Twin: {Type: 'AWS::ECS::Service', Properties: {ServiceName: demo-Service, TaskDefinition: f}}
  Definition:
    Type: AWS::ECS::TaskDefinition
    Properties: {Family: f, ContainerDefinitions: [{Name: app, Image: i}]}
",
        &expect![[r#"
            t.yaml:3: Resources.Service: there is no cluster `default`; declare it, and name it with `Ref`
            t.yaml:3: Resources.Service: there is no task definition `f:2`; declare it, and name it with `Ref`
            t.yaml:4: Resources.Twin: `Service` has the same name: service `arn:aws:ecs:us-east-1:000000000000:service/default/demo-Service`; give one of them another name
            t.yaml:4: Resources.Twin: there is no cluster `default`; declare it, and name it with `Ref`
        "#]],
    );
}
