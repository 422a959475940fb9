use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::json;

use super::*;

#[expect(clippy::needless_pass_by_value, reason = "expectations are written in place")]
fn check(text: &str, expected: Expect) {
    let said = match ResultFile::parse(text.as_bytes()) {
        Ok(file) => format!("{:?} {} {:?}", file.reason, file.summary, file.failed),
        Err(error) => format!("unusable: it {error}"),
    };
    expected.assert_eq(&said);
}

#[test]
fn what_the_file_says_is_kept() {
    check("", expect![[r#""" null []"#]]);
    check(" \n", expect![[r#""" null []"#]]);
    check("{}", expect![[r#""" null []"#]]);
    check(
        r#"{"reason": "2 of 3", "summary": {"n": 3}, "more": 1}"#,
        expect![[r#""2 of 3" {"n":3} []"#]],
    );
    check(
        r#"{"failed": [{"bucket": "b", "key": "a b", "versionId": "v", "etag": "e"}, {"bucket": "b", "key": ""}]}"#,
        expect![[
            r#""" null [FailedObject { bucket: "b", key: "a b", version_id: Some("v") }, FailedObject { bucket: "b", key: "", version_id: None }]"#
        ]],
    );
}

#[test]
fn what_cannot_be_kept_is_named() {
    check(
        "done",
        expect![[
            r#"unusable: it is not what it should be, like {"reason": "…", "summary": {…}}: expected value at line 1 column 1"#
        ]],
    );
    check(
        "[1]",
        expect![[
            r#"unusable: it is not what it should be, like {"reason": "…", "summary": {…}}: invalid type: integer `1`, expected a string at line 1 column 2"#
        ]],
    );
    check(
        r#"{"failed": ["a"]}"#,
        expect![[
            r#"unusable: it is not what it should be, like {"reason": "…", "summary": {…}}: invalid type: string "a", expected an object with a bucket and a key at line 1 column 15"#
        ]],
    );
    check(
        r#"{"summary": {"n": 1e126}}"#,
        expect![
            "unusable: it has a summary that the ledger cannot store: a number is too large or too small"
        ],
    );
    check(
        r#"{"summary": {"": 1}}"#,
        expect!["unusable: it has a summary that the ledger cannot store: a name is empty"],
    );
    let deep = format!(r#"{{"summary": {}{}}}"#, "[".repeat(17), "]".repeat(17));
    check(
        &deep,
        expect!["unusable: it has a summary that the ledger cannot store: it nests too deep"],
    );
}

#[test]
fn everything_has_a_limit() {
    let parse = |value: Value| ResultFile::parse(value.to_string().as_bytes());
    let large = "x".repeat(SUMMARY_BYTES_MAX);
    assert!(matches!(parse(json!({"summary": large})), Err(UnusableResult::LargeSummary(_))));
    let larger = "x".repeat(RESULT_FILE_BYTES_MAX);
    assert!(matches!(parse(json!({"summary": larger})), Err(UnusableResult::TooLarge)));
    let failed = |count| json!({"failed": vec![json!({"bucket": "b", "key": "k"}); count]});
    assert_eq!(parse(failed(FAILED_MAX)).unwrap().failed.len(), FAILED_MAX);
    assert!(matches!(parse(failed(FAILED_MAX + 1)), Err(UnusableResult::ManyFailed(_))));
    let cut = parse(json!({"reason": "ä".repeat(REASON_CHARS_MAX + 1)})).unwrap().reason;
    assert_eq!((cut.chars().count(), cut.ends_with("ä…")), (REASON_CHARS_MAX + 1, true));
}

proptest! {
    #[test]
    fn no_bytes_break_it(bytes: Vec<u8>) {
        drop(ResultFile::parse(&bytes));
    }

    #[test]
    fn a_reason_that_is_short_enough_comes_back(reason in ".{0,2048}") {
        let file = ResultFile::parse(json!({"reason": reason}).to_string().as_bytes()).unwrap();
        prop_assert_eq!(file.reason, reason);
    }
}
