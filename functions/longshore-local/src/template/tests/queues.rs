//! Queues.

use expect_test::expect;

use super::{check, check_properties};

#[test]
fn queues() {
    check(
        "
Resources:
  Work:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: work
      VisibilityTimeout: '43200'
      MessageRetentionPeriod: 60
      DelaySeconds: 900
      ReceiveMessageWaitTimeSeconds: 20
      MaximumMessageSize: 1024
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: '3'}
  Dead: {Type: 'AWS::SQS::Queue', Properties: {KmsMasterKeyId: alias/aws/sqs}}
",
        &expect![[r#"
            Queue(QueueSpec { name: "work", arn: "arn:aws:sqs:us-east-1:000000000000:work", visibility_secs: 43200, retention_secs: 60, delay_secs: 900, wait_secs: 20, message_bytes_max: 1024, redrive: Some(Redrive { dead_letter_arn: "arn:aws:sqs:us-east-1:000000000000:demo-Dead", receives_max: 3 }), content_based_deduplication: false })
            Queue(QueueSpec { name: "demo-Dead", arn: "arn:aws:sqs:us-east-1:000000000000:demo-Dead", visibility_secs: 30, retention_secs: 345600, delay_secs: 0, wait_secs: 0, message_bytes_max: 1048576, redrive: None, content_based_deduplication: false })
        "#]],
    );
}

#[test]
fn bad_queues_are_refused() {
    check_properties(
        "AWS::SQS::Queue",
        &[
            "{VisibilityTimeout: 43201}",
            "{MessageRetentionPeriod: 59}",
            "{DelaySeconds: -1}",
            "{DelaySeconds: 1.5}",
            "{VisibilityTimeOut: 60}",
            "{RedrivePolicy: '{}'}",
            "{RedrivePolicy: {deadLetterTargetArn: 'arn:aws:sqs:r:0:q'}}",
            "{RedrivePolicy: {DeadLetterTargetArn: x, maxReceiveCount: 1}}",
            "{RedrivePolicy: {deadLetterTargetArn: q, maxReceiveCount: 1}}",
            "{RedrivePolicy: {deadLetterTargetArn: 'arn:aws:sqs:r:0:q', maxReceiveCount: 1001}}",
            "{FifoQueue: true, RedrivePolicy: {deadLetterTargetArn: 'arn:aws:sqs:r:0:q', maxReceiveCount: 1}}",
            "{ContentBasedDeduplication: true}",
        ],
        &expect![[r#"
            .VisibilityTimeout: `43201` is not an integer from 0 to 43200; give one within these limits
            .MessageRetentionPeriod: `59` is not an integer from 60 to 1209600; give one within these limits
            .DelaySeconds: `-1` is not an integer from 0 to 900; give one within these limits
            .DelaySeconds: `1.5` is not an integer from 0 to 900; give one within these limits
            .VisibilityTimeOut: AWS::SQS::Queue has no property `VisibilityTimeOut`; write `VisibilityTimeout`, if that is meant
            .RedrivePolicy: a redrive policy is a map, not a string; write deadLetterTargetArn and maxReceiveCount as keys
            .RedrivePolicy: `maxReceiveCount` is missing; add `maxReceiveCount`
            .RedrivePolicy.DeadLetterTargetArn: a redrive policy has no `DeadLetterTargetArn`; write `deadLetterTargetArn`, if that is meant
            .RedrivePolicy.deadLetterTargetArn: `q` is not the ARN of a queue; take `!GetAtt QUEUE.Arn`
            .RedrivePolicy.maxReceiveCount: `1001` is not an integer from 1 to 1000; give one within these limits
            .RedrivePolicy.deadLetterTargetArn: a queue and its dead-letter queue are both FIFO, or neither; name a queue of the same type
            : `ContentBasedDeduplication` is for FIFO queues; take it away, or add `FifoQueue: true`
        "#]],
    );
}
