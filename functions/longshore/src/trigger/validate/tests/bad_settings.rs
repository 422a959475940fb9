//! Settings that nobody should write, each under its number in the list of bad inputs.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::trigger::{
    samples::{parse, with},
    validate::CORRECT,
};

/// What becomes of good settings once each value is put into them.
#[expect(clippy::needless_pass_by_value, reason = "expect![] gives an owned value")]
fn check(rows: &[(&str, &str, Value)], expected: Expect) {
    let fate = |(label, at, value): &(&str, &str, Value)| {
        let bent = with(&format!("/trigger/{at}"), value.clone());
        let refusal = match parse(&bent) {
            Ok(_) => return format!("{label}: admitted\n"),
            Err(refusal) => refusal.to_string().replace(CORRECT, "CORRECT"),
        };
        format!("{label}: REFUSED {refusal}\n")
    };
    expected.assert_eq(&rows.iter().map(fate).collect::<String>());
}

#[test]
fn names_and_words() {
    check(
        &[
            ("47 unknown name", "retrys", json!({})),
            ("47 other case", "task/starttimeout", json!("5m")),
            ("47 with a dash", "task/start-timeout", json!("5m")),
            ("47 far from any", "task/image", json!("evil:latest")),
            ("47 in a list", "task/capacity", json!([{"provider": "FARGATE", "wieght": 1}])),
            ("47 in a rule", "retry", json!({"rules": [{"exitCode": [3], "then": "reject"}]})),
            ("47 unknown word", "retry", json!({"rules": [{"exit": [3], "then": "rejct"}]})),
            ("47 ANSI escape in a name", "\u{1b}[2J\n", json!(1)),
            ("47 a key of YAML", "<<", json!({})),
            ("48 name of 300 letters", "name", json!("n".repeat(300))),
            ("48 name of 100 letters", "name", json!("n".repeat(100))),
            ("48 name with #", "name", json!("RUN#x")),
            ("48 name with a slash", "name", json!("a/b")),
            ("48 name with a line break", "name", json!("a\nb")),
            ("48 name that looks alike", "name", json!("stack-uplоads")),
            ("48 name of dots", "name", json!("..")),
            ("48 separator in the name", "name", json!("a\u{1f}b")),
        ],
        expect![[r#"
            47 unknown name: REFUSED trigger.retrys: unknown field `retrys`, expected one of `name`, `task`, `batch`, `concurrency`, `order`, `retry`, `schedule`, `launch`, `queue`, `isolation`, maybe `retry`; CORRECT
            47 other case: REFUSED trigger.task.starttimeout: unknown field `starttimeout`, expected one of `definition`, `cluster`, `container`, `capacity`, `launchType`, `network`, `placement`, `startTimeout`, `timeout`, `cpu`, `memory`, `command`, `env`, `tags`, `platformVersion`, `ephemeralStorage`, `executeCommand`, maybe `startTimeout`; CORRECT
            47 with a dash: REFUSED trigger.task.start-timeout: unknown field `start-timeout`, expected one of `definition`, `cluster`, `container`, `capacity`, `launchType`, `network`, `placement`, `startTimeout`, `timeout`, `cpu`, `memory`, `command`, `env`, `tags`, `platformVersion`, `ephemeralStorage`, `executeCommand`, maybe `startTimeout`; CORRECT
            47 far from any: REFUSED trigger.task.image: unknown field `image`, expected one of `definition`, `cluster`, `container`, `capacity`, `launchType`, `network`, `placement`, `startTimeout`, `timeout`, `cpu`, `memory`, `command`, `env`, `tags`, `platformVersion`, `ephemeralStorage`, `executeCommand`; CORRECT
            47 in a list: REFUSED trigger.task.capacity[0].wieght: unknown field `wieght`, expected one of `provider`, `weight`, `base`, maybe `weight`; CORRECT
            47 in a rule: REFUSED trigger.retry.rules[0].exitCode: unknown field `exitCode`, expected one of `exit`, `reason`, `then`; CORRECT
            47 unknown word: REFUSED trigger.retry.rules[0].then: unknown variant `rejct`, expected one of `retry`, `reject`, `succeed`, maybe `reject`; CORRECT
            47 ANSI escape in a name: REFUSED trigger.\u{1b}[2J\n: unknown field `\u{1b}[2J\n`, expected one of `name`, `task`, `batch`, `concurrency`, `order`, `retry`, `schedule`, `launch`, `queue`, `isolation`; CORRECT
            47 a key of YAML: REFUSED trigger.<<: unknown field `<<`, expected one of `name`, `task`, `batch`, `concurrency`, `order`, `retry`, `schedule`, `launch`, `queue`, `isolation`; CORRECT
            48 name of 300 letters: REFUSED trigger.name: `nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn` is not 1 to 100 of A-Z a-z 0-9 _ . -; CORRECT
            48 name of 100 letters: admitted
            48 name with #: REFUSED trigger.name: `RUN#x` is not 1 to 100 of A-Z a-z 0-9 _ . -; CORRECT
            48 name with a slash: REFUSED trigger.name: `a/b` is not 1 to 100 of A-Z a-z 0-9 _ . -; CORRECT
            48 name with a line break: REFUSED trigger.name: `a\nb` is not 1 to 100 of A-Z a-z 0-9 _ . -; CORRECT
            48 name that looks alike: REFUSED trigger.name: `stack-uplоads` is not 1 to 100 of A-Z a-z 0-9 _ . -; CORRECT
            48 name of dots: admitted
            48 separator in the name: REFUSED trigger.name: `a\u{1f}b` is not 1 to 100 of A-Z a-z 0-9 _ . -; CORRECT
        "#]],
    );
}

#[test]
fn times_and_numbers() {
    let backoff = |base: &str, max: &str| json!({"backoff": {"base": base, "max": max}});
    check(
        &[
            ("51 negative", "task/startTimeout", json!("-5m")),
            ("51 zero", "task/startTimeout", json!("0s")),
            ("51 less than a second", "task/startTimeout", json!("900ms")),
            ("51 unknown unit", "task/startTimeout", json!("5x")),
            ("51 no unit", "task/startTimeout", json!("300")),
            ("51 a number", "task/startTimeout", json!(300)),
            ("51 empty", "task/startTimeout", json!("")),
            ("51 null", "task/startTimeout", Value::Null),
            ("51 days", "task/startTimeout", json!("99999d")),
            ("51 a day", "task/startTimeout", json!("24h")),
            ("51 more than a day", "task/startTimeout", json!("24h 1s")),
            ("51 beyond any number", "task/timeout", json!("99999999999999999999h")),
            ("51 a thousand years", "task/timeout", json!("1000000h")),
            ("51 30 days", "task/timeout", json!("720h")),
            ("51 ANSI escape", "task/timeout", json!("\u{1b}[31m5m")),
            ("51 no attempts", "retry", json!({"attempts": 0})),
            ("51 negative attempts", "retry", json!({"attempts": -1})),
            ("51 attempts without end", "retry", json!({"attempts": u32::MAX})),
            ("51 attempts of 2^32", "retry", json!({"attempts": 1_u64 << 32})),
            ("51 half an attempt", "retry", json!({"attempts": 1.5})),
            ("51 base above max", "retry", backoff("10m", "5m")),
            ("51 base above the usual max", "retry", json!({"backoff": {"base": "20m"}})),
            ("51 base equals max", "retry", backoff("5m", "5m")),
            ("51 no wait", "retry", backoff("0s", "5m")),
            ("51 waits of a year", "retry", backoff("1s", "8760h")),
            ("51 concurrency 0", "concurrency", json!(0)),
            ("51 concurrency -1", "concurrency", json!(-1)),
            ("51 batch of 0", "batch", json!({"objects": 0})),
            ("51 batch of 1001", "batch", json!({"objects": 1_001})),
            ("51 batch of no bytes", "batch", json!({"objects": 1, "bytes": "0 B"})),
            ("51 batch of some bytes", "batch", json!({"objects": 1, "bytes": "2 gigs"})),
            ("51 storage of 20 GiB", "task/ephemeralStorage", json!(20)),
            ("51 storage of 21 GiB", "task/ephemeralStorage", json!(21)),
        ],
        expect![[r#"
            51 negative: REFUSED trigger.task.startTimeout: `-5m` is no duration; write it like `30s`, `5m` or `1h 30m`; CORRECT
            51 zero: REFUSED trigger.task.startTimeout: is 0s, not 1s to 24h; CORRECT
            51 less than a second: REFUSED trigger.task.startTimeout: is 0s, not 1s to 24h; CORRECT
            51 unknown unit: REFUSED trigger.task.startTimeout: `5x` is no duration; write it like `30s`, `5m` or `1h 30m`; CORRECT
            51 no unit: REFUSED trigger.task.startTimeout: `300` is no duration; write it like `30s`, `5m` or `1h 30m`; CORRECT
            51 a number: REFUSED trigger.task.startTimeout: invalid type: integer `300`, expected a string; CORRECT
            51 empty: REFUSED trigger.task.startTimeout: `` is no duration; write it like `30s`, `5m` or `1h 30m`; CORRECT
            51 null: REFUSED trigger.task.startTimeout: invalid type: null, expected a string; CORRECT
            51 days: REFUSED trigger.task.startTimeout: `99999d` is no duration; write it like `30s`, `5m` or `1h 30m`; CORRECT
            51 a day: admitted
            51 more than a day: REFUSED trigger.task.startTimeout: is 86401s, not 1s to 24h; CORRECT
            51 beyond any number: REFUSED trigger.task.timeout: `99999999999999999999h` is no duration; write it like `30s`, `5m` or `1h 30m`; CORRECT
            51 a thousand years: REFUSED trigger.task.timeout: is 1000000h, not 1s to 720h; CORRECT
            51 30 days: admitted
            51 ANSI escape: REFUSED trigger.task.timeout: `\u{1b}[31m5m` is no duration; write it like `30s`, `5m` or `1h 30m`; CORRECT
            51 no attempts: REFUSED trigger.retry.attempts: is 0, not 1 to 100; CORRECT
            51 negative attempts: REFUSED trigger.retry.attempts: invalid value: integer `-1`, expected u32; CORRECT
            51 attempts without end: REFUSED trigger.retry.attempts: is 4294967295, not 1 to 100; CORRECT
            51 attempts of 2^32: REFUSED trigger.retry.attempts: invalid value: integer `4294967296`, expected u32; CORRECT
            51 half an attempt: REFUSED trigger.retry.attempts: invalid type: floating point `1.5`, expected u32; CORRECT
            51 base above max: REFUSED trigger.retry.backoff.base: is 10m, more than max, which is 5m; CORRECT
            51 base above the usual max: REFUSED trigger.retry.backoff.base: is 20m, more than max, which is 15m; CORRECT
            51 base equals max: admitted
            51 no wait: REFUSED trigger.retry.backoff.base: is 0s, not 1s to 24h; CORRECT
            51 waits of a year: REFUSED trigger.retry.backoff.max: is 8760h, not 1s to 24h; CORRECT
            51 concurrency 0: REFUSED trigger.concurrency: is 0, so no run would start; give it at least 1; `longshore pause` keeps a trigger's runs from starting
            51 concurrency -1: REFUSED trigger.concurrency: invalid value: integer `-1`, expected u32; CORRECT
            51 batch of 0: REFUSED trigger.batch.objects: is 0, not 1 to 1000; CORRECT
            51 batch of 1001: REFUSED trigger.batch.objects: is 1001, not 1 to 1000; CORRECT
            51 batch of no bytes: REFUSED trigger.batch.bytes: is 0 B, which no object fits into; CORRECT
            51 batch of some bytes: REFUSED trigger.batch.bytes: `2 gigs` is no size; write it like `64 KiB` or `2 GiB`; CORRECT
            51 storage of 20 GiB: REFUSED trigger.task.ephemeralStorage: is 20, not 21 to 200; CORRECT
            51 storage of 21 GiB: admitted
        "#]],
    );
}

#[test]
fn rules() {
    let rule = |rule: Value| json!({"rules": [{"exit": [1], "then": "retry"}, rule]});
    let reason = |text: &str| rule(json!({"reason": text, "then": "retry"}));
    check(
        &[
            ("49 a pattern is plain text", "retry", reason("(a+)+$")),
            ("49 so is a glob", "retry", reason("**/**/**")),
            ("49 a text of 255 letters", "retry", reason(&"a".repeat(255))),
            ("49 a text of 64 KB", "retry", reason(&"a".repeat(65_536))),
            ("49 fits every reason", "retry", reason("")),
            ("49 spaces fit nearly every reason", "retry", reason(" ")),
            ("49 fits every stop", "retry", rule(json!({"then": "succeed"}))),
            ("49 no exit codes", "retry", rule(json!({"exit": [], "then": "reject"}))),
            ("49 exit code 256", "retry", rule(json!({"exit": [0, 256], "then": "reject"}))),
            ("49 exit code -1", "retry", rule(json!({"exit": [-1], "then": "reject"}))),
            ("49 exit code 2^31", "retry", rule(json!({"exit": [1_u64 << 31], "then": "retry"}))),
            ("49 exit codes 0 and 255", "retry", rule(json!({"exit": [0, 255], "then": "reject"}))),
            ("49 then what", "retry", rule(json!({"exit": [1]}))),
            (
                "49 rules without end",
                "retry",
                json!({"rules": vec![json!({"exit": [1], "then": "retry"}); 21]}),
            ),
        ],
        expect![[r#"
            49 a pattern is plain text: admitted
            49 so is a glob: admitted
            49 a text of 255 letters: admitted
            49 a text of 64 KB: REFUSED trigger.retry.rules[1].reason: has 65536 characters, not up to 255; CORRECT
            49 fits every reason: REFUSED trigger.retry.rules[1].reason: is empty, so it would fit every reason; give the rule an exit code or a text of the reason
            49 spaces fit nearly every reason: REFUSED trigger.retry.rules[1].reason: is empty, so it would fit every reason; give the rule an exit code or a text of the reason
            49 fits every stop: REFUSED trigger.retry.rules[1]: has neither exit nor reason, so it would fit every stop; give the rule an exit code or a text of the reason
            49 no exit codes: REFUSED trigger.retry.rules[1]: has neither exit nor reason, so it would fit every stop; give the rule an exit code or a text of the reason
            49 exit code 256: REFUSED trigger.retry.rules[1].exit: holds 256, not 0 to 255; CORRECT
            49 exit code -1: REFUSED trigger.retry.rules[1].exit: holds -1, not 0 to 255; CORRECT
            49 exit code 2^31: REFUSED trigger.retry.rules[1].exit[0]: invalid value: integer `2147483648`, expected i32; CORRECT
            49 exit codes 0 and 255: admitted
            49 then what: REFUSED trigger.retry.rules[1]: missing field `then`; CORRECT
            49 rules without end: REFUSED trigger.retry.rules: has 21 items, not up to 20; CORRECT
        "#]],
    );
}

#[test]
fn variables_and_texts() {
    let names = [
        ("52 =", "A=B"),
        ("52 space", "A B"),
        ("52 tab", "A\tB"),
        ("52 line break", "A\nB"),
        ("52 no-break space", "A\u{a0}B"),
        ("52 NUL", "A\0B"),
        ("52 ANSI escape", "\u{1b}[31mA"),
        ("52 empty", ""),
        ("52 AWS_", "AWS_SECRET_ACCESS_KEY"),
        ("52 ECS_", "ECS_CONTAINER_METADATA_URI_V4"),
        ("52 the loader", "LD_PRELOAD"),
        ("52 ours", "LONGSHORE_KEY"),
        ("52 ours, not yet used", "LONGSHORE_FUTURE"),
        ("52 only looks like AWS's", "aws_profile"),
        ("52 good", "TABLE"),
    ];
    let rows = names.map(|(label, name)| (label, "task/env", json!({name: "x"})));
    check(
        &rows,
        expect![[r#"
        52 =: REFUSED trigger.task.env.A=B: is no name of a variable; CORRECT
        52 space: REFUSED trigger.task.env.A B: is no name of a variable; CORRECT
        52 tab: REFUSED trigger.task.env.A\tB: is no name of a variable; CORRECT
        52 line break: REFUSED trigger.task.env.A\nB: is no name of a variable; CORRECT
        52 no-break space: REFUSED trigger.task.env.A\u{a0}B: is no name of a variable; CORRECT
        52 NUL: REFUSED trigger.task.env.A\0B: is no name of a variable; CORRECT
        52 ANSI escape: REFUSED trigger.task.env.\u{1b}[31mA: is no name of a variable; CORRECT
        52 empty: REFUSED trigger.task.env.: is no name of a variable; CORRECT
        52 AWS_: REFUSED trigger.task.env.AWS_SECRET_ACCESS_KEY: is reserved; CORRECT
        52 ECS_: REFUSED trigger.task.env.ECS_CONTAINER_METADATA_URI_V4: is reserved; CORRECT
        52 the loader: REFUSED trigger.task.env.LD_PRELOAD: is reserved; CORRECT
        52 ours: REFUSED trigger.task.env.LONGSHORE_KEY: is reserved; CORRECT
        52 ours, not yet used: REFUSED trigger.task.env.LONGSHORE_FUTURE: is reserved; CORRECT
        52 only looks like AWS's: admitted
        52 good: admitted
    "#]],
    );
    let many = |count: u32| -> Value {
        Value::Object((0..count).map(|n| (n.to_string(), json!("v"))).collect())
    };
    let item =
        |weight: u32, base: u32| json!({"provider": "FARGATE", "weight": weight, "base": base});
    check(
        &[
            ("52 value with anything", "task/env", json!({"A": "=\n${B} {{resolve:x}} \u{1b}"})),
            ("52 value with NUL", "task/env", json!({"A": "\0"})),
            ("52 value that is no text", "task/env", json!({"A": 1})),
            ("52 command with NUL", "task/command", json!(["work", "a\0b"])),
            ("52 tags", "task/tags", many(50)),
            ("52 too many tags", "task/tags", many(51)),
            ("51 base of 100001", "task/capacity", json!([item(1, 100_001)])),
            ("51 weight of 1001", "task/capacity", json!([item(1_001, 0)])),
            ("51 two bases", "task/capacity", json!([item(1, 1), item(1, 1)])),
            ("51 21 providers", "task/capacity", json!(vec![item(1, 0); 21])),
            (
                "51 six strategies",
                "task/placement",
                json!({"strategy": vec![json!({"type": "random"}); 6]}),
            ),
            (
                "51 eleven constraints",
                "task/placement",
                json!({"constraints": vec![json!({"type": "distinctInstance"}); 11]}),
            ),
        ],
        expect![[r#"
            52 value with anything: admitted
            52 value with NUL: REFUSED trigger.task.env.A: holds the character NUL; CORRECT
            52 value that is no text: REFUSED trigger.task.env.A: invalid type: integer `1`, expected a string; CORRECT
            52 command with NUL: REFUSED trigger.task.command: holds the character NUL; CORRECT
            52 tags: admitted
            52 too many tags: REFUSED trigger.task.tags: has 51 items, not up to 50; CORRECT
            51 base of 100001: REFUSED trigger.task.capacity[0].base: is 100001, not 0 to 100000; CORRECT
            51 weight of 1001: REFUSED trigger.task.capacity[0].weight: is 1001, not 0 to 1000; CORRECT
            51 two bases: REFUSED trigger.task.capacity: has more than one item with a base; CORRECT
            51 21 providers: REFUSED trigger.task.capacity: has 21 items, not up to 20; CORRECT
            51 six strategies: REFUSED trigger.task.placement.strategy: has 6 items, not up to 5; CORRECT
            51 eleven constraints: REFUSED trigger.task.placement.constraints: has 11 items, not up to 10; CORRECT
        "#]],
    );
}
