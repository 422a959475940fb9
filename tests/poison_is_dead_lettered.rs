//! What can never become a run is dead-lettered once, whole, with where, why and what to do.

use serde_json::{Value, json};

use crate::stand::{Stand, envelope};

fn changed(change: impl FnOnce(&mut Value)) -> String {
    let object = json!({"key": "k.csv", "version-id": "v", "sequencer": "01", "size": 1});
    let mut envelope = envelope(&object);
    change(&mut envelope);
    envelope.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn poison_is_set_aside_with_its_reason_and_nothing_else_waits_for_it() {
    let stand = Stand::start();
    let poison = [
        ("not JSON".to_owned(), "message: is not JSON"),
        (
            r#"{"Service":"Amazon S3","Event":"s3:TestEvent"}"#.to_owned(),
            "test event of an S3 notification",
        ),
        (
            changed(|it| it["trigger"]["task"]["contaner"] = json!("worker")),
            "unknown field `contaner`",
        ),
        (changed(|it| it["trigger"]["isolation"] = json!("task")), "trigger.isolation: is set"),
        (changed(|it| it["trigger"]["launch"] = json!("pool")), "trigger.queue: is missing"),
        (changed(|it| it["event"]["detail-type"] = json!("Object Deleted")), "starts no run"),
        (
            changed(|it| it["event"]["detail"]["bucket"]["name"] = json!("foreign")),
            "LONGSHORE_BUCKETS",
        ),
        (
            changed(|it| it["trigger"]["task"]["cluster"] = json!("arn:aws:ecs:::x")),
            "LONGSHORE_CLUSTERS",
        ),
    ];
    for (body, why) in &poison {
        stand.send("inbox", body).await;
        let letter = stand.take("inbox-dead").await;
        assert_eq!(letter.body(), Some(body.as_str()));
        let reason = letter.message_attributes().unwrap()["reason"].string_value().unwrap();
        assert!(reason.contains(why), "{reason}");
        assert!(reason.contains("; "), "it says what to do: {reason}");
    }
    stand.upload("good.csv", "id\n1\n").await;
    assert_eq!(stand.ended("good.csv").await.state(), "succeeded");
    assert_eq!(stand.depth("inbox-dead").await, 0);
    assert_eq!(stand.runs().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_that_is_no_task_event_is_set_aside() {
    let stand = Stand::start();
    stand.send("outcomes", "{\"detail\":{}}").await;
    let letter = stand.take("inbox-dead").await;
    let reason = letter.message_attributes().unwrap()["reason"].string_value().unwrap();
    assert!(reason.contains("not an ECS Task State Change event"), "{reason}");
}
