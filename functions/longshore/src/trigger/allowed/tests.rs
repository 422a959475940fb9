use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::Allowed;
use crate::trigger::{
    LaunchMode,
    samples::{envelope, parse, with},
};

fn allowed() -> Allowed {
    Allowed {
        buckets: vec!["amzn-s3-demo-bucket1".into()],
        clusters: vec!["arn:aws:ecs:eu-west-1:111122223333:cluster/longshore".into()],
        subnets: vec!["subnet-1".into(), "subnet-2".into()],
        queues: vec!["https://sqs.eu-west-1.amazonaws.com/111122223333/work".into()],
    }
}

/// Checks the sentences that a good envelope is refused with once each value is put into it.
#[expect(clippy::needless_pass_by_value, reason = "expect![] gives an owned value")]
fn check(values: &[(&str, Value)], expected: Expect) {
    let sentence = |(at, value): &(&str, Value)| {
        let envelope = parse(&with(at, value.clone())).unwrap();
        format!("{}\n", allowed().check(&envelope).unwrap_err())
    };
    expected.assert_eq(&values.iter().map(sentence).collect::<String>());
}

#[test]
fn what_the_function_was_deployed_with_is_allowed() {
    let envelope = parse(&envelope()).unwrap();
    assert_eq!(allowed().check(&envelope), Ok(()));
    assert!(Allowed::default().check(&envelope).is_err(), "nothing is allowed by default");
}

#[test]
fn only_the_queues_of_its_pools_are_sent_to() {
    let mut envelope = parse(&envelope()).unwrap();
    for (queue, is_allowed) in [("work", true), ("others", false)] {
        let url = format!("https://sqs.eu-west-1.amazonaws.com/111122223333/{queue}");
        (envelope.trigger.launch, envelope.trigger.queue) = (LaunchMode::Pool, Some(url));
        assert_eq!(allowed().check(&envelope).is_ok(), is_allowed, "{queue}");
    }
    let refusal = allowed().check(&envelope).unwrap_err();
    assert_eq!(refusal.at, "trigger.queue");
}

#[test]
fn names_of_others_are_refused() {
    check(
        &[
            ("/event/detail/bucket/name", json!("evil")),
            ("/event/detail/bucket/name", json!("amzn-s3-demo-bucket1\n")),
            ("/trigger/task/cluster", json!("longshore")),
            ("/trigger/task/network/subnets", json!(["subnet-1", "subnet-3"])),
        ],
        expect![[r#"
            event.detail.bucket.name: `evil` is not in LONGSHORE_BUCKETS; if it is meant to be allowed, add it to the function's variables in the template
            event.detail.bucket.name: `amzn-s3-demo-bucket1\n` is not in LONGSHORE_BUCKETS; if it is meant to be allowed, add it to the function's variables in the template
            trigger.task.cluster: `longshore` is not in LONGSHORE_CLUSTERS; if it is meant to be allowed, add it to the function's variables in the template
            trigger.task.network.subnets: `subnet-3` is not in LONGSHORE_SUBNETS; if it is meant to be allowed, add it to the function's variables in the template
        "#]],
    );
}
