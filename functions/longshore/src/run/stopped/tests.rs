use expect_test::expect;
use serde_json::{Value, json};

use super::*;
use crate::trigger::samples::fixture;

mod bad_changes;
mod laws;

#[test]
fn the_fixtures_are_read_as_aws_sent_them() {
    let status = |body: &str| TaskChange::parse(body).unwrap().status;
    assert_eq!(status(fixture!("ecs-task-running")), TaskStatus::Running);
    assert_eq!(status(fixture!("ecs-task-stopped")), TaskStatus::Stopped);
    let spot = fixture!("ecs-task-spot-notice");
    assert_eq!(status(spot), TaskStatus::Running, "a notice is not yet a stop");
    let stopped = TaskChange::parse(fixture!("ecs-task-stopped")).unwrap();
    expect![[r#"
        TaskChange {
            task: "arn:aws:ecs:eu-west-1:111122223333:task/longshore/c13b4cb40f1f4fe4a2971f76ae5a47ad",
            cluster: "arn:aws:ecs:eu-west-1:111122223333:cluster/longshore",
            definition: "arn:aws:ecs:eu-west-1:111122223333:task-definition/longshore-worker:1",
            started_by: "ls/mfrggzdfmztwq2lknnwg23tpob/1/1",
            version: 5,
            status: Stopped,
            containers: [
                StoppedContainer {
                    name: "worker",
                    exit_code: Some(
                        0,
                    ),
                    reason: None,
                },
            ],
            stop_code: Some(
                "EssentialContainerExited",
            ),
            stopped_reason: Some(
                "Essential container in task exited",
            ),
            cpu: Some(
                256,
            ),
            memory: Some(
                512,
            ),
        }
    "#]].assert_debug_eq(&stopped);
}

#[test]
fn what_is_no_task_event_is_refused() {
    let with = |at: &str, value: Value| {
        let mut event: Value = serde_json::from_str(fixture!("ecs-task-stopped")).unwrap();
        event["detail"][at] = value;
        event.to_string()
    };
    let bodies = [
        String::new(),
        "[]".into(),
        "{}".into(),
        fixture!("s3-object-created").into(),
        with("version", json!("5")),
        with("taskArn", Value::Null),
        with("containers", json!([{"exitCode": 0}])),
        with("containers", json!([{"name": "app", "exitCode": 2_147_483_648_u32}])),
    ];
    let sentence = |body: &String| format!("{}\n", TaskChange::parse(body).unwrap_err());
    expect![[r#"
        not an ECS Task State Change event: EOF while parsing a value at line 1 column 0; let the outcomes rule match only those
        not an ECS Task State Change event: invalid length 0, expected an EventBridge event at line 1 column 2; let the outcomes rule match only those
        not an ECS Task State Change event: missing field `source` at line 1 column 2; let the outcomes rule match only those
        not an ECS Task State Change event: unknown variant `Object Created`, expected `ECS Task State Change` at line 4 column 33; let the outcomes rule match only those
        not an ECS Task State Change event: invalid type: string "5", expected i64 at line 1 column 2254; let the outcomes rule match only those
        not an ECS Task State Change event: invalid type: null, expected a string at line 1 column 2029; let the outcomes rule match only those
        not an ECS Task State Change event: missing field `name` at line 1 column 541; let the outcomes rule match only those
        not an ECS Task State Change event: invalid value: integer `2147483648`, expected i32 at line 1 column 549; let the outcomes rule match only those
    "#]].assert_eq(&bodies.iter().map(sentence).collect::<String>());
}

#[test]
fn a_task_of_somebody_else_and_fields_yet_unknown_are_read() {
    let mut event: Value = serde_json::from_str(fixture!("ecs-task-stopped")).unwrap();
    event["detail"].as_object_mut().unwrap().remove("startedBy");
    event["detail"]["lastStatus"] = json!("DEPROVISIONING");
    event["detail"]["new"] = json!({"field": 1});
    let change = TaskChange::parse(&event.to_string()).unwrap();
    assert_eq!((change.started_by.as_str(), change.status), ("", TaskStatus::Other));
}

#[test]
fn nesting_of_any_depth_is_no_crash() {
    let deep = "[".repeat(10_000);
    assert!(TaskChange::parse(&deep).is_err());
    assert!(TaskChange::parse(&format!(r#"{{"detail": {{"x": {deep}"#)).is_err());
    let closed = format!("{deep}{}", "]".repeat(10_000));
    let event = fixture!("ecs-task-stopped").replacen('{', &format!(r#"{{"x": {closed},"#), 1);
    drop(TaskChange::parse(&event));
}
