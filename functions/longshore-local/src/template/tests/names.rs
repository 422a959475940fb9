//! What `Ref` and `GetAtt` give, for every type.

use expect_test::expect;

use super::{check_outputs, check_refused, stack};

#[test]
fn ref_and_get_att_give_what_aws_documents() {
    check_outputs(
        "
Resources:
  Bucket: {Type: 'AWS::S3::Bucket'}
  Queue: {Type: 'AWS::SQS::Queue'}
  Fifo: {Type: 'AWS::SQS::Queue', Properties: {FifoQueue: true}}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      StreamSpecification: {StreamViewType: KEYS_ONLY}
  Rule:
    Type: AWS::Events::Rule
    Properties: {EventPattern: {source: [aws.s3]}, Targets: [{Id: q, Arn: !GetAtt Queue.Arn}]}
  Schedule:
    Type: AWS::Scheduler::Schedule
    Properties:
      GroupName: nightly
      FlexibleTimeWindow: {Mode: 'OFF'}
      ScheduleExpression: rate(1 hour)
      Target: {Arn: !GetAtt Queue.Arn, RoleArn: !GetAtt Role.Arn}
  Function: {Type: 'AWS::Lambda::Function'}
  Cluster: {Type: 'AWS::ECS::Cluster'}
  Definition:
    Type: AWS::ECS::TaskDefinition
    Properties: {ContainerDefinitions: [{Name: app, Image: i}]}
  Role: {Type: 'AWS::IAM::Role', Properties: {Path: /a/}}
  Policy: {Type: 'AWS::IAM::ManagedPolicy'}
  Logs: {Type: 'AWS::Logs::LogGroup', Properties: {LogGroupName: /aws/x}}
  Key: {Type: 'AWS::KMS::Key'}
  Group: {Type: 'AWS::EC2::SecurityGroup'}
  Repository: {Type: 'AWS::ECR::Repository'}
  Parameter: {Type: 'AWS::SSM::Parameter', Properties: {Value: v}}
  Other: {Type: 'AWS::Backup::BackupPlan'}
Outputs:
  Bucket: {Value: !Sub '${Bucket} ${Bucket.Arn} ${Bucket.DomainName} ${Bucket.RegionalDomainName}'}
  Queue: {Value: !Sub '${Queue} ${Queue.Arn} ${Queue.QueueName} ${Queue.QueueUrl}'}
  Fifo: {Value: !GetAtt Fifo.QueueName}
  Table: {Value: !Sub '${Table} ${Table.Arn} ${Table.StreamArn}'}
  Rule: {Value: !Sub '${Rule} ${Rule.Arn}'}
  Schedule: {Value: !Sub '${Schedule} ${Schedule.Arn}'}
  Function: {Value: !Sub '${Function} ${Function.Arn}'}
  Cluster: {Value: !Sub '${Cluster} ${Cluster.Arn}'}
  Definition: {Value: !Sub '${Definition} ${Definition.TaskDefinitionArn}'}
  Role: {Value: !Sub '${Role} ${Role.Arn}'}
  Policy: {Value: !Ref Policy}
  Logs: {Value: !Sub '${Logs} ${Logs.Arn}'}
  Key: {Value: !Sub '${Key} ${Key.Arn}'}
  Group: {Value: !Sub '${Group} ${Group.GroupId}'}
  Repository: {Value: !Sub '${Repository} ${Repository.RepositoryUri}'}
  Parameter: {Value: !Sub '${Parameter} ${Parameter.Value}'}
  Other: {Value: !Sub '${Other} ${Other.BackupPlanArn} ${Other.VersionId}'}
",
        &expect![[r#"
            Bucket = demo-bucket-000000000000 arn:aws:s3:::demo-bucket-000000000000 demo-bucket-000000000000.s3.amazonaws.com demo-bucket-000000000000.s3.us-east-1.amazonaws.com
            Cluster = demo-Cluster arn:aws:ecs:us-east-1:000000000000:cluster/demo-Cluster
            Definition = arn:aws:ecs:us-east-1:000000000000:task-definition/demo-Definition:1 arn:aws:ecs:us-east-1:000000000000:task-definition/demo-Definition:1
            Fifo = demo-Fifo.fifo
            Function = demo-Function arn:aws:lambda:us-east-1:000000000000:function:demo-Function
            Group = sg-02aa74676a7e3e298 sg-02aa74676a7e3e298
            Key = cce421dd-818c-4548-83da-f263213ebe05 arn:aws:kms:us-east-1:000000000000:key/cce421dd-818c-4548-83da-f263213ebe05
            Logs = /aws/x arn:aws:logs:us-east-1:000000000000:log-group:/aws/x:*
            Other = demo-Other arn:aws:backup:us-east-1:000000000000:demo-Other demo-Other-versionid
            Parameter = demo-Parameter v
            Policy = arn:aws:iam::000000000000:policy/demo-Policy
            Queue = http://127.0.0.1:4566/000000000000/demo-Queue arn:aws:sqs:us-east-1:000000000000:demo-Queue demo-Queue http://127.0.0.1:4566/000000000000/demo-Queue
            Repository = demo-repository 000000000000.dkr.ecr.us-east-1.amazonaws.com/demo-repository
            Role = demo-Role arn:aws:iam::000000000000:role/a/demo-Role
            Rule = demo-Rule arn:aws:events:us-east-1:000000000000:rule/demo-Rule
            Schedule = demo-Schedule arn:aws:scheduler:us-east-1:000000000000:schedule/nightly/demo-Schedule
            Table = demo-Table arn:aws:dynamodb:us-east-1:000000000000:table/demo-Table arn:aws:dynamodb:us-east-1:000000000000:table/demo-Table/stream/2025-01-01T00:00:00.000
        "#]],
    );
}

#[test]
fn a_name_that_is_too_long_is_cut_the_same_way_each_time() {
    let id = "A".repeat(70);
    let source = format!("Resources: {{{id}: {{Type: 'AWS::Lambda::Function'}}}}");
    let name = stack(&source).physical[&id].clone();
    assert_eq!(name.len(), 64);
    assert!(name.starts_with("demo-AAAA"), "{name}");
    assert_eq!(name, stack(&source).physical[&id]);
    let other = format!("{}B", "A".repeat(70));
    let source = source.replace(&id, &other);
    assert_ne!(name, stack(&source).physical[&other]);
}

#[test]
fn bad_and_doubled_names_are_refused() {
    check_refused(
        "
Resources:
  A: {Type: 'AWS::SQS::Queue', Properties: {QueueName: one}}
  B: {Type: 'AWS::SQS::Queue', Properties: {QueueName: one}}
",
        &expect![[r#"
            t.yaml:4: Resources.B: `A` has the same name: queue `one`; give one of them another name
        "#]],
    );
    check_refused(
        "
Resources:
  A: {Type: 'AWS::SQS::Queue', Properties: {QueueName: 'a b'}}
  B: {Type: 'AWS::S3::Bucket', Properties: {BucketName: Upper}}
  C: {Type: 'AWS::SQS::Queue', Properties: {QueueName: x.fifo}}
  D-E: {Type: 'AWS::SQS::Queue'}
  Table:
    Type: AWS::DynamoDB::Table
    Properties: {}
  F: {Type: 'AWS::Lambda::Function', Properties: {Environment: {Variables: {A: !GetAtt Table.StreamArn}}}}
",
        &expect![[r#"
            t.yaml:3: Resources.A.Properties.QueueName: `a b` is no name for AWS::SQS::Queue; take 1 to 80 letters, digits and hyphens
            t.yaml:4: Resources.B.Properties: `Upper` is no bucket name; take small letters, digits, hyphens and dots
            t.yaml:5: Resources.C.Properties: `x.fifo` does not fit a queue with `FifoQueue: false`; end the name of a FIFO queue, and no other, in `.fifo`
            t.yaml:6: Resources.D-E: `D-E` is no logical id; take letters and digits alone
            t.yaml:7: Resources.Table: the table `Table` has no stream; add `StreamSpecification`
            t.yaml:7: Resources.Table.Properties: `AttributeDefinitions` is missing; add `AttributeDefinitions`
        "#]],
    );
}
