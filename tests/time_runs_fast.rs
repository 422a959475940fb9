//! `longshore dev --now --speed`: hours of a schedule pass within seconds.

use std::path::Path;

use rustix::process::Signal;
use serde_json::json;

use crate::stand::{RunRow, Stand, Template, eventually};

/// A stand that keeps its state in `dir`, and whose clock shows `now` and runs fast.
fn stand(dir: &Path, now: &str) -> Stand {
    // Of the ticks that were not sent the newest is run.
    let hourly = json!({"expression": "cron(0 * * * ? *)", "catchUp": 1});
    let template = Template::of_repository().quick_deliveries().hourly(&hourly).write(dir);
    let data = dir.join("data").display().to_string();
    let task = "WorkerTask=true";
    Stand::start_with(&[&template, "--data", &data, "--task", task, "--now", now, "--speed", "60"])
}

/// The hours of the ticks, and how each of them ended.
async fn ticks(stand: &Stand) -> Vec<(String, String)> {
    let end = |run: RunRow| {
        let hour = run.text(&["input", "scheduledAt"])[11..16].to_owned();
        (hour, run.text(&["outcome", "class"]))
    };
    let mut ticks: Vec<_> = stand.runs().await.into_iter().map(end).collect();
    ticks.sort();
    ticks
}

#[tokio::test(flavor = "multi_thread")]
async fn ticks_of_an_outage_are_found_and_the_newest_is_run() {
    let dir = tempfile::tempdir().unwrap();
    let mut first = stand(dir.path(), "2026-11-23T08:55:00Z");
    eventually("the tick of nine", || async {
        (ticks(&first).await == [("09:00".into(), "succeeded".into())]).then_some(())
    })
    .await;
    // Of what would be sent from now on nothing is.
    first.dev.end(Signal::KILL);

    let second = stand(dir.path(), "2026-11-23T12:20:00Z");
    let ends = [
        ("09:00", "succeeded"),
        ("10:00", "unheard"),
        ("11:00", "unheard"),
        ("12:00", "succeeded"),
    ];
    let ends = ends.map(|(hour, end)| (hour.to_owned(), end.to_owned()));
    eventually("the ticks of the outage", || async {
        let ticks = ticks(&second).await;
        (ticks.len() >= ends.len() && ticks[..ends.len()] == ends).then_some(())
    })
    .await;
    let runs = second.longshore(&["runs", "--limit", "100"]).well();
    assert!(runs.contains("tick of 2026-11-23T12:00:00Z") && !runs.contains(" -"), "{runs}");
}

/// A rule that ticks, with a trigger as EventBridge fills it in.
const RULE: &str = r#"
  Halves:
    Type: AWS::Events::Rule
    Properties:
      Name: longshore-halves
      ScheduleExpression: cron(0/30 * * * ? *)
      Targets:
        - Id: inbox
          Arn: !GetAtt Inbox.Arn
          SqsParameters: {MessageGroupId: halves}
          InputTransformer:
            InputTemplate: !Sub |-
              {"source": "<aws.events.rule-arn>",
               "trigger": {
                 "name": "halves",
                 "task": {
                   "definition": "${WorkerTask}", "cluster": "${Cluster.Arn}", "container": "worker",
                   "capacity": [{"provider": "FARGATE", "weight": 1}],
                   "network": {"subnets": ["subnet-local"], "securityGroups": ["sg-local"]}},
                 "schedule": {"expression": "cron(0/30 * * * ? *)"}},
               "event": <aws.events.event.json>}
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_may_tick_instead_of_a_schedule() {
    let template = Template::of_repository().and(RULE);
    let arguments =
        ["--task", "WorkerTask=true", "--now", "2036-11-23T08:29:30Z", "--speed", "120"];
    let stand = Stand::of(&template, &arguments);
    eventually("the ticks of two halves of an hour", || async {
        let ends = ["08:30", "09:00"].map(|at| (at.to_owned(), "succeeded".to_owned()));
        let ticks = ticks(&stand).await;
        (ticks.len() >= 2 && ticks[..2] == ends).then_some(())
    })
    .await;
    let schedules = stand.longshore(&["schedules"]).well();
    assert!(schedules.contains("halves") && schedules.contains("cron(0/30"), "{schedules}");
}

/// Rows of the table, by their ids.
async fn ids(stand: &Stand) -> Vec<String> {
    let mut ids: Vec<_> = stand.items().await.iter().map(|item| item["id"].clone()).collect();
    ids.sort();
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_beneath_the_scheduled_prefix_wait_for_the_next_tick() {
    let stand = Stand::start_with(&[
        "--now",
        "2036-11-23T08:51:00Z",
        "--speed",
        "60",
        "--parameter",
        "ScheduledPrefix=hourly/",
        "--parameter",
        "ScheduleExpression=cron(0/10 * * * ? *)",
    ]);
    stand.upload("hourly/1.csv", "id\none\n").await;
    stand.upload("at-once.csv", "id\nat-once\n").await;
    eventually("the row of the upload that waits for nobody", || async {
        (ids(&stand).await == ["at-once"]).then_some(())
    })
    .await;
    eventually("the row of the tick", || async {
        (ids(&stand).await == ["at-once", "one"]).then_some(())
    })
    .await;
    // What was done is not done again: who takes it away misses it.
    let done = stand.dynamodb.delete_item().table_name("longshore-Records");
    let key = aws_sdk_dynamodb::types::AttributeValue::S("one".into());
    done.key("id", key).send().await.unwrap();
    stand.upload("hourly/2.csv", "id\ntwo\n").await;
    eventually("the row of the next tick", || async {
        (ids(&stand).await == ["at-once", "two"]).then_some(())
    })
    .await;
    let schedules = stand.longshore(&["schedules"]).well();
    assert!(schedules.contains("longshore-scheduled"), "{schedules}");
}
