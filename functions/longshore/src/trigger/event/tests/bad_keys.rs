//! Keys that were chosen to hurt: each reaches the container exactly as it is, as the value of one
//! variable and nowhere else, or is refused with what to do.

use expect_test::expect;
use serde_json::{Value, json};

use crate::{
    run::LaunchId,
    trigger::{
        Circumstances, Event, Launch, Rejected, plan,
        samples::{parse, parsed, with},
    },
};

/// The launch of an object with this key, whose trigger has further variables and a command.
fn launched(key: &str) -> Result<Launch, Rejected> {
    let mut envelope = with("/event/detail/object/key", json!(key));
    envelope["trigger"]["task"]["command"] = json!(["work", "--fast"]);
    envelope["trigger"]["task"]["env"] = json!({"TABLE": "airports"});
    parse(&envelope)?;
    let (trigger, object) = parsed(&envelope);
    let plan = plan(&trigger, &Event::Object(object));
    let id = LaunchId { run: plan.run.clone(), attempt: 1, launch: 1 };
    let launch = Launch::freeze(&trigger, &plan.input, &id, &Circumstances::default());
    launch.check().map(|()| launch)
}

/// What a launch holds beside its key and the names that follow from the identity.
fn beside_the_key(launch: &Launch) -> Value {
    let mut row = serde_json::to_value(launch).unwrap();
    for name in ["id", "clientToken", "startedBy"] {
        row[name].take();
    }
    for name in ["LONGSHORE_KEY", "LONGSHORE_RUN"] {
        row["environment"][name].take();
    }
    row
}

/// What becomes of the key: its variable as a log line shows it, or the refusal.
fn fate((label, key): &(&str, &str)) -> String {
    let launch = match launched(key) {
        Ok(launch) => launch,
        Err(refusal) => return format!("{label}: REFUSED {refusal}\n"),
    };
    assert_eq!(launch.environment["LONGSHORE_KEY"], *key, "{label}: not a byte differs");
    let plain = launched("plain.csv").unwrap();
    assert_eq!(beside_the_key(&launch), beside_the_key(&plain), "{label}: it is nowhere else");
    assert_ne!(launch.id.run, plain.id.run, "{label}: a run of its own");
    let logged = format!("{:?}", launch.environment["LONGSHORE_KEY"]);
    assert!(!logged.contains(|c: char| c.is_control() || c == '\u{202e}'), "{label}: one line");
    format!("{label}: {}\n", logged.chars().take(60).collect::<String>())
}

