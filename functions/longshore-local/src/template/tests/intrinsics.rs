//! Functions, references and conditions.

use expect_test::expect;

use super::{check_outputs, check_refused, outputs, stack};

#[test]
fn functions_give_what_cloudformation_documents() {
    check_outputs(
        r#"
Parameters:
  Subnets: {Type: CommaDelimitedList, Default: 'a, b ,c'}
  Size: {Type: Number, Default: 5}
Mappings:
  Regions: {us-east-1: {ami: ami-1, zones: [x, y]}}
Resources:
  Bucket: {Type: 'AWS::S3::Bucket'}
Outputs:
  Base64: {Value: !Base64 hello}
  FindInMap: {Value: !FindInMap [Regions, !Ref AWS::Region, ami]}
  FindList: {Value: !Select [1, !FindInMap [Regions, us-east-1, zones]]}
  Join: {Value: !Join ['", "', !Ref Subnets]}
  Select: {Value: !Select ['2', !Ref Subnets]}
  Split: {Value: !Join ['|', !Split [':', !GetAtt Bucket.Arn]]}
  Sub: {Value: !Sub '${Bucket}/${Bucket.Arn}/${AWS::Region}/${Size}/${!Literal}/$x'}
  SubMap: {Value: !Sub ['${Own}-${Bucket}', {Own: !Join ['', !Ref Subnets]}]}
  Zones: {Value: !Join [',', !GetAZs '']}
  Length: {Value: !Length [a, b]}
  ToJsonString: {Value: !ToJsonString {b: [1, true], a: !Ref Size}}
"#,
        &expect![[r#"
            Base64 = aGVsbG8=
            FindInMap = ami-1
            FindList = y
            Join = a", "b", "c
            Length = 2
            Select = c
            Split = arn|aws|s3|||demo-bucket-000000000000
            Sub = demo-bucket-000000000000/arn:aws:s3:::demo-bucket-000000000000/us-east-1/5/${Literal}/$x
            SubMap = abc-demo-bucket-000000000000
            ToJsonString = {"a":"5","b":[1,true]}
            Zones = us-east-1a,us-east-1b,us-east-1c
        "#]],
    );
}

#[test]
fn pseudo_parameters_name_the_stack() {
    check_outputs(
        "
Resources: {Q: {Type: 'AWS::SQS::Queue'}}
Outputs:
  All:
    Value: !Sub '${AWS::AccountId} ${AWS::Partition} ${AWS::StackName} ${AWS::URLSuffix}'
  Id: {Value: !Ref AWS::StackId}
  None: {Value: !Join [',', !Ref AWS::NotificationARNs]}
",
        &expect![[r#"
            All = 000000000000 aws demo amazonaws.com
            Id = arn:aws:cloudformation:us-east-1:000000000000:stack/demo/a5e41b67-4276-4396-896e-4975efe9c35b
            None = 
        "#]],
    );
}

#[test]
fn conditions_choose_and_leave_out() {
    let source = "
Parameters: {Stage: {Type: String, Default: dev}}
Conditions:
  Prod: !Equals [!Ref Stage, prod]
  Dev: !Not [!Condition Prod]
  Both: !And [!Condition Prod, !Condition Dev]
  Either: !Or [!Condition Prod, {Condition: Dev}]
Resources:
  Always: {Type: 'AWS::SQS::Queue', Properties: {Tags: [!If [Prod, {Key: a}, !Ref AWS::NoValue]]}}
  Sometimes: {Type: 'AWS::SQS::Queue', Condition: Prod}
Outputs:
  Stage: {Value: !If [Prod, !Ref Sometimes, none]}
  Both: {Value: !If [Both, 1, 0]}
  Either: {Value: !If [Either, 1, 0]}
  OnlyProd: {Condition: Prod, Value: !GetAtt Sometimes.Arn}
";
    expect![[r#"
        Both = 0
        Either = 1
        Stage = none
    "#]]
    .assert_eq(&outputs(source, &[]));
    expect![[r#"
        Both = 0
        Either = 1
        OnlyProd = arn:aws:sqs:us-east-1:000000000000:demo-Sometimes
        Stage = http://127.0.0.1:4566/000000000000/demo-Sometimes
    "#]]
    .assert_eq(&outputs(source, &[("Stage", "prod")]));
}

#[test]
fn no_value_takes_the_property_away() {
    let source = "
Conditions: {Never: !Equals [a, b]}
Resources:
  Q:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: !If [Never, 60, !Ref AWS::NoValue]
      QueueName: !If [Never, named, !Ref AWS::NoValue]
";
    let super::Resource::Queue(queue) = super::only(source) else { panic!("a queue") };
    assert_eq!((queue.visibility_secs, queue.name.as_str()), (30, "demo-Q"));
}

#[test]
fn every_bad_reference_is_told_with_its_remedy() {
    check_refused(
        "
Parameters: {Prefix: {Type: String, Default: a}}
Conditions:
  Never: !Equals [a, b]
  Circle: !Not [!Condition Circle]
  Early: !Equals [!Ref Queue, a]
  Odd: !Sub x
Resources:
  Queue: {Type: 'AWS::SQS::Queue'}
  Gone: {Type: 'AWS::SQS::Queue', Condition: Never}
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Environment:
        Variables:
          A: !Ref Quene
          B: !GetAtt Queue.ARN
          C: !Sub '${Prefx}/${Queue'
          D: !ref Queue
          E: !If [Nope, a, b]
          F: !Ref Gone
          G: !ImportValue other
          H: !Equals [a, b]
          I: !Select [7, [a]]
          J: '{{resolve:ssm:/a/b}}'
          K: {'Fn::Sub': x, Other: y}
          L: !FindInMap [Regions, a, b]
          M: !Join [a]
          N: !Sub '${Prefx}'
  Policy:
    Type: AWS::SQS::QueuePolicy
    DependsOn: [Queue, Bucket]
    Properties: {Queues: [!Ref Queue]}
",
        &expect![[r#"
            t.yaml:5: Conditions.Circle: the condition `Circle` depends on itself; break the circle
            t.yaml:6: Conditions.Early: a condition knows parameters only, and `Queue` is none; declare a parameter
            t.yaml:7: Conditions.Odd: `Fn::Sub` gives no truth; write one of Equals, And, Or, Not, Condition
            t.yaml:16: Resources.Function.Properties.Environment.Variables.A: there is no resource or parameter `Quene`; write `Queue`, if that is meant
            t.yaml:17: Resources.Function.Properties.Environment.Variables.B: AWS::SQS::Queue `Queue` has no attribute `ARN`; write `Arn`, if that is meant
            t.yaml:18: Resources.Function.Properties.Environment.Variables.C: a `${` is not closed by `}`; close it, or write `${!…}` for the characters themselves
            t.yaml:19: Resources.Function.Properties.Environment.Variables.D: CloudFormation has no function `Fn::ref`; write `Ref`, if that is meant
            t.yaml:20: Resources.Function.Properties.Environment.Variables.E: there is no condition `Nope`; declare it under `Conditions`
            t.yaml:21: Resources.Function.Properties.Environment.Variables.F: `Gone` is left out, because its condition is false; choose with `!If` and the same condition
            t.yaml:22: Resources.Function.Properties.Environment.Variables.G: the value of `Fn::ImportValue` is known only to AWS; make it a parameter with a default
            t.yaml:23: Resources.Function.Properties.Environment.Variables.H: `Fn::Equals` gives a truth, not a value; name it under `Conditions`, and choose with `!If` here
            t.yaml:24: Resources.Function.Properties.Environment.Variables.I: there is no item 7 in a list of 1; count from 0
            t.yaml:25: Resources.Function.Properties.Environment.Variables.J: a dynamic reference (`{{resolve:…}}`) is known only to AWS; make the value a parameter
            t.yaml:26: Resources.Function.Properties.Environment.Variables.K: `Fn::Sub` stands beside other keys; let a function be the only key of its map
            t.yaml:27: Resources.Function.Properties.Environment.Variables.L: the template has no `Mappings`; declare the map, or write the value
            t.yaml:28: Resources.Function.Properties.Environment.Variables.M: the function takes a delimiter and a list in a list; write its arguments in this form
            t.yaml:29: Resources.Function.Properties.Environment.Variables.N: there is no resource or parameter `Prefx`; write `Prefix`, if that is meant
            t.yaml:32: Resources.Policy.DependsOn: there is no resource `Bucket`; declare it
        "#]],
    );
}

#[test]
fn a_skipped_resource_may_use_what_only_aws_knows() {
    let source = "
Resources:
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties: {VpcId: !ImportValue vpc, GroupDescription: '{{resolve:ssm:/a}}'}
  Function:
    Type: AWS::Lambda::Function
    Properties: {VpcConfig: {SecurityGroupIds: [!ImportValue sg, !Ref Group]}}
";
    assert_eq!(stack(source).skipped.len(), 1);
}

#[test]
fn circles_and_chains_end() {
    check_refused(
        "
Resources:
  A: {Type: 'AWS::SQS::Queue', Properties: {QueueName: !Sub '${B.QueueName}x'}}
  B: {Type: 'AWS::SQS::Queue', Properties: {QueueName: !Sub '${A.QueueName}x'}}
",
        &expect![[r#"
            t.yaml:3: Resources.A: the name of `A` depends on itself; break the circle
        "#]],
    );
    let link = |at: usize| {
        let name = format!("!Sub 'x${{Q{}.QueueName}}'", at + 1);
        format!("  Q{at}: {{Type: 'AWS::SQS::Queue', Properties: {{QueueName: {name}}}}}\n")
    };
    let chain: String = (0..400).map(link).collect();
    let source = format!("Resources:\n{chain}  Q400: {{Type: 'AWS::SQS::Queue'}}\n");
    let told = outputs(&source, &[]);
    assert!(told.contains("more than 32 names are made of one another"), "{told}");
}
