//! Laws over many tasks at once.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{run_input, shell, world};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn versions_grow_by_one_and_in_order_however_many_tasks_run_and_stop() {
    let mut world = world();
    world.register("quick", vec![shell("app", "exit 0"), shell("other", "exit 1")]);
    world.register("slow", vec![shell("app", "exec sleep 60")]);
    let mut tasks: Vec<Value> = Vec::new();
    for family in ["quick", "slow", "quick", "slow"] {
        let mut input = run_input(family);
        input["count"] = json!(10);
        let answer = world.call("RunTask", input).await.unwrap();
        tasks.extend(answer["tasks"].as_array().unwrap().iter().cloned());
    }
    for task in &tasks {
        let stop = json!({"cluster": "C", "task": task["taskArn"]});
        world.call("StopTask", stop).await.unwrap();
    }
    let mut courses: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut stopped = 0;
    while stopped < tasks.len() {
        let event = world.event().await;
        stopped += usize::from(event["lastStatus"] == "STOPPED");
        courses.entry(event["taskArn"].as_str().unwrap().into()).or_default().push(event);
    }
    assert_eq!(courses.len(), tasks.len());
    for (task, events) in courses {
        let versions = events.iter().map(|event| event["version"].as_u64().unwrap());
        let expected = 1..=u64::try_from(events.len()).unwrap();
        assert!(versions.eq(expected), "{task}: {:?}", super::course(&events));
        assert_eq!(events.last().unwrap()["lastStatus"], "STOPPED");
    }
    assert_eq!(world.ecs.state().alive, 0);
}
