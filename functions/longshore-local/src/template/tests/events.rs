//! Rules and schedules.

use expect_test::expect;

use super::{Resource, check, check_properties, stack};

#[test]
fn rules() {
    check(
        "
Resources:
  Queue: {Type: 'AWS::SQS::Queue', Properties: {QueueName: q}}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      Name: uploads
      State: DISABLED
      EventBusName: default
      EventPattern: {source: [aws.s3], detail: {object: {size: [{numeric: ['>', 0]}]}}}
      Targets:
        - Id: one
          Arn: !GetAtt Queue.Arn
          DeadLetterConfig: {Arn: !GetAtt Queue.Arn}
          SqsParameters: {MessageGroupId: g}
          InputTransformer: {InputPathsMap: {key: $.detail.object.key}, InputTemplate: '{\"k\": <key>}'}
        - {Id: two, Arn: 'arn:aws:lambda:us-east-1:000000000000:function:f:live', Input: '{\"a\": 1}'}
        - {Id: three, Arn: !GetAtt Queue.Arn, InputPath: $.detail}
  Text:
    Type: AWS::Events::Rule
    Properties: {EventPattern: '{\"source\": [\"a\"]}'}
  Ticks:
    Type: AWS::Events::Rule
    Properties: {ScheduleExpression: rate(1 minute), Targets: [{Id: q, Arn: !GetAtt Queue.Arn}]}
",
        &expect![[r#"
            Queue(QueueSpec { name: "q", arn: "arn:aws:sqs:us-east-1:000000000000:q", visibility_secs: 30, retention_secs: 345600, delay_secs: 0, wait_secs: 0, message_bytes_max: 1048576, redrive: None, content_based_deduplication: false })
            Rule(RuleSpec { name: "uploads", arn: "arn:aws:events:us-east-1:000000000000:rule/uploads", pattern: Object {"detail": Object {"object": Object {"size": Array [Object {"numeric": Array [String(">"), Number(0)]}]}}, "source": Array [String("aws.s3")]}, enabled: false, targets: [TargetSpec { id: "one", arn: "arn:aws:sqs:us-east-1:000000000000:q", input_paths: {"key": "$.detail.object.key"}, input_template: Some("{\"k\": <key>}"), message_group: Some("g"), dead_letter_arn: Some("arn:aws:sqs:us-east-1:000000000000:q") }, TargetSpec { id: "two", arn: "arn:aws:lambda:us-east-1:000000000000:function:f", input_paths: {}, input_template: Some("{\"a\": 1}"), message_group: None, dead_letter_arn: None }, TargetSpec { id: "three", arn: "arn:aws:sqs:us-east-1:000000000000:q", input_paths: {"input": "$.detail"}, input_template: Some("<input>"), message_group: None, dead_letter_arn: None }] })
            Rule(RuleSpec { name: "demo-Text", arn: "arn:aws:events:us-east-1:000000000000:rule/demo-Text", pattern: Object {"source": Array [String("a")]}, enabled: true, targets: [] })
            Schedule(ScheduleSpec { name: "demo-Ticks", arn: "arn:aws:events:us-east-1:000000000000:rule/demo-Ticks", expression: "rate(1 minute)", timezone: "UTC", start: None, end: None, window_minutes: 0, enabled: true, target_arn: "arn:aws:sqs:us-east-1:000000000000:q", input: "{\"account\":\"000000000000\",\"detail\":{},\"detail-type\":\"Scheduled Event\",\"id\":\"<aws.scheduler.execution-id>\",\"region\":\"us-east-1\",\"resources\":[\"arn:aws:events:us-east-1:000000000000:rule/demo-Ticks\"],\"source\":\"aws.events\",\"time\":\"<aws.scheduler.scheduled-time>\",\"version\":\"0\"}", message_group: None })
        "#]],
    );
}

#[test]
fn bad_rules_are_refused() {
    check_properties(
        "AWS::Events::Rule",
        &[
            "{Targets: []}",
            "{EventPattern: {}}",
            "{EventPattern: '{'}",
            "{EventPattern: {source: aws.s3}}",
            "{EventPattern: {detail: {key: [{prefx: in/}]}}}",
            "{EventPattern: {source: [a]}, EventBusName: mine}",
            "{EventPattern: {source: [a]}, Targets: [{Id: a, Arn: 'arn:aws:ecs:r:0:cluster/c'}]}",
            "{EventPattern: {source: [a]}, Targets: [{Id: a, Arn: 'arn:aws:sqs:r:0:q', Input: '<a>'}]}",
            "{EventPattern: {source: [a]}, Targets: [{Id: a, Arn: 'arn:aws:sqs:r:0:q', Input: a, InputPath: $.b}]}",
            "{EventPattern: {source: [a]}, Targets: [{Id: a, Arn: 'arn:aws:sqs:r:0:q', InputTransformer: {InputTemplate: ''}}]}",
            "{EventPattern: {source: [a]}, Targets: [{Id: a, Arn: 'arn:aws:sqs:r:0:q', InputTransformer: {InputTemplate: '{\"a\": <b>}'}}]}",
            "{EventPattern: {source: [a]}, Targets: [{Id: a, Arn: 'arn:aws:sqs:r:0:q', DeadLetterConfig: {Arn: 'arn:aws:sqs:r:0:q.fifo'}}]}",
            "{ScheduleExpression: rate(1 minute), Targets: []}",
            "{ScheduleExpression: rate(1 minutes), Targets: [{Id: a, Arn: 'arn:aws:sqs:r:0:q'}]}",
            "{ScheduleExpression: every minute, Targets: [{Id: a, Arn: 'arn:aws:sqs:r:0:q'}]}",
            "{ScheduleExpression: rate(1 minute), EventPattern: {source: [a]}, Targets: [{Id: a, Arn: 'arn:aws:sqs:r:0:q'}]}",
        ],
        &expect![[r#"
            : `EventPattern` is missing; add `EventPattern`
            .EventPattern: event pattern at `$`: an empty object matches nothing; name a field; correct it
            .EventPattern: the pattern is not JSON: EOF while parsing an object at line 1 column 1; write it as a map
            .EventPattern: event pattern at `source`: a field takes an array of values, or an object of fields; correct it
            .EventPattern: event pattern at `detail.key`: there is no operator `prefx`; there are prefix, suffix, equals-ignore-case, wildcard, anything-but, numeric, cidr and exists; correct it
            .EventBusName: there is no event bus `mine` here; write the rule for the bus `default`
            .Targets[0].Arn: `arn:aws:ecs:r:0:cluster/c` is neither a queue nor a function; send to a queue or a function: others are not served here
            .Targets[0].Input: a constant `Input` with `<` in it is not served here; write it as an `InputTransformer`
            .Targets[0]: Input, InputPath and InputTransformer exclude each other; keep one
            .Targets[0].InputTransformer.InputTemplate: the input template has 0 characters, EventBridge takes 1 to 8192; correct it
            .Targets[0].InputTransformer.InputTemplate: the input template uses `<b>`, which is no input path and no variable of EventBridge; define it, or write no `<` (it cannot be escaped); correct it
            .Targets[0].DeadLetterConfig.Arn: a dead-letter queue of a rule is a standard queue; name one
            .ScheduleExpression: a scheduled rule has one target here; write one `AWS::Scheduler::Schedule` for each target
            .ScheduleExpression: write `rate(1 minute)`: 1 takes the singular, every other number the plural; correct it
            .ScheduleExpression: `every minute` is no schedule expression; write rate(…), cron(…) or at(…); correct it
            .EventPattern: a rule with both a pattern and a schedule is not served here; write two rules
        "#]],
    );
}

#[test]
fn a_scheduled_rule_wraps_its_ticks() {
    let source = r#"
Resources:
  Hourly:
    Type: AWS::Events::Rule
    Properties:
      Name: hourly
      ScheduleExpression: rate(1 hour)
      Targets:
        - Id: inbox
          Arn: arn:aws:sqs:us-east-1:000000000000:inbox
          InputTransformer:
            InputPathsMap: {at: $.time}
            InputTemplate: '{"source": "<aws.events.rule-arn>", "at": <at>, "event": <aws.events.event.json>}'
"#;
    let resources = stack(source).resources;
    let Resource::Schedule(rule) = &resources[0].resource else { panic!("{resources:?}") };
    expect![[r#"{"source":"arn:aws:events:us-east-1:000000000000:rule/hourly","at":"<aws.scheduler.scheduled-time>","event":{"account":"000000000000","detail":{},"detail-type":"Scheduled Event","id":"<aws.scheduler.execution-id>","region":"us-east-1","resources":["arn:aws:events:us-east-1:000000000000:rule/hourly"],"source":"aws.events","time":"<aws.scheduler.scheduled-time>","version":"0"}}"#]].assert_eq(&rule.input);
}

#[test]
fn schedules() {
    check(
        "
Resources:
  Queue: {Type: 'AWS::SQS::Queue', Properties: {QueueName: q}}
  Nightly:
    Type: AWS::Scheduler::Schedule
    Properties:
      Name: nightly
      State: DISABLED
      ScheduleExpression: rate(1 day)
      ScheduleExpressionTimezone: Europe/Warsaw
      FlexibleTimeWindow: {Mode: FLEXIBLE, MaximumWindowInMinutes: 5}
      Target:
        Arn: !GetAtt Queue.Arn
        RoleArn: arn:aws:iam::000000000000:role/r
        Input: at <aws.scheduler.scheduled-time>
        SqsParameters: {MessageGroupId: nightly}
        RetryPolicy: {MaximumRetryAttempts: 0}
  Default:
    Type: AWS::Scheduler::Schedule
    Properties:
      ScheduleExpression: rate(1 hour)
      FlexibleTimeWindow: {Mode: 'OFF'}
      Target: {Arn: !GetAtt Queue.Arn, RoleArn: r}
",
        &expect![[r#"
            Queue(QueueSpec { name: "q", arn: "arn:aws:sqs:us-east-1:000000000000:q", visibility_secs: 30, retention_secs: 345600, delay_secs: 0, wait_secs: 0, message_bytes_max: 1048576, redrive: None, content_based_deduplication: false })
            Schedule(ScheduleSpec { name: "nightly", arn: "arn:aws:scheduler:us-east-1:000000000000:schedule/default/nightly", expression: "rate(1 day)", timezone: "Europe/Warsaw", start: None, end: None, window_minutes: 5, enabled: false, target_arn: "arn:aws:sqs:us-east-1:000000000000:q", input: "at <aws.scheduler.scheduled-time>", message_group: Some("nightly") })
            Schedule(ScheduleSpec { name: "demo-Default", arn: "arn:aws:scheduler:us-east-1:000000000000:schedule/default/demo-Default", expression: "rate(1 hour)", timezone: "UTC", start: None, end: None, window_minutes: 0, enabled: true, target_arn: "arn:aws:sqs:us-east-1:000000000000:q", input: "{\"account\":\"000000000000\",\"detail\":\"{}\",\"detail-type\":\"Scheduled Event\",\"id\":\"<aws.scheduler.execution-id>\",\"region\":\"us-east-1\",\"resources\":[\"arn:aws:scheduler:us-east-1:000000000000:schedule/default/demo-Default\"],\"source\":\"aws.scheduler\",\"time\":\"<aws.scheduler.scheduled-time>\",\"version\":\"0\"}", message_group: None })
        "#]],
    );
}

#[test]
fn bad_schedules_are_refused() {
    check_properties(
        "AWS::Scheduler::Schedule",
        &[
            "{ScheduleExpression: rate(1 hour), FlexibleTimeWindow: {Mode: OFF}, Target: {Arn: 'arn:aws:lambda:r:0:function:f', RoleArn: r}}",
            "{ScheduleExpression: rate(1 hour), FlexibleTimeWindow: {Mode: FLEXIBLE}, Target: {Arn: 'arn:aws:lambda:r:0:function:f', RoleArn: r}}",
            "{ScheduleExpression: rate(1 hour), FlexibleTimeWindow: {Mode: 'OFF'}, StartDate: a, Target: {Arn: 'arn:aws:lambda:r:0:function:f', RoleArn: r}}",
            "{ScheduleExpression: rate(1 hour), FlexibleTimeWindow: {Mode: 'OFF'}, Target: {Arn: 'arn:aws:lambda:r:0:function:f', RoleArn: r, Input: '{\"a\": <b>}'}}",
            "{ScheduleExpression: rate(1 hour), FlexibleTimeWindow: {Mode: 'OFF'}, Target: {Arn: 'arn:aws:scheduler:::aws-sdk:ecs:runTask', RoleArn: r}}",
            "{ScheduleExpression: rate(1 hour), FlexibleTimeWindow: {Mode: 'OFF'}, Target: {Arn: 'arn:aws:sqs:r:0:q'}}",
        ],
        &expect![[r#"
            .FlexibleTimeWindow.Mode: `false` is not one of OFF, FLEXIBLE; put it in quotes: YAML reads on, off, yes, no as booleans
            .FlexibleTimeWindow: `MaximumWindowInMinutes` is missing; add `MaximumWindowInMinutes`
            .StartDate: `a` is no instant: expected four digit year (or leading sign for six digit year), but found end of input; write it like 2026-11-23T07:00:00Z
            .Target.Input: the input of a function must be JSON: expected value at line 1 column 7; put `"<aws.scheduler.…>"` in quotes, and check the rest
            .Target.Arn: `arn:aws:scheduler:::aws-sdk:ecs:runTask` is neither a queue nor a function; send to a queue or a function: others are not served here
            .Target: `RoleArn` is missing; add `RoleArn`
        "#]],
    );
}
