//! Task events that nobody should send, each under its number in the list of bad inputs: which
//! run it is taken for and how the run would end, or why it is refused.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::{
    run::{LaunchId, TaskChange, classify},
    trigger::samples::fixture,
};

fn stopped() -> Value {
    serde_json::from_str(fixture!("ecs-task-stopped")).unwrap()
}

/// The event with `value` at the JSON pointer `at`, whose last name may be new.
fn with(at: &str, value: Value) -> Value {
    let mut event = stopped();
    let (parent, name) = at.rsplit_once('/').unwrap();
    event.pointer_mut(parent).unwrap()[name] = value;
    event
}

fn without(at: &str) -> Value {
    let mut event = stopped();
    let (parent, name) = at.rsplit_once('/').unwrap();
    event.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
    event
}

/// What becomes of an event, in one line.
fn fate(label: &str, body: &str) -> String {
    let change = match TaskChange::parse(body) {
        Ok(change) => change,
        Err(refusal) => return format!("{label}: REFUSED {refusal}\n"),
    };
    let run = match change.started_by.parse::<LaunchId>() {
        Ok(launch) => launch.to_string(),
        Err(_) => return format!("{label}: of nobody we know, {:?}\n", change.started_by),
    };
    let outcome = classify(&change, "worker", None, &[]);
    let (status, version) = (change.status, change.version);
    let class = outcome.class.word();
    format!("{label}: {run} {status:?} v{version}, {class}: {}\n", outcome.reason)
}

#[expect(clippy::needless_pass_by_value, reason = "expect![] gives an owned value")]
fn check(rows: &[(&str, Value)], expected: Expect) {
    let fates: String = rows.iter().map(|(label, body)| fate(label, &body.to_string())).collect();
    expected.assert_eq(&fates);
}

