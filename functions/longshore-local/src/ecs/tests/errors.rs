//! What `RunTask` refuses, by AWS's names.

use serde_json::{Value, json};

use super::{run_input, shell, world};

/// The valid request with one member replaced, or removed by null.
fn with(changes: &Value) -> Value {
    let mut input = run_input("app");
    for (name, value) in changes.as_object().unwrap() {
        input[name] = value.clone();
    }
    input
}

fn network(subnets: usize, groups: usize) -> Value {
    json!({"networkConfiguration": {"awsvpcConfiguration":
        {"subnets": vec!["subnet-1"; subnets], "securityGroups": vec!["sg-1"; groups]}}})
}

#[tokio::test]
async fn requests_that_ecs_refuses_are_refused_by_its_names() {
    let world = world();
    world.register("app", vec![shell("app", "exit 0")]);
    let many_tags: Vec<Value> = (0..51).map(|n| json!({"key": format!("k{n}")})).collect();
    let storage = |gib: i64| json!({"overrides": {"ephemeralStorage": {"sizeInGiB": gib}}});
    for (changes, message) in [
        (json!({"taskDefinition": null}), "TaskDefinition can not be blank."),
        (json!({"count": 0}), "count must be from 1 to 10."),
        (json!({"count": 11}), "count must be from 1 to 10."),
        (json!({"launchType": "LAMBDA"}), "Invalid launchType 'LAMBDA'"),
        (json!({"launchType": "EC2"}), "Task definition does not support launch_type EC2."),
        (
            json!({"capacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1}]}),
            "Specifying both a launch type and capacity provider strategy is not supported.",
        ),
        (
            json!({"launchType": null, "capacityProviderStrategy": [{"capacityProvider": "FARGATE"}]}),
            "must have a weight greater than 0",
        ),
        (
            json!({"networkConfiguration": null}),
            "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
        ),
        (network(0, 0), "subnets can not be empty."),
        (network(17, 0), "subnets can have at most 16 items."),
        (network(1, 6), "securityGroups can have at most 5 items."),
        (json!({"startedBy": "a b"}), "startedBy can have up to 128"),
        (json!({"startedBy": "a".repeat(129)}), "startedBy can have up to 128"),
        (json!({"clientToken": "a".repeat(65)}), "clientToken must have 1 to 64"),
        (json!({"clientToken": ""}), "clientToken must have 1 to 64"),
        (json!({"clientToken": "a b"}), "clientToken must have 1 to 64"),
        (json!({"clientToken": "ä"}), "clientToken must have 1 to 64"),
        (
            json!({"overrides": {"containerOverrides": [{"name": "other"}]}}),
            "Override for container named other is not a container in the TaskDefinition.",
        ),
        (
            json!({"overrides": {"containerOverrides": [{"name": "app", "command": ["x".repeat(8_192)]}]}}),
            "Container Overrides length must be at most 8192",
        ),
        (json!({"overrides": {"memory": "4096"}}), "No Fargate configuration exists"),
        (storage(20), "sizeInGiB must be from 21 to 200"),
        (storage(201), "sizeInGiB must be from 21 to 200"),
        (
            json!({"placementStrategy": [{"type": "random"}]}),
            "Placement strategies are not supported with FARGATE launch type.",
        ),
        (json!({"placementStrategy": vec![json!({"type": "random"}); 6]}), "at most 5 items"),
        (json!({"placementStrategy": [{"type": "binpack", "field": "disk"}]}), "binpack field"),
        (
            json!({"placementConstraints": vec![json!({"type": "distinctInstance"}); 11]}),
            "at most 10 items",
        ),
        (json!({"placementConstraints": [{"type": "near"}]}), "placementConstraints type 'near'"),
        (json!({"propagateTags": "SERVICE"}), "Invalid propagateTags 'SERVICE'"),
        (json!({"tags": many_tags}), "Up to 50 tags"),
        (json!({"tags": [{"key": "aws:x"}]}), "no key that begins with aws:"),
        (json!({"enableExecuteCommand": true}), "valid taskRoleArn"),
    ] {
        let refused = world.call("RunTask", with(&changes)).await.unwrap_err();
        assert_eq!(
            (refused.status, refused.code.as_str()),
            (400, "InvalidParameterException"),
            "{changes}"
        );
        assert!(refused.message.contains(message), "{refused} does not say {message}");
    }
}

#[tokio::test]
async fn bounds_themselves_are_admitted() {
    let world = world();
    world.register("app", vec![shell("app", "exit 0")]);
    // `{"containerOverrides":[{"command":["exit 0","…"],"name":"app"}]}` with its own 64 characters.
    let filler = 8_192
        - json!({"containerOverrides": [{"name": "app", "command": ["exit 0", ""]}]})
            .to_string()
            .len();
    for changes in [
        json!({"count": 10}),
        network(16, 5),
        json!({"startedBy": "aZ09-_/".repeat(18)}),
        json!({"clientToken": "~".repeat(64)}),
        json!({"overrides": {"containerOverrides":
            [{"name": "app", "command": ["exit 0", "x".repeat(filler)]}]}}),
        json!({"launchType": null, "capacityProviderStrategy":
            [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]}),
    ] {
        let answer = world.call("RunTask", with(&changes)).await.unwrap();
        assert_eq!(answer["failures"], json!([]), "{changes}");
    }
    world.ecs.stop_all(super::PATIENCE).await;
}

#[tokio::test]
async fn what_is_not_there_or_not_active_has_its_own_name() {
    let world = world();
    world.register("app", vec![shell("app", "exit 0")]);
    for (operation, input, code, message) in [
        (
            "RunTask",
            with(&json!({"cluster": "X"})),
            "ClusterNotFoundException",
            "Cluster not found.",
        ),
        (
            "RunTask",
            with(&json!({"cluster": null})),
            "ClusterNotFoundException",
            "Cluster not found.",
        ),
        (
            "RunTask",
            with(&json!({"taskDefinition": "x"})),
            "ClientException",
            "TaskDefinition not found.",
        ),
        (
            "RunTask",
            with(&json!({"taskDefinition": "app:2"})),
            "ClientException",
            "TaskDefinition not found.",
        ),
        ("RunTask", with(&json!({"count": "two"})), "SerializationException", "invalid type"),
        (
            "DescribeTaskDefinition",
            json!({"taskDefinition": "x"}),
            "ClientException",
            "Unable to describe task definition.",
        ),
        (
            "StopTask",
            json!({"cluster": "C", "task": "0"}),
            "InvalidParameterException",
            "The referenced task was not found.",
        ),
        (
            "DescribeTasks",
            json!({"cluster": "C"}),
            "InvalidParameterException",
            "Tasks cannot be empty.",
        ),
        (
            "DescribeTasks",
            json!({"cluster": "C", "tasks": vec!["0"; 101]}),
            "InvalidParameterException",
            "at most 100",
        ),
        (
            "ListTasks",
            json!({"cluster": "C", "startedBy": "a", "family": "app"}),
            "InvalidParameterException",
            "only filter",
        ),
        (
            "ListTasks",
            json!({"cluster": "C", "startedBy": "a", "desiredStatus": "STOPPED"}),
            "InvalidParameterException",
            "only filter",
        ),
        ("CreateTaskSet", json!({}), "UnknownOperationException", "ECS action `CreateTaskSet`"),
    ] {
        let refused = world.call(operation, input.clone()).await.unwrap_err();
        assert_eq!(refused.code, code, "{operation} {input}");
        assert!(refused.message.contains(message), "{refused} does not say {message}");
    }
    world.call("DeregisterTaskDefinition", json!({"taskDefinition": "app:1"})).await.unwrap();
    for named in ["app:1", "arn:aws:ecs:us-east-1:000000000000:task-definition/app:1"] {
        let input = with(&json!({"taskDefinition": named}));
        let refused = world.call("RunTask", input).await.unwrap_err();
        assert_eq!(refused.to_string(), "ClientException: TaskDefinition is inactive");
    }
}
