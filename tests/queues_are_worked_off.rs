//! The messages of a queue become rows, and a worker that is killed loses none of them.

mod bad_parts;
mod half_done;

use std::{
    collections::BTreeMap,
    process::{Child, Command},
};

use aws_sdk_sqs::types::QueueAttributeName;
use rustix::process::Signal;

use crate::stand::{PROGRAM, Stand, Template, eventually, kill};

const BUCKET: &str = "queued";
const OBJECTS: usize = 40;
const ROWS: usize = 30;

/// A bucket whose events a rule sends straight to a queue, and one that nobody watches.
const RESOURCES: &str = r#"
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: queued
      NotificationConfiguration: {EventBridgeConfiguration: {EventBridgeEnabled: true}}
  Unwatched:
    Type: AWS::S3::Bucket
    Properties: {BucketName: unwatched}
  Queue:
    Type: AWS::SQS::Queue
    Properties: {QueueName: work}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [aws.s3], detail-type: [Object Created], detail: {bucket: {name: [queued]}}}
      Targets: [{Id: work, Arn: !GetAtt Queue.Arn}]
"#;

fn worker(stand: &Stand, url: &str) -> Child {
    command(stand, url).spawn().unwrap()
}

fn command(stand: &Stand, url: &str) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(["worker", "poll", "--slots", "4", "--queue", url]);
    command.envs([
        ("AWS_ENDPOINT_URL", stand.dev.endpoint.as_str()),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("LONGSHORE_TABLE", "longshore-Records"),
        ("LONGSHORE_KEY_FIELD", "id"),
        ("LONGSHORE_DEAD_LETTER_BUCKET", "unwatched"),
        ("LONGSHORE_DEAD_LETTER_PREFIX", "aside/"),
        ("LONGSHORE_CLOCK", stand.dev.clock.as_deref().unwrap()),
    ]);
    command
}

async fn upload(stand: &Stand, number: usize, version: &str) {
    let rows: Vec<_> = (0..ROWS).map(|row| format!("{number}-{row},{version}\n")).collect();
    let rows = rows.concat();
    let body = format!("id,version\n{rows}").into_bytes().into();
    let put = stand.s3.put_object().bucket(BUCKET).key(format!("{number}.csv")).body(body);
    put.send().await.unwrap();
}

/// Messages that are visible, and those that somebody holds.
async fn depth(stand: &Stand, url: &str) -> usize {
    let names = [
        QueueAttributeName::ApproximateNumberOfMessages,
        QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
    ];
    let call = stand.sqs.get_queue_attributes().queue_url(url);
    let answer = call.set_attribute_names(Some(names.to_vec())).send().await.unwrap();
    let attributes = answer.attributes.unwrap();
    names.iter().map(|name| attributes[name].parse::<usize>().unwrap()).sum()
}

fn url(stand: &Stand) -> String {
    format!("{}/000000000000/work", stand.dev.endpoint)
}

async fn emptied(stand: &Stand, url: &str) {
    let empty = || async { (depth(stand, url).await == 0).then_some(()) };
    eventually("the end of the queue", empty).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_is_worked_off_although_its_worker_is_killed() {
    let template = Template::of_repository().and(RESOURCES);
    let stand = Stand::of(&template, &["--speed", "20"]);
    let url = url(&stand);
    for number in 0..OBJECTS {
        upload(&stand, number, "old").await;
    }
    let mut first = worker(&stand, &url);
    let begun = || async { (!stand.items().await.is_empty()).then_some(()) };
    eventually("a row", begun).await;
    kill(first.id(), Signal::KILL);
    first.wait().unwrap();
    assert!(depth(&stand, &url).await > 0, "it was killed in the middle");
    for number in 0..5 {
        upload(&stand, number, "new").await;
    }
    let mut second = worker(&stand, &url);
    emptied(&stand, &url).await;
    let found: BTreeMap<_, _> = stand
        .items()
        .await
        .into_iter()
        .map(|item| (item["id"].clone(), item["version"].clone()))
        .collect();
    let version = |number| if number < 5 { "new" } else { "old" };
    let rows = (0..OBJECTS).flat_map(|number| (0..ROWS).map(move |row| (number, row)));
    let truth: BTreeMap<_, _> =
        rows.map(|(number, row)| (format!("{number}-{row}"), version(number).to_owned())).collect();
    assert_eq!(found, truth);
    kill(second.id(), Signal::TERM);
    assert_eq!(second.wait().unwrap().code(), Some(0));
}
