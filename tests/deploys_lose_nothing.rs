//! A deploy in the middle of waiting runs loses none: what was frozen starts nothing any more, and
//! the newest settings do; and old and new functions, side by side, keep what the other wrote.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;

use crate::stand::{LEDGER, RunRow, Stand, Template, envelope};

const TRIGGER: &str = "longshore-uploads";
const FAMILY: &str = "longshore-worker";
/// Runs that wait while the deploy happens.
const WAITING: usize = 5;

impl Stand {
    /// What a deploy does to the task definition: a new revision is there, the old one no more.
    async fn deployed(&self) -> String {
        let described = self.ecs.describe_task_definition().task_definition(FAMILY).send().await;
        let old = described.unwrap().task_definition.unwrap();
        let registered = self
            .ecs
            .register_task_definition()
            .family(FAMILY)
            .set_container_definitions(old.container_definitions.clone())
            .set_requires_compatibilities(old.requires_compatibilities.clone())
            .set_network_mode(old.network_mode.clone())
            .set_cpu(old.cpu.clone())
            .set_memory(old.memory.clone())
            .set_task_role_arn(old.task_role_arn.clone())
            .set_execution_role_arn(old.execution_role_arn.clone())
            .send()
            .await;
        let old = old.task_definition_arn.unwrap();
        self.ecs.deregister_task_definition().task_definition(old).send().await.unwrap();
        registered.unwrap().task_definition.unwrap().task_definition_arn.unwrap()
    }

    async fn run_of(&self, key: &str) -> RunRow {
        self.runs_of(key).await.pop().unwrap()
    }

    /// What a newer longshore writes to the run of `key`.
    async fn writes(&self, key: &str, name: &str, value: AttributeValue) {
        let run = self.run_of(key).await;
        let part = |name| AttributeValue::S(run.text(&[name]));
        let update = self.dynamodb.update_item().table_name(LEDGER).key("pk", part("pk"));
        let update = update.key("sk", part("sk")).update_expression("SET #name = :value");
        let update = update.expression_attribute_names("#name", name);
        update.expression_attribute_values(":value", value).send().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_that_wait_are_launched_with_the_new_revision() {
    let stand = Stand::of(&Template::of_repository().quick_deliveries(), &[]);
    stand.upload("known.csv", "id\n1\n").await;
    stand.ended("known.csv").await;
    stand.paused(TRIGGER).await;
    let keys = (0..WAITING).map(|nth| format!("waits-{nth}.csv")).collect::<Vec<_>>();
    for key in &keys {
        stand.upload(key, format!("id\n{key}\n")).await;
        stand.admitted(key).await;
    }

    let revision = stand.deployed().await;
    let version = stand.upload("brings.csv", "id\nbrings\n").await;
    let object = json!({"key": "news.csv", "version-id": version, "sequencer": "01", "size": 1});
    let mut news = envelope(&object);
    news["trigger"]["task"]["definition"] = json!(revision);
    stand.send("inbox", &news.to_string()).await;
    stand.admitted("news.csv").await;

    stand.longshore(&["resume", TRIGGER]).well();
    for key in &keys {
        let run = stand.swept_to_an_end(key).await;
        assert_eq!(run.state(), "succeeded", "{run:?}");
        assert_eq!(run.text(&["target", "definition"]), revision);
    }
    let rows: Vec<_> = stand.items().await.iter().map(|item| item["id"].clone()).collect();
    assert!(keys.iter().all(|key| rows.contains(key)), "{rows:?}");
    assert_eq!(stand.depth("failed").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_longshore_loses_nothing_to_an_older_one() {
    let stand = Stand::of(&Template::of_repository().quick_deliveries(), &[]);
    stand.upload("known.csv", "id\n1\n").await;
    stand.ended("known.csv").await;
    stand.paused(TRIGGER).await;
    for key in ["kept.csv", "newer.csv"] {
        stand.upload(key, format!("id\n{key}\n")).await;
        stand.admitted(key).await;
    }
    stand.writes("kept.csv", "later", AttributeValue::S("is there".into())).await;
    stand.writes("newer.csv", "schema", AttributeValue::N("2".into())).await;
    let newer = stand.run_of("newer.csv").await;

    stand.longshore(&["resume", TRIGGER]).well();
    let kept = stand.swept_to_an_end("kept.csv").await;
    assert_eq!((kept.state(), kept.text(&["later"])), ("succeeded".into(), "is there".into()));
    let left = stand.run_of("newer.csv").await;
    assert_eq!(left.text(&["ver"]), newer.text(&["ver"]), "nobody touches what it cannot read");
    let why = stand.longshore(&["why", &newer.id()]);
    assert_eq!(why.code, Some(1));
    assert!(why.err.contains("was written by a newer longshore (schema 2"), "{why:?}");

    stand.writes("newer.csv", "schema", AttributeValue::N("1".into())).await;
    assert_eq!(stand.swept_to_an_end("newer.csv").await.state(), "succeeded");
}