#[test]
fn bodies_that_are_no_task_event() {
    let good = stopped().to_string();
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    let version =
        |number: &str| with("/detail/version", json!("V")).to_string().replace("\"V\"", number);
    let twice = |name: &str, value: &str| {
        let (before, after) = good.rsplit_once(&format!("\"{name}\":")).unwrap();
        format!("{before}\"{name}\":{value},\"{name}\":{after}")
    };
    let rows = [
        ("15 not JSON", "stopped".to_owned()),
        ("15 half of it", good[..good.len() / 2].to_owned()),
        ("16 nothing in it", "{}".to_owned()),
        ("16 S3's test event", r#"{"Event":"s3:TestEvent"}"#.to_owned()),
        ("21 event of S3", fixture!("s3-object-created").to_owned()),
        ("23 deep", deep.clone()),
        ("23 deep in a field that is read", good.replace("\"aws.ecs\"", &deep)),
        ("24 status twice", twice("lastStatus", "\"RUNNING\"")),
        ("24 detail twice", twice("detail", &stopped()["detail"].to_string())),
        ("24 field that is ignored", twice("launchType", "\"EC2\"")),
        ("25 beyond any float", version("1e999")),
        ("25 no number", version("NaN")),
        ("25 minus zero", version("-0")),
        ("25 a float", version("5.0")),
        ("25 2^63", version("9223372036854775808")),
        ("26 byte order mark", format!("\u{feff}{good}")),
        ("27 wrapped by SNS", json!({"Type": "Notification", "Message": good}).to_string()),
        ("27 wrapped by SQS", json!({"Records": [{"body": good}]}).to_string()),
    ];
    let fates: String = rows.iter().map(|(label, body)| fate(label, body)).collect();
    expect![[r#"
        15 not JSON: REFUSED not an ECS Task State Change event: expected value at line 1 column 1; let the outcomes rule match only those
        15 half of it: REFUSED not an ECS Task State Change event: EOF while parsing a string at line 1 column 1259; let the outcomes rule match only those
        16 nothing in it: REFUSED not an ECS Task State Change event: missing field `source` at line 1 column 2; let the outcomes rule match only those
        16 S3's test event: REFUSED not an ECS Task State Change event: missing field `source` at line 1 column 24; let the outcomes rule match only those
        21 event of S3: REFUSED not an ECS Task State Change event: unknown variant `Object Created`, expected `ECS Task State Change` at line 4 column 33; let the outcomes rule match only those
        23 deep: REFUSED not an ECS Task State Change event: expected value at line 1 column 2; let the outcomes rule match only those
        23 deep in a field that is read: REFUSED not an ECS Task State Change event: expected value at line 1 column 2466; let the outcomes rule match only those
        24 status twice: REFUSED not an ECS Task State Change event: duplicate field `lastStatus` at line 1 column 1446; let the outcomes rule match only those
        24 detail twice: REFUSED not an ECS Task State Change event: duplicate field `detail` at line 1 column 2262; let the outcomes rule match only those
        24 field that is ignored: ls/mfrggzdfmztwq2lknnwg23tpob/1/1 Stopped v5, succeeded: the work is done
        25 beyond any float: REFUSED not an ECS Task State Change event: number out of range at line 1 column 2256; let the outcomes rule match only those
        25 no number: REFUSED not an ECS Task State Change event: expected value at line 1 column 2252; let the outcomes rule match only those
        25 minus zero: REFUSED not an ECS Task State Change event: invalid type: floating point `-0.0`, expected i64 at line 1 column 2253; let the outcomes rule match only those
        25 a float: REFUSED not an ECS Task State Change event: invalid type: floating point `5.0`, expected i64 at line 1 column 2254; let the outcomes rule match only those
        25 2^63: REFUSED not an ECS Task State Change event: invalid value: integer `9223372036854775808`, expected i64 at line 1 column 2270; let the outcomes rule match only those
        26 byte order mark: REFUSED not an ECS Task State Change event: expected value at line 1 column 1; let the outcomes rule match only those
        27 wrapped by SNS: REFUSED not an ECS Task State Change event: missing field `source` at line 1 column 2813; let the outcomes rule match only those
        27 wrapped by SQS: REFUSED not an ECS Task State Change event: missing field `source` at line 1 column 2802; let the outcomes rule match only those
    "#]].assert_eq(&fates);
}

#[test]
fn fields_that_are_new_missing_or_strange() {
    check(
        &[
            ("17 fields yet unknown", with("/detail/new", json!([{"deep": {}}]))),
            ("17 status yet unknown", with("/detail/lastStatus", json!("HIBERNATING"))),
            ("17 stop code yet unknown", with("/detail/stopCode", json!("SolarStorm"))),
            ("17 no stop code", without("/detail/stopCode")),
            ("17 stop code is null", with("/detail/stopCode", Value::Null)),
            ("17 event yet unknown", with("/detail-type", json!("ECS Task Mood Change"))),
            ("18 no version", without("/detail/version")),
            ("18 no status", without("/detail/lastStatus")),
            ("18 no task", without("/detail/taskArn")),
            ("18 no cluster", without("/detail/clusterArn")),
            ("18 no task definition", without("/detail/taskDefinitionArn")),
            ("18 no reason", without("/detail/stoppedReason")),
            ("18 no containers", without("/detail/containers")),
            ("18 containers are null", with("/detail/containers", Value::Null)),
            ("19 version is a text", with("/detail/version", json!("5"))),
            ("19 version is negative", with("/detail/version", json!(-1))),
            ("19 exit code of 2^31", with("/detail/containers/0/exitCode", json!(1_u64 << 31))),
            ("19 exit code is a text", with("/detail/containers/0/exitCode", json!("0"))),
            ("19 exit code is null", with("/detail/containers/0/exitCode", Value::Null)),
            ("31 year 9999", with("/time", json!("9999-12-31T23:59:59Z"))),
            ("31 stopped in 1969", with("/detail/stoppedAt", json!("1969-12-31T23:59:59Z"))),
        ],
        expect![[r#"
            17 fields yet unknown: ls/mfrggzdfmztwq2lknnwg23tpob/1/1 Stopped v5, succeeded: the work is done
            17 status yet unknown: ls/mfrggzdfmztwq2lknnwg23tpob/1/1 Other v5, succeeded: the work is done
            17 stop code yet unknown: ls/mfrggzdfmztwq2lknnwg23tpob/1/1 Stopped v5, unknown: SolarStorm: Essential container in task exited
            17 no stop code: ls/mfrggzdfmztwq2lknnwg23tpob/1/1 Stopped v5, succeeded: the work is done
            17 stop code is null: ls/mfrggzdfmztwq2lknnwg23tpob/1/1 Stopped v5, succeeded: the work is done
            17 event yet unknown: REFUSED not an ECS Task State Change event: unknown variant `ECS Task Mood Change`, expected `ECS Task State Change` at line 1 column 2290; let the outcomes rule match only those
            18 no version: REFUSED not an ECS Task State Change event: missing field `version` at line 1 column 2241; let the outcomes rule match only those
            18 no status: REFUSED not an ECS Task State Change event: missing field `lastStatus` at line 1 column 2230; let the outcomes rule match only those
            18 no task: REFUSED not an ECS Task State Change event: missing field `taskArn` at line 1 column 2158; let the outcomes rule match only those
            18 no cluster: REFUSED not an ECS Task State Change event: missing field `clusterArn` at line 1 column 2185; let the outcomes rule match only those
            18 no task definition: REFUSED not an ECS Task State Change event: missing field `taskDefinitionArn` at line 1 column 2161; let the outcomes rule match only those
            18 no reason: ls/mfrggzdfmztwq2lknnwg23tpob/1/1 Stopped v5, succeeded: the work is done
            18 no containers: ls/mfrggzdfmztwq2lknnwg23tpob/1/1 Stopped v5, start: container `worker` has no exit code: Essential container in task exited
            18 containers are null: REFUSED not an ECS Task State Change event: invalid type: null, expected a sequence at line 1 column 530; let the outcomes rule match only those
            19 version is a text: REFUSED not an ECS Task State Change event: invalid type: string "5", expected i64 at line 1 column 2254; let the outcomes rule match only those
            19 version is negative: ls/mfrggzdfmztwq2lknnwg23tpob/1/1 Stopped v-1, succeeded: the work is done
            19 exit code of 2^31: REFUSED not an ECS Task State Change event: invalid value: integer `2147483648`, expected i32 at line 1 column 701; let the outcomes rule match only those
            19 exit code is a text: REFUSED not an ECS Task State Change event: invalid type: string "0", expected i32 at line 1 column 694; let the outcomes rule match only those
            19 exit code is null: ls/mfrggzdfmztwq2lknnwg23tpob/1/1 Stopped v5, start: container `worker` has no exit code: Essential container in task exited
            31 year 9999: ls/mfrggzdfmztwq2lknnwg23tpob/1/1 Stopped v5, succeeded: the work is done
            31 stopped in 1969: ls/mfrggzdfmztwq2lknnwg23tpob/1/1 Stopped v5, succeeded: the work is done
        "#]],
    );
}

#[test]
fn events_that_pretend() {
    let run = "a".repeat(26);
    let by = |text: &str| with("/detail/startedBy", json!(text));
    check(
        &[
            ("21 custom source", with("/source", json!("my.ecs"))),
            ("21 source that looks like ECS", with("/source", json!("aws.ecs\n"))),
            ("21 no source", without("/source")),
            ("29 a well-formed name", by(&format!("ls/{run}/1/1"))),
            ("29 nobody", without("/detail/startedBy")),
            ("29 a service", by("ecs-svc/1234567890123456789")),
            ("29 no run", by("ls//1/1")),
            ("29 attempt 0", by(&format!("ls/{run}/0/1"))),
            ("29 attempt -1", by(&format!("ls/{run}/-1/1"))),
            ("29 attempt 2^32", by(&format!("ls/{run}/4294967296/1"))),
            ("29 attempt with zeros", by(&format!("ls/{run}/01/1"))),
            ("29 more after it", by(&format!("ls/{run}/1/1/../2"))),
            ("29 upper case", by(&format!("ls/{}/1/1", run.to_uppercase()))),
            ("29 line break", by(&format!("ls/{run}/1/1\n"))),
            ("29 run of 100 letters", by(&format!("ls/{}/1/1", "a".repeat(100)))),
        ],
        expect![[r#"
            21 custom source: REFUSED not an ECS Task State Change event: unknown variant `my.ecs`, expected `aws.ecs` at line 1 column 2473; let the outcomes rule match only those
            21 source that looks like ECS: REFUSED not an ECS Task State Change event: unknown variant `aws.ecs\n`, expected `aws.ecs` at line 1 column 2476; let the outcomes rule match only those
            21 no source: REFUSED not an ECS Task State Change event: missing field `source` at line 1 column 2500; let the outcomes rule match only those
            29 a well-formed name: ls/aaaaaaaaaaaaaaaaaaaaaaaaaa/1/1 Stopped v5, succeeded: the work is done
            29 nobody: of nobody we know, ""
            29 a service: of nobody we know, "ecs-svc/1234567890123456789"
            29 no run: of nobody we know, "ls//1/1"
            29 attempt 0: of nobody we know, "ls/aaaaaaaaaaaaaaaaaaaaaaaaaa/0/1"
            29 attempt -1: of nobody we know, "ls/aaaaaaaaaaaaaaaaaaaaaaaaaa/-1/1"
            29 attempt 2^32: of nobody we know, "ls/aaaaaaaaaaaaaaaaaaaaaaaaaa/4294967296/1"
            29 attempt with zeros: of nobody we know, "ls/aaaaaaaaaaaaaaaaaaaaaaaaaa/01/1"
            29 more after it: of nobody we know, "ls/aaaaaaaaaaaaaaaaaaaaaaaaaa/1/1/../2"
            29 upper case: of nobody we know, "ls/AAAAAAAAAAAAAAAAAAAAAAAAAA/1/1"
            29 line break: of nobody we know, "ls/aaaaaaaaaaaaaaaaaaaaaaaaaa/1/1\n"
            29 run of 100 letters: of nobody we know, "ls/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/1/1"
        "#]],
    );
}

#[test]
fn only_the_runs_container_decides_among_many() {
    let container = |name: &str, exit: Value| json!({"name": name, "exitCode": exit});
    let others = |count: usize| -> Vec<Value> {
        (0..count).map(|n| container(&format!("side-{n}"), json!(0))).collect()
    };
    let of = |containers: Vec<Value>| with("/detail/containers", Value::from(containers));
    let and = |more: &[Value]| of([&others(9)[..], more].concat());
    check(
        &[
            ("30 ten, none of them the run's", of(others(10))),
            ("30 a name that is nearly it", and(&[container("Worker", json!(0))])),
            ("30 the run's failed", and(&[container("worker", json!(1))])),
            ("30 the run's has no exit code", and(&[json!({"name": "worker"})])),
            (
                "30 the run's stands twice",
                of(vec![container("worker", json!(7)), container("worker", json!(0))]),
            ),
            ("30 no containers", of(vec![])),
            ("30 a container without a name", of(vec![json!({"exitCode": 0})])),
        ],
        expect![[r#"
            30 ten, none of them the run's: ls/mfrggzdfmztwq2lknnwg23tpob/1/1 Stopped v5, start: container `worker` has no exit code: Essential container in task exited
            30 a name that is nearly it: ls/mfrggzdfmztwq2lknnwg23tpob/1/1 Stopped v5, start: container `worker` has no exit code: Essential container in task exited
            30 the run's failed: ls/mfrggzdfmztwq2lknnwg23tpob/1/1 Stopped v5, work: container `worker` exited with code 1
            30 the run's has no exit code: ls/mfrggzdfmztwq2lknnwg23tpob/1/1 Stopped v5, start: container `worker` has no exit code: Essential container in task exited
            30 the run's stands twice: ls/mfrggzdfmztwq2lknnwg23tpob/1/1 Stopped v5, work: container `worker` exited with code 7
            30 no containers: ls/mfrggzdfmztwq2lknnwg23tpob/1/1 Stopped v5, start: container `worker` has no exit code: Essential container in task exited
            30 a container without a name: REFUSED not an ECS Task State Change event: missing field `name` at line 1 column 541; let the outcomes rule match only those
        "#]],
    );
}

#[test]
fn reasons_are_short_and_on_one_line() {
    let long = "\u{1b}[31m\r\n".repeat(40_000);
    for at in ["/detail/stoppedReason", "/detail/stopCode", "/detail/containers/0/reason"] {
        let mut event = with(at, json!(long));
        event["detail"]["containers"][0]["exitCode"].take();
        let change = TaskChange::parse(&event.to_string()).unwrap();
        let outcome = classify(&change, "worker", None, &[]);
        assert!(outcome.reason.chars().count() < 1_000, "22 {at}");
        assert!(outcome.stop_code.as_ref().is_none_or(|code| code.len() < 1_000), "22 {at}");
        assert!(!outcome.reason.contains(char::is_control), "8 {at}: {}", outcome.reason);
    }
    let odd = with("/source", json!(long)).to_string();
    let refusal = TaskChange::parse(&odd).unwrap_err().to_string();
    assert!(refusal.chars().count() < 1_000 && !refusal.contains(char::is_control), "{refusal}");
}
