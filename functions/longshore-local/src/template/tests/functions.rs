//! Functions and event source mappings.

use expect_test::expect;

use super::{check, check_properties, check_refused};

#[test]
fn functions_and_mappings() {
    check(
        "
Resources:
  Queue: {Type: 'AWS::SQS::Queue', Properties: {QueueName: q, VisibilityTimeout: 60}}
  Function:
    Type: AWS::Lambda::Function
    Metadata: {Local: {Command: [./f, !Ref Queue]}}
    Properties:
      FunctionName: f
      Timeout: 60
      MemorySize: '256'
      ReservedConcurrentExecutions: 2
      Environment: {Variables: {A: 1, B: true, C: c}}
      Code: {ZipFile: x}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref Function
      EventSourceArn: !GetAtt Queue.Arn
      BatchSize: 100
      MaximumBatchingWindowInSeconds: 1
      FunctionResponseTypes: [ReportBatchItemFailures]
      ScalingConfig: {MaximumConcurrency: 2}
      Enabled: 'false'
",
        &expect![[r#"
            Queue(QueueSpec { name: "q", arn: "arn:aws:sqs:us-east-1:000000000000:q", visibility_secs: 60, retention_secs: 345600, delay_secs: 0, wait_secs: 0, message_bytes_max: 1048576, redrive: None, content_based_deduplication: false })
            Function(FunctionSpec { logical_id: "Function", name: "f", arn: "arn:aws:lambda:us-east-1:000000000000:function:f", environment: {"A": "1", "B": "true", "C": "c"}, timeout_secs: 60, memory_mb: 256, concurrency_max: Some(2), command: Some(["./f", "http://127.0.0.1:4566/000000000000/q"]) })
            Mapping(MappingSpec { function_arn: "arn:aws:lambda:us-east-1:000000000000:function:f", queue_arn: "arn:aws:sqs:us-east-1:000000000000:q", batch_size: 100, window_secs: 1, reports_failures: true, concurrency_max: Some(2), enabled: false })
        "#]],
    );
}

#[test]
fn bad_functions_are_refused() {
    check_properties(
        "AWS::Lambda::Function",
        &[
            "{Timeout: 901}",
            "{MemorySize: 64}",
            "{Environment: {Variables: {A: [b]}}}",
            "{DurableConfig: {}}",
        ],
        &expect![[r#"
            .Timeout: `901` is not an integer from 1 to 900; give one within these limits
            .MemorySize: `64` is not an integer from 128 to 10240; give one within these limits
            .Environment.Variables.A: a string is wanted, not a list; give a string
            .DurableConfig: `DurableConfig` is not served here; leave it out: functions here are not durable
        "#]],
    );
}

#[test]
fn bad_mappings_are_refused() {
    check_properties(
        "AWS::Lambda::EventSourceMapping",
        &[
            "{FunctionName: f, EventSourceArn: 'arn:aws:sqs:r:0:q', BatchSize: 11}",
            "{FunctionName: f, EventSourceArn: 'arn:aws:sqs:r:0:q.fifo', BatchSize: 11}",
            "{FunctionName: f, EventSourceArn: 'arn:aws:sqs:r:0:q.fifo', MaximumBatchingWindowInSeconds: 1}",
            "{FunctionName: f, EventSourceArn: 'arn:aws:sqs:r:0:q', ScalingConfig: {MaximumConcurrency: 1}}",
            "{FunctionName: f, EventSourceArn: 'arn:aws:sqs:r:0:q', FunctionResponseTypes: [ReportBatchItemFailure]}",
            "{FunctionName: f, EventSourceArn: 'arn:aws:sqs:r:0:q', FilterCriteria: {}}",
            "{FunctionName: f, EventSourceArn: 'arn:aws:kinesis:r:0:s'}",
        ],
        &expect![[r#"
            .BatchSize: a batch of more than 10 needs time to gather; add `MaximumBatchingWindowInSeconds: 1`, or more
            .BatchSize: `11` is not an integer from 1 to 10; give one within these limits
            : a FIFO queue has no batching window; take `MaximumBatchingWindowInSeconds` away
            .ScalingConfig.MaximumConcurrency: `1` is not an integer from 2 to 1000; give one within these limits
            .FunctionResponseTypes[0]: `ReportBatchItemFailure` is not one of ReportBatchItemFailures; write `ReportBatchItemFailures`, if that is meant
            .FilterCriteria: `FilterCriteria` is not served here; filter in the rule that sends to the queue: it is not done here
            .EventSourceArn: `arn:aws:kinesis:r:0:s` is not the ARN of a queue; take `!GetAtt QUEUE.Arn`
        "#]],
    );
}

#[test]
fn a_queue_must_hide_a_message_as_long_as_the_function_works_on_it() {
    check_refused(
        "
Resources:
  Queue: {Type: 'AWS::SQS::Queue'}
  Function: {Type: 'AWS::Lambda::Function', Properties: {Timeout: 31}}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !GetAtt Function.Arn, EventSourceArn: !GetAtt Queue.Arn}
",
        &expect![[r#"
            t.yaml:5: Resources.Mapping: the queue's VisibilityTimeout, 30 s, is below the function's Timeout, 31 s; raise it to 186 (six times)
        "#]],
    );
}
