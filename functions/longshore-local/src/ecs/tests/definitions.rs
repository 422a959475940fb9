//! Task definitions, clusters and lists over the API.

use serde_json::{Value, json};

use super::{World, run_input, shell, world};

async fn register(world: &World, family: &str) -> Value {
    let input = json!({"family": family, "networkMode": "awsvpc", "cpu": ".25 vCPU",
        "memory": "0.5 GB", "requiresCompatibilities": ["FARGATE"],
        "containerDefinitions": [{"name": "app", "image": "i", "command": ["exit 4"]}]});
    world.call("RegisterTaskDefinition", input).await.unwrap()["taskDefinition"].clone()
}

#[tokio::test]
async fn revisions_count_up_and_the_latest_active_one_is_the_family() {
    let world = world();
    let first = register(&world, "f").await;
    assert_eq!(
        (&first["revision"], &first["status"], &first["cpu"], &first["memory"]),
        (&json!(1), &json!("ACTIVE"), &json!("256"), &json!("512"))
    );
    assert_eq!(first["compatibilities"], json!(["FARGATE"]));
    assert_eq!(first["containerDefinitions"][0]["essential"], true);
    assert_eq!(register(&world, "f").await["revision"], 2);
    let gone = world.call("DeregisterTaskDefinition", json!({"taskDefinition": "f:2"})).await;
    assert_eq!(gone.unwrap()["taskDefinition"]["status"], "INACTIVE");
    let named = json!({"taskDefinition": "f"});
    let latest = world.call("DescribeTaskDefinition", named).await.unwrap();
    assert_eq!(latest["taskDefinition"]["revision"], 1);
    let list = async |input| world.call("ListTaskDefinitions", input).await.unwrap();
    let arns = |revisions: &[u32]| {
        let arn = |n: &u32| format!("arn:aws:ecs:us-east-1:000000000000:task-definition/f:{n}");
        json!(revisions.iter().map(arn).collect::<Vec<_>>())
    };
    assert_eq!(list(json!({"familyPrefix": "f"})).await["taskDefinitionArns"], arns(&[1]));
    assert_eq!(list(json!({"status": "INACTIVE"})).await["taskDefinitionArns"], arns(&[2]));
    register(&world, "f").await;
    assert_eq!(list(json!({"sort": "DESC"})).await["taskDefinitionArns"], arns(&[3, 1]));
    let page = list(json!({"maxResults": 1, "sort": "DESC"})).await;
    assert_eq!(page["taskDefinitionArns"], arns(&[3]));
    let rest = list(json!({"sort": "DESC", "nextToken": page["nextToken"]})).await;
    assert_eq!((&rest["taskDefinitionArns"], &rest["nextToken"]), (&arns(&[1]), &Value::Null));
}

#[tokio::test]
async fn a_new_revision_keeps_the_command_that_stands_for_its_image() {
    let mut world = world();
    world.register("f", vec![shell("app", "exit 1")]);
    assert_eq!(register(&world, "f").await["revision"], 2);
    let task = world.run(run_input("f")).await;
    let end = world.stopped(&task).await;
    assert!(end["taskDefinitionArn"].as_str().unwrap().ends_with("/f:2"));
    assert_eq!(end["containers"][0]["exitCode"], 4);
}

#[tokio::test]
async fn a_templates_definition_takes_the_place_of_its_former_self() {
    let mut world = world();
    world.register("f", vec![shell("app", "exit 1")]);
    world.call("DeregisterTaskDefinition", json!({"taskDefinition": "f:1"})).await.unwrap();
    world.register("f", vec![shell("app", "exit 2")]);
    let task = world.run(run_input("f:1")).await;
    assert_eq!(world.stopped(&task).await["containers"][0]["exitCode"], 2);
}

#[tokio::test]
async fn tasks_are_listed_by_one_filter_and_running_unless_told() {
    let mut world = world();
    world.register("f", vec![shell("app", "exec sleep 60")]);
    world.register("g", vec![shell("app", "exit 0")]);
    let mut input = run_input("f");
    input["startedBy"] = json!("run/1");
    let running = world.run(input).await;
    let ended = world.run(run_input("g")).await;
    world.stopped(&ended).await;
    for (filter, expected) in [
        (json!({}), json!([running])),
        (json!({"startedBy": "run/1"}), json!([running])),
        (json!({"startedBy": "run"}), json!([])),
        (json!({"family": "g"}), json!([])),
        (json!({"family": "g", "desiredStatus": "STOPPED"}), json!([ended])),
        (json!({"desiredStatus": "PENDING"}), json!([])),
        (json!({"launchType": "EC2"}), json!([])),
    ] {
        let mut filter = filter;
        filter["cluster"] = json!("C");
        let listed = world.call("ListTasks", filter.clone()).await.unwrap();
        assert_eq!(listed["taskArns"], expected, "{filter}");
    }
    world.ecs.stop_all(super::PATIENCE).await;
}

#[tokio::test]
async fn a_task_is_described_by_id_and_arn_with_times_in_seconds() {
    let mut world = world();
    world.register("f", vec![shell("app", "exit 0")]);
    let mut input = run_input("f");
    input["tags"] = json!([{"key": "team", "value": "a"}]);
    let arn = world.run(input).await;
    let event = world.stopped(&arn).await;
    let id = arn.rsplit('/').next().unwrap();
    let described = world.describe(id).await;
    let task = &described["tasks"][0];
    assert_eq!(
        (&task["taskArn"], &task["version"], &task["tags"]),
        (&json!(arn), &json!(5), &json!([]))
    );
    assert_eq!(task["group"], "family:f");
    let at: jiff::Timestamp = event["stoppedAt"].as_str().unwrap().parse().unwrap();
    let seconds = task["stoppedAt"].as_f64().unwrap();
    assert!((seconds - at.as_duration().as_secs_f64()).abs() < 0.001, "{seconds} is not {at}");
    let with_tags = json!({"cluster": "C", "tasks": [id], "include": ["TAGS"]});
    let described = world.call("DescribeTasks", with_tags).await.unwrap();
    assert_eq!(described["tasks"][0]["tags"], json!([{"key": "team", "value": "a"}]));
}

#[tokio::test]
async fn clusters_are_made_once_and_described() {
    let world = world();
    let made = world.call("CreateCluster", json!({})).await.unwrap();
    assert_eq!(made["cluster"]["clusterName"], "default");
    assert_eq!(world.call("CreateCluster", json!({})).await.unwrap(), made);
    let named = json!({"clusters": ["C", "X"]});
    let described = world.call("DescribeClusters", named).await.unwrap();
    assert_eq!(described["clusters"][0]["status"], "ACTIVE");
    assert_eq!(described["failures"][0]["reason"], "MISSING");
    let listed = world.call("ListClusters", Value::Null).await.unwrap();
    assert_eq!(listed["clusterArns"].as_array().unwrap().len(), 2);
    let refused = world.call("CreateCluster", json!({"clusterName": "a/b"})).await.unwrap_err();
    assert_eq!(refused.code, "InvalidParameterException");
}
