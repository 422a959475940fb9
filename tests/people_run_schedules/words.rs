//! What the commands say of schedules, word by word.

use expect_test::{Expect, expect};
use serde_json::json;

use super::{TRIGGER, stand};
use crate::stand::{Stand, Template};

#[expect(clippy::needless_pass_by_value, reason = "expect![] gives an owned value")]
fn check(stand: &Stand, arguments: &[&str], expected: Expect) {
    let said = stand.longshore(arguments).well();
    let mut said = format!("$ longshore {}\n{said}", arguments.join(" "));
    // How long its task took, in a machine of any speed.
    for secs in 1..10 {
        said = said.replace(&format!(" {secs}s"), " 0s");
    }
    expected.assert_eq(&said);
}

#[tokio::test(flavor = "multi_thread")]
async fn schedules_and_their_times_read_as_a_person_expects() {
    let dir = tempfile::tempdir().unwrap();
    let stand = stand(dir.path(), &Template::of_repository(), &[]);
    let schedule = json!({"expression": "cron(30 2 1 * ? 2098-2099)", "timezone": "Europe/Berlin", "overlap": "allow"});
    check(
        &stand,
        &["schedules"],
        expect![[r#"
            $ longshore schedules
            no schedules: a schedule is known from its first tick on
        "#]],
    );
    stand.ticked("2026-11-01T01:30:00Z", &schedule).await;
    check(
        &stand,
        &["schedules"],
        expect![[r#"
            $ longshore schedules
              trigger  schedule                                  next              last tick         result     took  paused
              nightly  cron(30 2 1 * ? 2098-2099) Europe/Berlin  2098-01-01 02:30  2026-11-01 02:30  succeeded  0s
        "#]],
    );
    let [after, count] = ["--after", "-n"];
    check(
        &stand,
        &["next", TRIGGER, after, "2099-10-15", count, "2", "--json"],
        expect![[r#"
            $ longshore next nightly --after 2099-10-15 -n 2 --json
            [
              {
                "time": "2099-11-01T02:30:00+01:00",
                "utc": "2099-11-01T01:30:00Z",
                "zone": "Europe/Berlin"
              },
              {
                "time": "2099-12-01T02:30:00+01:00",
                "utc": "2099-12-01T01:30:00Z",
                "zone": "Europe/Berlin"
              }
            ]
        "#]],
    );
    let last = stand.longshore(&["next", TRIGGER, after, "2099-10-15"]).well();
    assert!(last.starts_with("cron(30 2 1 * ? 2098-2099) in Europe/Berlin\n"), "{last}");
    assert!(
        last.contains("  Sun 2099-11-01 02:30:00 +01:00  2099-11-01T01:30:00Z  in 2"),
        "{last}"
    );
    assert!(last.ends_with("write `*` for the year, or another time\n"), "{last}");
    stand.longshore(&["pause", TRIGGER]).well();
    let paused = stand.longshore(&["schedules"]).well();
    assert!(paused.contains("  since 2"), "{paused}");
    let said = stand.longshore(&["run", TRIGGER]).well();
    assert!(
        said.contains("trigger nightly is paused: longshore resume nightly starts it"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expression_is_tried_without_any_stack() {
    let dir = tempfile::tempdir().unwrap();
    let stand = stand(dir.path(), &Template::of_repository(), &[]);
    let berlin = ["next", "--timezone", "Europe/Berlin", "--json", "--after", "2026-10-24T12:00Z"];
    let said = stand
        .longshore(&[&berlin[..], &["--expression", "cron(30 2 * * ? *)", "-n", "2"]].concat());
    let times: Vec<_> =
        said.json().as_array().unwrap().iter().map(|it| it["time"].clone()).collect();
    assert_eq!(times, ["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"]);
    let at = ["next", "--after", "2020-01-01", "-n", "2", "--expression"];
    for (expression, last) in [
        ("at(2099-01-01T00:00:00)", "\nIt fires once.\n"),
        ("at(2020-06-01T00:00:00)", "give a later time, or delete it\n"),
    ] {
        let said = stand.longshore(&[&at[..], &[expression]].concat()).well();
        assert!(said.ends_with(last) && said.lines().count() == 4, "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_for_wrongly_is_answered_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let stand = stand(dir.path(), &Template::of_repository().swept_by_hand(), &[]);
    stand.ticked("2026-11-01T00:30:00Z", &json!({"expression": "rate(1 minute)"})).await;
    stand.upload("any.csv", "id\n1\n").await;
    stand.ended("any.csv").await;
    for (arguments, todo) in [
        ("next nightl", "did you mean `nightly`?"),
        ("next other", "it knows longshore-uploads, nightly;"),
        ("backfill other --from 2026-11-01", "or wait for the next tick of its schedule"),
        ("next longshore-uploads", "`longshore schedules` lists those that have one"),
        ("next --expression cron(0|0|31|2|?|*)", "check the day against the month"),
        ("next --expression cron(0|0|1|2|MON|*)", "write `?` in the other"),
        ("next --expression rate(1|minutes)", "write `rate(1 minute)`"),
        ("next --expression rate(1|day) --timezone Berlin", "did you mean `Europe/Berlin`?"),
        ("next --expression at(2020-01-01T00:00:00)", "give a later time"),
        ("next nightly --after soon", "--after: `soon` is no time"),
        ("run nightly --at 2999-01-01", "leave --at out for a run now"),
        ("run nightly --input {}", "pass values in the task's `env`"),
        ("run longshore-uploads", "name one with --input s3://bucket/key"),
        ("run longshore-uploads --at 2026-01-01", "name an object with --input"),
        ("run longshore-uploads --input any.csv", "write s3://bucket/key"),
        ("run longshore-uploads --input s3://none/any.csv", "there is no object s3://none/any.csv"),
        ("backfill nightly --from 2026-11-02 --to 2026-11-01", "exchange them"),
        ("backfill nightly --from 2026-11-01 --to 2999-01-01", "leave --to out for all until now"),
        (
            "backfill nightly --from 2020-01-01",
            "go in parts, the first with --to 2020-03-10T10:40:00Z",
        ),
        (
            "backfill nightly --from 2026-11-01T00:00:10 --to 2026-11-01T00:00:20",
            "the next after it is Sun 2026-11-01 00:01:00 +00:00",
        ),
        ("backfill nightly --prefix in/", "say --from and --to"),
        ("backfill longshore-uploads --from 2026-11-01", "has no schedule"),
        (
            "backfill longshore-uploads --prefix none/",
            "there is no object in s3://longshore-uploads-000000000000/none/",
        ),
        ("backfill longshore-uploads --prefix / --bucket none", "NoSuchBucket"),
        ("schedules --stack-name other", "--stack-name says another"),
    ] {
        let words: Vec<String> = arguments.split(' ').map(|word| word.replace('|', " ")).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let said = stand.longshore(&words);
        assert_eq!(said.code, Some(1), "{arguments}: {said:?}");
        assert!(said.err.contains(todo), "{arguments}: {said:?}");
    }
    let aside = stand.longshore(&["run", TRIGGER, "--at", "2026-11-01T00:30:10"]);
    for said in ["no tick of `rate(1 minute)`", "2026-11-01 00:30:00 +", "2026-11-01 00:31:00 +"] {
        assert!(aside.code == Some(0) && aside.err.contains(said), "{aside:?}");
    }
    let exact = stand.longshore(&["run", TRIGGER, "--at", "2026-11-01T00:31:00"]);
    assert!(!exact.err.contains("no tick"), "{exact:?}");
    let ended = |how| stand.longshore(&["runs", "--ended", how, "--trigger", TRIGGER]);
    assert!(ended("late").err.contains("missed, unheard, work,"), "{:?}", ended("late"));
    assert_eq!(ended("late").code, Some(2));
    assert!(ended("missed").well().contains("no such runs"));
    for usage in [
        "next",
        "backfill nightly",
        "backfill nightly --from 2026-11-01 --prefix a",
        "next nightly --timezone UTC",
    ] {
        let words: Vec<&str> = usage.split(' ').collect();
        assert_eq!(stand.longshore(&words).code, Some(2), "{usage}");
    }
}