#[test]
fn a_key_is_no_path_no_command_and_no_template() {
    let rows = [
        ("1 space", "a b"),
        ("1 plus", "a+b"),
        ("1 encoded space", "a%20b"),
        ("1 encoded plus", "a%2Bb"),
        ("1 encoded twice", "a%2520b"),
        ("1 spaces only", "   "),
        ("2 longest", &"ż".repeat(512)),
        ("2 one byte longer", &("ż".repeat(512) + "a")),
        ("3 emoji", "🚢👩‍🚀.csv"),
        ("3 right-to-left mark", "\u{202e}vsc.exe"),
        ("3 combining forms", "e\u{301}\u{301}\u{301}"),
        ("3 encoded NUL", "a%00b"),
        ("3 NUL", "a\0b"),
        ("4 dot-dot", "../../etc/passwd"),
        ("4 absolute", "/abs"),
        ("4 empty step", "a//b"),
        ("4 slash at the end", "dir/"),
        ("5 command", "$(rm -rf /)"),
        ("5 backticks", "`id`"),
        ("5 semicolon", "; reboot"),
        ("5 newline", "a\n{\"level\":\"ERROR\"}"),
        ("5 carriage return", "a\r\nb"),
        ("6 variable", "${AWS_SECRET_ACCESS_KEY}"),
        ("6 dynamic reference", "{{resolve:secretsmanager:prod:SecretString}}"),
        ("6 container reference", "$(AWS_SECRET_ACCESS_KEY)"),
        ("7 placeholder of a schedule", "<aws.scheduler.scheduled-time>"),
        ("7 placeholder of a rule", "<aws.events.event.json>"),
    ];
    expect![[r#"
        1 space: "a b"
        1 plus: "a+b"
        1 encoded space: "a%20b"
        1 encoded plus: "a%2Bb"
        1 encoded twice: "a%2520b"
        1 spaces only: "   "
        2 longest: "żżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżżż
        2 one byte longer: REFUSED event.detail.object.key: is not 1 to 1,024 bytes long; send the event as AWS sent it
        3 emoji: "🚢👩\u{200d}🚀.csv"
        3 right-to-left mark: "\u{202e}vsc.exe"
        3 combining forms: "e\u{301}\u{301}\u{301}"
        3 encoded NUL: "a%00b"
        3 NUL: REFUSED event.detail.object.key: holds the character NUL, which no variable of a process can hold; copy the object to a key without it
        4 dot-dot: "../../etc/passwd"
        4 absolute: "/abs"
        4 empty step: "a//b"
        4 slash at the end: "dir/"
        5 command: "$(rm -rf /)"
        5 backticks: "`id`"
        5 semicolon: "; reboot"
        5 newline: "a\n{\"level\":\"ERROR\"}"
        5 carriage return: "a\r\nb"
        6 variable: "${AWS_SECRET_ACCESS_KEY}"
        6 dynamic reference: "{{resolve:secretsmanager:prod:SecretString}}"
        6 container reference: "$(AWS_SECRET_ACCESS_KEY)"
        7 placeholder of a schedule: "<aws.scheduler.scheduled-time>"
        7 placeholder of a rule: "<aws.events.event.json>"
    "#]].assert_eq(&rows.iter().map(fate).collect::<String>());
}

#[test]
fn a_key_says_nothing_to_terminals_tables_or_json() {
    let rows = [
        ("8 ANSI escape", "\u{1b}[2J\u{1b}[31mok"),
        ("8 bell", "\u{7}\u{8}\u{9b}"),
        ("9 formula", "=cmd|' /C calc'!A0"),
        ("10 quote", "\",\"name\":\"x"),
        ("10 backslash", "\\\" \\u0000 \\"),
        ("10 end of the overrides", "\"}]}],\"taskRoleArn\":\"arn:evil"),
        ("12 composed", "\u{e9}.csv"),
        ("12 decomposed", "e\u{301}.csv"),
        ("13 folder marker", "in/"),
        ("14 second suffix", "x.csv.exe"),
        ("14 upper case", "X.CSV"),
        ("14 space after the suffix", "x.csv "),
        ("empty", ""),
        ("the word null", "null"),
        ("not a character", "\u{fffe}\u{ffff}"),
    ];
    expect![[r#"
        8 ANSI escape: "\u{1b}[2J\u{1b}[31mok"
        8 bell: "\u{7}\u{8}\u{9b}"
        9 formula: "=cmd|' /C calc'!A0"
        10 quote: "\",\"name\":\"x"
        10 backslash: "\\\" \\u0000 \\"
        10 end of the overrides: "\"}]}],\"taskRoleArn\":\"arn:evil"
        12 composed: "é.csv"
        12 decomposed: "e\u{301}.csv"
        13 folder marker: "in/"
        14 second suffix: "x.csv.exe"
        14 upper case: "X.CSV"
        14 space after the suffix: "x.csv "
        empty: REFUSED event.detail.object.key: is not 1 to 1,024 bytes long; send the event as AWS sent it
        the word null: "null"
        not a character: "\u{fffe}\u{ffff}"
    "#]].assert_eq(&rows.iter().map(fate).collect::<String>());
}

#[test]
fn a_key_that_makes_too_many_overrides_is_refused() {
    let longest = |text: &str| text.repeat(1_024 / text.len());
    let rows = [
        ("11 of quotes", &*longest("\"")),
        ("11 of backslashes", &longest("\\")),
        ("11 of newlines", &longest("\n")),
        ("11 of escapes", &longest("\u{1b}")),
    ];
    let fates = rows.iter().map(fate).collect::<String>();
    assert!(!fates.contains("REFUSED"), "every key fits by itself: {fates}");
    let mut envelope = with("/event/detail/object/key", json!(longest("\u{1b}")));
    envelope["trigger"]["task"]["env"] = json!({"CONSTANT": "x".repeat(2_000)});
    let (trigger, object) = parsed(&envelope);
    let plan = plan(&trigger, &Event::Object(object));
    let id = LaunchId { run: plan.run, attempt: 1, launch: 1 };
    let refusal =
        Launch::freeze(&trigger, &plan.input, &id, &Circumstances::default()).check().unwrap_err();
    expect!["trigger.task.env and trigger.task.command: make 8893 characters of overrides, and RunTask takes 8,192; move constant variables into the task definition"].assert_eq(&refusal.to_string());
}

#[test]
fn keys_that_look_alike_are_different_objects() {
    for (label, one, other) in [
        ("1 encoding", "a b", "a+b"),
        ("1 encoding", "a b", "a%20b"),
        ("4 empty step", "a/b", "a//b"),
        ("4 dots", "a/b", "a/./b"),
        ("12 composed or not", "\u{e9}", "e\u{301}"),
        ("12 compatibility", "ﬁ", "fi"),
        ("13 folder marker", "dir", "dir/"),
        ("14 case", "x.csv", "x.CSV"),
        ("14 space", "x.csv", "x.csv "),
    ] {
        let plan = |key: &str| {
            let (trigger, object) = parsed(&with("/event/detail/object/key", json!(key)));
            plan(&trigger, &Event::Object(object))
        };
        let (one, other) = (plan(one), plan(other));
        assert_ne!(one.run, other.run, "{label}");
        assert_ne!(one.input_digest, other.input_digest, "{label}");
        assert_ne!(one.input.object(), other.input.object(), "{label}");
        assert_ne!(one.order.unwrap().object, other.order.unwrap().object, "{label}");
    }
}

#[test]
fn an_object_without_bytes_is_an_object() {
    let mut envelope = with("/event/detail/object/size", json!(0));
    for key in ["in/", "empty.csv"] {
        envelope["event"]["detail"]["object"]["key"] = json!(key);
        let (_, object) = parsed(&envelope);
        assert_eq!((object.key.as_str(), object.size), (key, Some(0)), "13");
    }
}
