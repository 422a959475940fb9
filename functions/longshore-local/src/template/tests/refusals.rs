//! Templates and types that are refused as a whole, and those that are skipped.

use expect_test::expect;

use super::{check_refused, demo, stack};

#[test]
fn a_type_that_would_be_served_wrong_is_refused() {
    check_refused(
        "
Resources:
  A: {Type: 'AWS::ECS::TaskSet', Properties: {}}
  B: {Type: 'AWS::SQS::Queues'}
  C: {Type: 'AWS::DynamoDB::GlobalTable'}
  D: {Type: 'Custom::Thing'}
  E: {Type: 'AWS::Pipes::Pipe'}
  F: {Type: 'AWS::CloudFormation::Stack'}
  G: {Properties: {}}
  H: text
  I: {Type: 'AWS::SQS::Queue', Propertys: {}}
  J: {Type: 'AWS::SQS::Queue', Properties: []}
",
        &expect![[r#"
            t.yaml:3: Resources.A: resources of type `AWS::ECS::TaskSet` are not served here; give it a `Condition` that is false here
            t.yaml:4: Resources.B: resources of type `AWS::SQS::Queues` are not served here; write `AWS::SQS::Queue`, if that is meant
            t.yaml:5: Resources.C: resources of type `AWS::DynamoDB::GlobalTable` are not served here; write `AWS::DynamoDB::Table`, if that is meant
            t.yaml:6: Resources.D: resources of type `Custom::Thing` are not served here; give it a `Condition` that is false here
            t.yaml:7: Resources.E: resources of type `AWS::Pipes::Pipe` are not served here; write a rule or an event source mapping
            t.yaml:8: Resources.F: resources of type `AWS::CloudFormation::Stack` are not served here; give it a `Condition` that is false here
            t.yaml:9: Resources.G: the resource has no `Type`; add it
            t.yaml:10: Resources.H: a resource is a map; write its `Type` and `Properties`
            t.yaml:11: Resources.I: a resource has no attribute `Propertys`; write `Properties`, if that is meant
            t.yaml:12: Resources.J: `Properties` is a map; write keys and values
        "#]],
    );
}

#[test]
fn a_refused_type_may_be_left_out_by_its_condition() {
    let source = "
Parameters: {Local: {Type: String, Default: 'true'}}
Conditions: {OnAws: !Equals [!Ref Local, 'false']}
Resources:
  Queue: {Type: 'AWS::SQS::Queue'}
  Service: {Type: 'AWS::ECS::TaskSet', Condition: OnAws}
";
    assert_eq!(stack(source).resources.len(), 1);
    assert!(demo(source, &[("Local", "false")]).is_err());
}

#[test]
fn what_changes_nothing_here_is_skipped_and_listed() {
    let source = "
Resources:
  Queue: {Type: 'AWS::SQS::Queue'}
  Role: {Type: 'AWS::IAM::Role'}
  Policy: {Type: 'AWS::SQS::QueuePolicy', DependsOn: Queue}
  Permission: {Type: 'AWS::Lambda::Permission'}
  Plan: {Type: 'AWS::Backup::BackupPlan'}
";
    let skipped = stack(source).skipped;
    let lines: Vec<_> = skipped
        .iter()
        .map(|one| format!("{} {} {}", one.line, one.logical_id, one.type_name))
        .collect();
    expect![[r#"
        4 Role AWS::IAM::Role
        5 Policy AWS::SQS::QueuePolicy
        6 Permission AWS::Lambda::Permission
        7 Plan AWS::Backup::BackupPlan
    "#]]
    .assert_eq(&(lines.join("\n") + "\n"));
}

#[test]
fn sections_and_stack_names_are_checked() {
    check_refused(
        "
AWSTemplateFormatVersion: '2012-10-17'
Resorces: {}
Resources: {Q: {Type: 'AWS::SQS::Queue'}}
",
        &expect![[r#"
            t.yaml:2: AWSTemplateFormatVersion: there is one version of the format; write '2010-09-09'
            t.yaml:3: a template has no section `Resorces`; write `Resources`, if that is meant
        "#]],
    );
    check_refused(
        "{Resources: {}}",
        &expect![[r#"
            t.yaml:1: Resources: a template has 1 to 500 resources, not 0; declare that many
        "#]],
    );
    check_refused(
        "{Description: x}",
        &expect![[r#"
            t.yaml:1: the template has no `Resources`; declare one or more
        "#]],
    );
}

#[test]
fn twenty_problems_are_shown_and_the_rest_counted() {
    let line =
        |at: usize| format!("  Q{at}: {{Type: 'AWS::SQS::Queue', Properties: {{Tag: a}}}}\n");
    let source = format!("Resources:\n{}", (0..25).map(line).collect::<String>());
    let error = demo(&source, &[]).expect_err("each is bad");
    assert_eq!(error.problems.len(), 25);
    let text = error.to_string();
    assert_eq!(text.lines().count(), 21);
    assert!(text.ends_with("t.yaml: and 5 more"), "{text}");
}
