//! `longshore dev` as its user has it: the real binaries, spoken to by the real SDK.

mod command;
mod ledger;
mod process;
mod proxy;
mod steered;
mod template;
mod ticks;
mod wait;

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_sqs::types::Message;
use aws_types::{SdkConfig, region::Region, sdk_config::SharedCredentialsProvider};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) use command::PROGRAM;
pub(crate) use ledger::{LEDGER, RunRow};
pub(crate) use process::{Dev, dev, kill, pids_with, repository};
pub(crate) use proxy::{Fate, Wire};
pub(crate) use template::Template;
pub(crate) use ticks::tick;
pub(crate) use wait::eventually;

/// Name of the bucket of the stack.
pub(crate) const BUCKET: &str = "longshore-uploads-000000000000";
const RECORDS: &str = "longshore-Records";

/// An item of the records table: strings as they are, numbers with their digits.
pub(crate) type Item = BTreeMap<String, String>;

/// A running AWS with the object flow, and clients for it.
pub(crate) struct Stand {
    pub(crate) dev: Dev,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) ecs: aws_sdk_ecs::Client,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    _template: Option<TempDir>,
}

impl Stand {
    /// The repository's template, without its sample, on a free port.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same with further arguments.
    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        let mut all = vec!["dev", "--port", "0", "--no-sample"];
        all.extend(arguments);
        let dev = Dev::start(&all);
        let sdk = sdk(&dev.endpoint);
        let s3 = aws_sdk_s3::config::Builder::from(&sdk).force_path_style(true).build();
        Self {
            s3: aws_sdk_s3::Client::from_conf(s3),
            sqs: aws_sdk_sqs::Client::new(&sdk),
            ecs: aws_sdk_ecs::Client::new(&sdk),
            dynamodb: aws_sdk_dynamodb::Client::new(&sdk),
            dev,
            _template: None,
        }
    }

    /// Another template than the repository's, with further arguments.
    pub(crate) fn of(template: &Template, arguments: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = template.write(dir.path());
        let mut all = vec![path.as_str()];
        all.extend(arguments);
        Self { _template: Some(dir), ..Self::start_with(&all) }
    }

    /// The repository's template, whose runs get one attempt.
    pub(crate) fn with_one_attempt(arguments: &[&str]) -> Self {
        Self::of(&Template::of_repository().one_attempt(), arguments)
    }

    /// Uploads an object and answers its version id.
    pub(crate) async fn upload(&self, key: &str, body: impl Into<Vec<u8>>) -> String {
        let body = ByteStream::from(body.into());
        let put = self.s3.put_object().bucket(BUCKET).key(key).body(body).send().await;
        put.unwrap().version_id.unwrap()
    }

    /// All items of the records table.
    pub(crate) async fn items(&self) -> Vec<Item> {
        let mut items = Vec::new();
        let mut pages = self.dynamodb.scan().table_name(RECORDS).into_paginator().send();
        while let Some(page) = pages.next().await {
            items.extend(
                page.unwrap().items.unwrap_or_default().into_iter().map(|item| {
                    item.into_iter().map(|(name, value)| (name, text(&value))).collect()
                }),
            );
        }
        items
    }

    /// Sends a body to the queue `name` of the stack as it is.
    pub(crate) async fn send(&self, name: &str, body: &str) {
        let url = self.queue_url(name);
        self.sqs.send_message().queue_url(url).message_body(body).send().await.unwrap();
    }

    /// Waits for the next message of the queue `name` of the stack and takes it.
    pub(crate) async fn take(&self, name: &str) -> Message {
        let url = self.queue_url(name);
        eventually(&format!("a message in {name}"), || async {
            let receive = self.sqs.receive_message().queue_url(&url).wait_time_seconds(1);
            let received = receive.message_attribute_names("All").send().await.unwrap();
            let message = received.messages.unwrap_or_default().pop()?;
            let handle = message.receipt_handle.clone().unwrap();
            self.sqs.delete_message().queue_url(&url).receipt_handle(handle).send().await.unwrap();
            Some(message)
        })
        .await
    }

    /// Messages of the queue `name` that wait, are in flight or delayed.
    pub(crate) async fn depth(&self, name: &str) -> usize {
        let attributes = self.sqs.get_queue_attributes().queue_url(self.queue_url(name));
        let attributes = attributes.attribute_names("All".into()).send().await.unwrap();
        let counts = attributes.attributes.unwrap_or_default();
        let counts =
            counts.iter().filter(|(name, _)| name.as_str().starts_with("ApproximateNumber"));
        counts.map(|(_, count)| count.parse::<usize>().unwrap()).sum()
    }

    fn queue_url(&self, name: &str) -> String {
        format!("{}/000000000000/longshore-{name}", self.dev.endpoint)
    }
}

/// An envelope as the uploads rule writes it, around the event of an object.
pub(crate) fn envelope(object: &Value) -> Value {
    json!({
        "source": "arn:aws:events:us-east-1:000000000000:rule/longshore-uploads",
        "trigger": {
            "name": "longshore-uploads",
            "task": {
                "definition": "arn:aws:ecs:us-east-1:000000000000:task-definition/longshore-worker:1",
                "cluster": "arn:aws:ecs:us-east-1:000000000000:cluster/longshore-Cluster",
                "container": "worker",
                "capacity": [{"provider": "FARGATE", "weight": 1}],
                "network": {"subnets": ["subnet-local"], "securityGroups": ["sg-local"]},
            },
        },
        "event": {
            "version": "0", "id": "17793124-05d4-b198-2fde-7ededc63b103",
            "detail-type": "Object Created", "source": "aws.s3", "account": "000000000000",
            "time": "2026-11-22T00:00:00Z", "region": "us-east-1",
            "resources": [format!("arn:aws:s3:::{BUCKET}")],
            "detail": {"version": "0", "bucket": {"name": BUCKET}, "object": object},
        },
    })
}

fn text(value: &AttributeValue) -> String {
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => text.clone(),
        other => format!("{other:?}"),
    }
}

fn sdk(endpoint: &str) -> SdkConfig {
    let credentials = aws_credential_types::Credentials::new("test", "test", None, None, "tests");
    SdkConfig::builder()
        .behavior_version(aws_sdk_s3::config::BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .sleep_impl(aws_smithy_async::rt::sleep::TokioSleep::new())
        .build()
}
