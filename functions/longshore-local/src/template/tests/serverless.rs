//! Serverless functions, as SAM expands them.

use expect_test::expect;

use super::{Resource, check_outputs, check_refused, only, stack};

#[test]
fn a_function_brings_its_role_and_its_events() {
    let source = "
Transform: AWS::Serverless-2016-10-31
Resources:
  Queue: {Type: 'AWS::SQS::Queue'}
  Work:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: ..
      RolePath: /a/
      Policies: [{SQSPollerPolicy: {QueueName: !GetAtt Queue.QueueName}}]
      Events:
        Inbox:
          Type: SQS
          Properties: {Queue: !GetAtt Queue.Arn, BatchSize: 5, FunctionResponseTypes: [ReportBatchItemFailures]}
        Upload:
          Type: EventBridgeRule
          Properties: {Pattern: {source: [aws.s3]}, InputPath: $.detail}
        Hourly: {Type: Schedule, Properties: {Schedule: rate(1 hour), Enabled: false}}
        Nightly:
          Type: ScheduleV2
          Properties: {ScheduleExpression: rate(1 day), ScheduleExpressionTimezone: Europe/Warsaw, Input: '{}'}
Outputs:
  Role: {Value: !GetAtt WorkRole.Arn}
  Rule: {Value: !GetAtt WorkUpload.Arn}
  NightlyRole: {Value: !Ref WorkNightlyRole}
";
    check_outputs(
        source,
        &expect![[r#"
        NightlyRole = demo-WorkNightlyRole
        Role = arn:aws:iam::000000000000:role/a/demo-WorkRole
        Rule = arn:aws:events:us-east-1:000000000000:rule/demo-WorkUpload
    "#]],
    );
    let resources = stack(source).resources;
    let lines: Vec<_> =
        resources.iter().map(|one| format!("{}: {:?}\n", one.logical_id, one.resource)).collect();
    expect![[r#"
        Queue: Queue(QueueSpec { name: "demo-Queue", arn: "arn:aws:sqs:us-east-1:000000000000:demo-Queue", visibility_secs: 30, retention_secs: 345600, delay_secs: 0, wait_secs: 0, message_bytes_max: 1048576, redrive: None, content_based_deduplication: false })
        Work: Function(FunctionSpec { logical_id: "Work", name: "demo-Work", arn: "arn:aws:lambda:us-east-1:000000000000:function:demo-Work", environment: {}, timeout_secs: 3, memory_mb: 128, concurrency_max: None, command: None })
        WorkInbox: Mapping(MappingSpec { function_arn: "arn:aws:lambda:us-east-1:000000000000:function:demo-Work", queue_arn: "arn:aws:sqs:us-east-1:000000000000:demo-Queue", batch_size: 5, window_secs: 0, reports_failures: true, concurrency_max: None, enabled: true })
        WorkUpload: Rule(RuleSpec { name: "demo-WorkUpload", arn: "arn:aws:events:us-east-1:000000000000:rule/demo-WorkUpload", pattern: Object {"source": Array [String("aws.s3")]}, enabled: true, targets: [TargetSpec { id: "WorkUploadLambdaTarget", arn: "arn:aws:lambda:us-east-1:000000000000:function:demo-Work", input_paths: {"input": "$.detail"}, input_template: Some("<input>"), message_group: None, dead_letter_arn: None }] })
        WorkHourly: Schedule(ScheduleSpec { name: "demo-WorkHourly", arn: "arn:aws:events:us-east-1:000000000000:rule/demo-WorkHourly", expression: "rate(1 hour)", timezone: "UTC", start: None, end: None, window_minutes: 0, enabled: false, target_arn: "arn:aws:lambda:us-east-1:000000000000:function:demo-Work", input: "{\"account\":\"000000000000\",\"detail\":{},\"detail-type\":\"Scheduled Event\",\"id\":\"<aws.scheduler.execution-id>\",\"region\":\"us-east-1\",\"resources\":[\"arn:aws:events:us-east-1:000000000000:rule/demo-WorkHourly\"],\"source\":\"aws.events\",\"time\":\"<aws.scheduler.scheduled-time>\",\"version\":\"0\"}", message_group: None })
        WorkNightly: Schedule(ScheduleSpec { name: "WorkNightly", arn: "arn:aws:scheduler:us-east-1:000000000000:schedule/default/WorkNightly", expression: "rate(1 day)", timezone: "Europe/Warsaw", start: None, end: None, window_minutes: 0, enabled: true, target_arn: "arn:aws:lambda:us-east-1:000000000000:function:demo-Work", input: "{}", message_group: None })
    "#]].assert_eq(&lines.concat());
}

#[test]
fn globals_are_merged_under_the_functions_own() {
    let source = "
Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Globals:
  Function:
    Timeout: 10
    MemorySize: 512
    Environment: {Variables: {A: global, B: global}}
Resources:
  Work:
    Type: AWS::Serverless::Function
    Metadata: {Local: {Command: [./work]}}
    Properties: {Timeout: 20, Role: r, Environment: {Variables: {B: own, C: own}}}
";
    let Resource::Function(function) = only(source) else { panic!("a function") };
    assert_eq!((function.timeout_secs, function.memory_mb), (20, 512));
    let environment: Vec<_> = function.environment.into_iter().map(|(k, v)| k + "=" + &v).collect();
    assert_eq!(environment, ["A=global", "B=own", "C=own"]);
    assert_eq!(function.command, Some(vec!["./work".to_owned()]));
}

#[test]
fn what_a_false_condition_leaves_out_takes_its_events_along() {
    let source = "
Transform: AWS::Serverless-2016-10-31
Conditions: {Never: !Equals [a, b]}
Resources:
  Queue: {Type: 'AWS::SQS::Queue'}
  Work:
    Type: AWS::Serverless::Function
    Condition: Never
    Properties: {Events: {Inbox: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}}}
";
    let stack = stack(source);
    assert_eq!(stack.physical.keys().collect::<Vec<_>>(), ["Queue"]);
    assert_eq!((stack.resources.len(), stack.skipped.len()), (1, 0));
}

#[test]
fn bad_serverless_functions_are_refused() {
    check_refused(
        "
Transform: AWS::Serverless-2016-10-31
Resources:
  Work:
    Type: AWS::Serverless::Function
    Properties:
      CodeURI: .
      Events:
        A: {Type: Api, Properties: {}}
        B: {Type: SQS}
        C: {Type: SQS, Properties: {Queue: !GetAtt Quene.Arn}}
        D: {Type: Schedule, Properties: {Schedule: rate(1 hour), Enabled: !Ref X}}
",
        &expect![[r#"
            t.yaml:7: Resources.Work.Properties.CodeURI: AWS::Serverless::Function has no property `CodeURI`; write `CodeUri`, if that is meant
            t.yaml:9: Resources.Work.Properties.Events.A: events of type `Api` are not served here; send them to a queue, and take an SQS event
            t.yaml:10: Resources.Work.Properties.Events.B: the event has no `Properties`; add them
            t.yaml:11: Resources.Work.Properties.Events.C.Properties.EventSourceArn: there is no resource or parameter `Quene`; declare it
            t.yaml:12: Resources.Work.Properties.Events.D: `Enabled` takes true or false, not a function; use `State`
        "#]],
    );
    check_refused(
        "Resources: {Work: {Type: 'AWS::Serverless::Function'}}",
        &expect![[r#"
            t.yaml:1: Resources.Work: a serverless function needs the SAM transform; add `Transform: AWS::Serverless-2016-10-31`
        "#]],
    );
    check_refused(
        "{Transform: My::Macro, Resources: {Q: {Type: 'AWS::SQS::Queue'}}}",
        &expect![[r#"
            t.yaml:1: Transform: what this transform does is known only to AWS; give the template as it comes out
        "#]],
    );
}
