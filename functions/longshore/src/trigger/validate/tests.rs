use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::trigger::samples::{parse, refusal, with, without};

mod bad_settings;

/// Checks the sentences that the settings are refused with once each value is put into them.
#[expect(clippy::needless_pass_by_value, reason = "expect![] gives an owned value")]
fn check(values: &[(&str, Value)], expected: Expect) {
    let sentence = |(at, value): &(&str, Value)| {
        refusal(&with(&format!("/trigger{at}"), value.clone())) + "\n"
    };
    expected.assert_eq(&values.iter().map(sentence).collect::<String>());
}

fn subnets(count: usize) -> Value {
    (0..count).map(|n| Value::from(format!("subnet-{n}"))).collect()
}

#[test]
fn a_typing_error_names_the_setting_and_its_neighbours() {
    check(
        &[
            ("/task/contaner", json!("app")),
            ("/retries", json!(3)),
            ("/task/network/subnet", json!("s")),
            ("/retry", json!({"rules": [{"exit": [3], "than": "reject"}]})),
        ],
        expect![[r#"
            trigger.task.contaner: unknown field `contaner`, expected one of `definition`, `cluster`, `container`, `capacity`, `launchType`, `network`, `placement`, `startTimeout`, `timeout`, `cpu`, `memory`, `command`, `env`, `tags`, `platformVersion`, `ephemeralStorage`, `executeCommand`, maybe `container`; correct the settings in the rule's input template
            trigger.retries: unknown field `retries`, expected one of `name`, `task`, `batch`, `concurrency`, `order`, `retry`, `schedule`, `launch`, `queue`, `isolation`; correct the settings in the rule's input template
            trigger.task.network.subnet: unknown field `subnet`, expected one of `subnets`, `securityGroups`, `publicIp`, maybe `subnets`; correct the settings in the rule's input template
            trigger.retry.rules[0].than: unknown field `than`, expected one of `exit`, `reason`, `then`, maybe `then`; correct the settings in the rule's input template
        "#]],
    );
}

#[test]
fn a_wrong_type_says_where_and_what_was_expected() {
    check(
        &[
            ("", json!(null)),
            ("/name", json!(7)),
            ("/task", json!("app")),
            ("/task/capacity", json!("FARGATE")),
            ("/task/capacity", json!([{"provider": "FARGATE", "weight": -1}])),
            ("/task/startTimeout", json!("soon")),
            ("/task/env", json!({"A": 1})),
            ("/task/launchType", json!("fargate")),
            ("/order", json!("newest")),
        ],
        expect![[r#"
            trigger: invalid type: null, expected struct Trigger; correct the settings in the rule's input template
            trigger.name: invalid type: integer `7`, expected a string; correct the settings in the rule's input template
            trigger.task: invalid type: string "app", expected struct TaskSettings; correct the settings in the rule's input template
            trigger.task.capacity: invalid type: string "FARGATE", expected a sequence; correct the settings in the rule's input template
            trigger.task.capacity[0].weight: invalid value: integer `-1`, expected u32; correct the settings in the rule's input template
            trigger.task.startTimeout: `soon` is no duration; write it like `30s`, `5m` or `1h 30m`; correct the settings in the rule's input template
            trigger.task.env.A: invalid type: integer `1`, expected a string; correct the settings in the rule's input template
            trigger.task.launchType: unknown variant `fargate`, expected one of `EC2`, `FARGATE`, `EXTERNAL`, maybe `FARGATE`; correct the settings in the rule's input template
            trigger.order: unknown variant `newest`, expected `latest` or `all`; correct the settings in the rule's input template
        "#]],
    );
    for gone in
        ["/trigger/name", "/trigger/task", "/trigger/task/container", "/trigger/task/definition"]
    {
        let (at, name) = gone.trim_start_matches('/').rsplit_once('/').unwrap();
        let start = format!("{}: missing field `{name}`; correct", at.replace('/', "."));
        let sentence = refusal(&without(&[gone]));
        assert!(sentence.starts_with(&start), "{sentence}");
    }
}

#[test]
fn names_fit_into_ledger_keys() {
    check(
        &[
            ("/name", json!("")),
            ("/name", json!("my uploads")),
            ("/name", json!("a\nb")),
            ("/name", json!("żaglówka")),
        ],
        expect![[r#"
            trigger.name: `` is not 1 to 100 of A-Z a-z 0-9 _ . -; correct the settings in the rule's input template
            trigger.name: `my uploads` is not 1 to 100 of A-Z a-z 0-9 _ . -; correct the settings in the rule's input template
            trigger.name: `a\nb` is not 1 to 100 of A-Z a-z 0-9 _ . -; correct the settings in the rule's input template
            trigger.name: `żaglówka` is not 1 to 100 of A-Z a-z 0-9 _ . -; correct the settings in the rule's input template
        "#]],
    );
    let long = refusal(&with("/trigger/name", json!("n".repeat(101))));
    assert!(long.contains("is not 1 to 100 of"), "{long}");
    assert!(parse(&with("/trigger/name", json!("n".repeat(100)))).is_ok());
}

#[test]
fn a_task_that_cannot_be_launched_as_it_stands_is_refused() {
    let family = "arn:aws:ecs:eu-west-1:111122223333:task-definition/worker";
    check(
        &[
            ("/task/definition", json!(family)),
            ("/task/definition", json!("worker:0")),
            ("/task/definition", json!("worker:latest")),
            ("/task/definition", json!("worker\n")),
            ("/task/cluster", json!("")),
            ("/task/container", json!("")),
            ("/task/launchType", json!("FARGATE")),
            ("/task/capacity", json!([{"provider": "FARGATE"}])),
            ("/task/network/subnets", subnets(0)),
            ("/task/network/subnets", subnets(17)),
            ("/task/network/securityGroups", json!(["1", "2", "3", "4", "5", "6"])),
        ],
        expect![[r#"
            trigger.task.definition: `arn:aws:ecs:eu-west-1:111122223333:task-definition/worker` names no revision, so a deployment could change it under way; correct the settings in the rule's input template
            trigger.task.definition: `worker:0` names no revision, so a deployment could change it under way; correct the settings in the rule's input template
            trigger.task.definition: `worker:latest` names no revision, so a deployment could change it under way; correct the settings in the rule's input template
            trigger.task.definition: `worker\n` names no revision, so a deployment could change it under way; correct the settings in the rule's input template
            trigger.task.cluster: is empty; correct the settings in the rule's input template
            trigger.task.container: is empty; correct the settings in the rule's input template
            trigger.task.capacity: excludes launchType, and both are set; correct the settings in the rule's input template
            trigger.task.capacity: has no item with a weight or a base above 0; correct the settings in the rule's input template
            trigger.task.network.subnets: has 0 subnets, not 1 to 16; correct the settings in the rule's input template
            trigger.task.network.subnets: has 17 subnets, not 1 to 16; correct the settings in the rule's input template
            trigger.task.network.securityGroups: has more than 5 groups; correct the settings in the rule's input template
        "#]],
    );
}

#[test]
fn what_is_just_within_the_bounds_is_taken() {
    for (at, value) in [
        ("network/subnets", subnets(1)),
        ("network/subnets", subnets(16)),
        ("network/securityGroups", json!(["1", "2", "3", "4", "5"])),
        ("capacity", json!([{"provider": "FARGATE", "base": 1}])),
        ("capacity", json!([{"provider": "FARGATE", "base": 100_000, "weight": 1_000}])),
        ("definition", json!("worker:1")),
    ] {
        let envelope = with(&format!("/trigger/task/{at}"), value);
        assert!(parse(&envelope).is_ok(), "{at}: {}", refusal(&envelope));
    }
}

#[test]
fn settings_do_not_touch_variables_of_others() {
    let names =
        ["AWS_PROFILE", "ECS_AGENT_URI", "LD_PRELOAD", "LONGSHORE_KEY", "A=B", "A B", "A\0B", ""];
    check(
        &names.map(|name| ("/task/env", json!({name: "x"}))),
        expect![[r#"
        trigger.task.env.AWS_PROFILE: is reserved; correct the settings in the rule's input template
        trigger.task.env.ECS_AGENT_URI: is reserved; correct the settings in the rule's input template
        trigger.task.env.LD_PRELOAD: is reserved; correct the settings in the rule's input template
        trigger.task.env.LONGSHORE_KEY: is reserved; correct the settings in the rule's input template
        trigger.task.env.A=B: is no name of a variable; correct the settings in the rule's input template
        trigger.task.env.A B: is no name of a variable; correct the settings in the rule's input template
        trigger.task.env.A\0B: is no name of a variable; correct the settings in the rule's input template
        trigger.task.env.: is no name of a variable; correct the settings in the rule's input template
    "#]],
    );
    let taken = json!({"LDAP": "x", "MY_AWS_": "x", "_": "", "A.b-c": "=\n"});
    assert!(parse(&with("/trigger/task/env", taken)).is_ok());
}

#[test]
fn what_is_not_carried_out_is_refused_and_not_ignored() {
    check(
        &[("/isolation", json!("task"))],
        expect![[r#"
        trigger.isolation: is set; take the setting out: this version does not carry it out
    "#]],
    );
    assert!(parse(&with("/trigger/launch", json!("run"))).is_ok());
    assert!(parse(&with("/trigger/batch", json!({"objects": 500, "bytes": "2 GiB"}))).is_ok());
}

#[test]
fn a_pool_needs_its_queue_and_gives_its_workers_no_command() {
    let pool = |queue: Value, command: Value| {
        let mut envelope = with("/trigger/launch", json!("pool"));
        envelope["trigger"]["queue"] = queue;
        envelope["trigger"]["task"]["command"] = command;
        parse(&envelope).map(drop).map_err(|refusal| refusal.to_string())
    };
    let url = || json!("https://sqs.eu-west-1.amazonaws.com/111122223333/work");
    assert_eq!(pool(url(), json!([])), Ok(()));
    let run = parse(&with("/trigger/queue", url())).unwrap_err().to_string();
    let said = [
        pool(Value::Null, json!([])),
        pool(json!("work"), json!([])),
        pool(json!("https://sqs.eu-west-1.amazonaws.com/111122223333/work.fifo"), json!([])),
        pool(url(), json!(["batch"])),
        Err(run),
    ];
    let said = said.map(|said| said.unwrap_err() + "\n").concat();
    expect![[r#"
        trigger.queue: is missing; set it to the URL of the queue that the pool's workers poll, and the scaler scales by
        trigger.queue: is not the URL of a standard queue; set it to the URL of the queue that the pool's workers poll, and the scaler scales by
        trigger.queue: is not the URL of a standard queue; set it to the URL of the queue that the pool's workers poll, and the scaler scales by
        trigger.task.command: is set, and the workers of a pool were started with a command of their own; take it out, and let the workers' task definition run `longshore exec --poll -- cmd`
        trigger.queue: is set, and `launch` is not `pool`; set `"launch": "pool"`, or take `queue` out
    "#]].assert_eq(&said);
}
