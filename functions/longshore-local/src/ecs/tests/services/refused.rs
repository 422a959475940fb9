//! What the actions on services and protection refuse, by AWS's names, and what they list.

use serde_json::{Value, json};

use super::{fast, service, update};
use crate::ecs::tests::run_input;

fn with(mut input: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        input[name] = value.clone();
    }
    input
}

#[tokio::test]
async fn services_that_ecs_refuses_are_refused_by_its_names() {
    let world = fast();
    let rolling = |minimum: u32, maximum: u32| {
        json!({"deploymentConfiguration":
            {"minimumHealthyPercent": minimum, "maximumPercent": maximum}})
    };
    let invalid = "InvalidParameterException";
    let unsupported = "UnsupportedFeatureException";
    for (changes, code, message) in [
        (json!({"cluster": "X"}), "ClusterNotFoundException", "Cluster not found."),
        (json!({"serviceName": null}), invalid, "serviceName must have 1 to 255"),
        (json!({"serviceName": "a b"}), invalid, "serviceName must have 1 to 255"),
        (json!({"desiredCount": null}), invalid, "desiredCount is required"),
        (json!({"desiredCount": -1}), invalid, "desiredCount must be from 0 to 5000"),
        (json!({"desiredCount": 5_001}), invalid, "desiredCount must be from 0 to 5000"),
        (json!({"clientToken": "a".repeat(37)}), invalid, "1 to 36 ASCII characters"),
        (json!({"taskDefinition": "x"}), "ClientException", "TaskDefinition not found."),
        (json!({"taskDefinition": null}), invalid, "TaskDefinition can not be blank."),
        (json!({"networkConfiguration": null}), invalid, "Network Configuration must be provided"),
        (json!({"launchType": "EC2"}), invalid, "does not support launch_type EC2"),
        (rolling(100, 100), invalid, "Both maximumPercent and minimumHealthyPercent cannot be 100"),
        (rolling(101, 200), invalid, "minimumHealthyPercent must be from 0 to 100"),
        (json!({"loadBalancers": [{"containerName": "app"}]}), unsupported, "loadBalancers"),
        (json!({"serviceRegistries": [{"port": 1}]}), unsupported, "serviceRegistries"),
        (json!({"schedulingStrategy": "DAEMON"}), unsupported, "other than REPLICA"),
        (json!({"deploymentController": {"type": "EXTERNAL"}}), unsupported, "other than ECS"),
        (
            json!({"deploymentConfiguration": {"strategy": "BLUE_GREEN"}}),
            unsupported,
            "other than ROLLING",
        ),
    ] {
        let refused = world.call("CreateService", with(service(1), &changes)).await.unwrap_err();
        assert_eq!((refused.status, refused.code.as_str()), (400, code), "{changes}");
        assert!(refused.message.contains(message), "{refused} does not say {message}");
    }
    let nothing = json!({"cluster": "C", "services": ["s", "t"]});
    let answer = world.ok("DescribeServices", nothing).await;
    assert_eq!(
        answer["failures"][1],
        json!({"arn": "arn:aws:ecs:us-east-1:000000000000:service/C/t", "reason": "MISSING"})
    );
    assert_eq!(answer["failures"].as_array().unwrap().len(), 2, "nothing was made");
}

#[tokio::test]
async fn actions_on_what_is_not_there_are_refused_by_its_names() {
    let world = fast();
    let alone = world.run(run_input("app")).await;
    let protect = |changes: &Value| {
        with(json!({"cluster": "C", "tasks": [alone], "protectionEnabled": true}), changes)
    };
    let invalid = "InvalidParameterException";
    let not_found = ("ServiceNotFoundException", "Service not found.");
    for (operation, input, (code, message)) in [
        ("UpdateService", update(&json!({"desiredCount": 1})), not_found),
        ("DeleteService", update(&json!({})), not_found),
        ("ListTasks", json!({"cluster": "C", "serviceName": "s"}), not_found),
        (
            "UpdateService",
            update(&json!({"cluster": "X"})),
            ("ClusterNotFoundException", "Cluster not found."),
        ),
        ("DescribeServices", json!({"cluster": "C"}), (invalid, "Services cannot be empty.")),
        (
            "DescribeServices",
            json!({"cluster": "C", "services": vec!["s"; 11]}),
            (invalid, "at most 10 items"),
        ),
        ("ListServices", json!({"cluster": "C", "maxResults": 101}), (invalid, "from 1 to 100")),
        ("UpdateTaskProtection", protect(&json!({"tasks": []})), (invalid, "cannot be empty")),
        (
            "UpdateTaskProtection",
            protect(&json!({"tasks": vec!["a"; 11]})),
            (invalid, "at most 10 items"),
        ),
        (
            "UpdateTaskProtection",
            protect(&json!({"expiresInMinutes": 2_881})),
            (invalid, "from 1 to 2880"),
        ),
        (
            "UpdateTaskProtection",
            protect(&json!({"expiresInMinutes": 0})),
            (invalid, "from 1 to 2880"),
        ),
        (
            "UpdateTaskProtection",
            protect(&json!({"protectionEnabled": null})),
            (invalid, "protectionEnabled is required."),
        ),
        (
            "GetTaskProtection",
            protect(&json!({"tasks": vec!["a"; 101]})),
            (invalid, "at most 100 items"),
        ),
    ] {
        let refused = world.call(operation, input.clone()).await.unwrap_err();
        assert_eq!(refused.code, code, "{operation} {input}");
        assert!(refused.message.contains(message), "{refused} does not say {message}");
    }
    for operation in ["GetTaskProtection", "UpdateTaskProtection"] {
        let answer = world.ok(operation, protect(&json!({"tasks": [alone, "0"]}))).await;
        let reasons = answer["failures"].as_array().unwrap().iter().map(|it| &it["reason"]);
        assert_eq!(reasons.collect::<Vec<_>>(), ["TASK_NOT_VALID", "MISSING"], "{operation}");
        assert_eq!(answer["protectedTasks"], json!([]), "{operation}");
    }
    world.ecs.stop_all(super::super::PATIENCE).await;
}

#[tokio::test]
async fn a_service_is_made_once_and_listed_by_pages() {
    let world = fast();
    let first = world.ok("CreateService", service(0)).await;
    let again = world.ok("CreateService", service(0)).await;
    let id = |answer: &Value| answer["service"]["deployments"][0]["id"].clone();
    assert_eq!(id(&first), id(&again), "the same call makes nothing new");
    let other = world.call("CreateService", service(1)).await.unwrap_err();
    assert_eq!(
        other.to_string(),
        "InvalidParameterException: Creation of service was not idempotent."
    );
    for n in 0..12 {
        let named = json!({"serviceName": format!("t{n:02}")});
        world.ok("CreateService", with(service(0), &named)).await;
    }
    let page = world.ok("ListServices", json!({"cluster": "C"})).await;
    assert_eq!(page["serviceArns"].as_array().unwrap().len(), 10);
    let rest = json!({"cluster": "C", "nextToken": page["nextToken"]});
    let rest = world.ok("ListServices", rest).await;
    assert_eq!(rest["serviceArns"].as_array().unwrap().len(), 3);
    assert_eq!(rest["nextToken"], Value::Null);
    let clusters = world.ok("DescribeClusters", json!({"clusters": ["C"]})).await;
    assert_eq!(clusters["clusters"][0]["activeServicesCount"], 13);
}
