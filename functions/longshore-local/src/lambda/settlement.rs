//! Which messages of a batch are done, decided from what the function answered.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::Invoked;

/// The decision about a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Settlement {
    /// Every message is done.
    All,
    /// All but the messages with these ids are done.
    AllBut(BTreeSet<String>),
    /// The whole batch comes back.
    Nothing(Reason),
}

/// Why a whole batch comes back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Reason {
    /// The function failed, crashed or took too long.
    #[error("the function failed")]
    Failed,
    /// The response is no JSON, or no report.
    #[error("the response is no report of batch item failures: {0}")]
    Unreadable(String),
    /// A failure without `itemIdentifier`, or an empty one.
    #[error("a batch item failure has no itemIdentifier")]
    NoId,
    /// A failure that names no message of the batch.
    #[error("itemIdentifier `{0}` is no message of the batch")]
    UnknownId(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    #[serde(default)]
    batch_item_failures: Option<Vec<Failure>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    #[serde(default)]
    item_identifier: Option<String>,
}

/// Decides about a batch with the messages `ids`.
///
/// Lambda Developer Guide, "Handling errors for an SQS event source", success and failure
/// conditions: an empty or null list and an empty or null response are complete successes; invalid
/// JSON, and an id that is empty, null, under another key or unknown, are complete failures.
pub(super) fn settle(invoked: &Invoked, reports_failures: bool, ids: &[&str]) -> Settlement {
    if invoked.function_error.is_some() {
        return Settlement::Nothing(Reason::Failed);
    }
    if !reports_failures || invoked.payload.is_empty() {
        return Settlement::All;
    }
    let report = match serde_json::from_slice::<Option<Report>>(&invoked.payload) {
        Ok(report) => report,
        Err(error) => return Settlement::Nothing(Reason::Unreadable(error.to_string())),
    };
    let failures = report.and_then(|report| report.batch_item_failures).unwrap_or_default();
    let mut failed = BTreeSet::new();
    for failure in failures {
        match failure.item_identifier.filter(|id| !id.is_empty()) {
            None => return Settlement::Nothing(Reason::NoId),
            Some(id) if !ids.contains(&id.as_str()) => {
                return Settlement::Nothing(Reason::UnknownId(id));
            }
            Some(id) => failed.insert(id),
        };
    }
    if failed.is_empty() { Settlement::All } else { Settlement::AllBut(failed) }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn check(response: &str, reports_failures: bool, expected: &str) {
        let invoked = Invoked {
            status: 200,
            payload: Bytes::copy_from_slice(response.as_bytes()),
            function_error: None,
            request_id: String::new(),
        };
        let settled = match settle(&invoked, reports_failures, &["a", "b", "c"]) {
            Settlement::All => "all done".to_owned(),
            Settlement::AllBut(ids) => format!("back: {ids:?}"),
            Settlement::Nothing(reason) => format!("all back: {reason}"),
        };
        assert!(settled.starts_with(expected), "{response}: {settled}");
    }

    #[test]
    fn a_report_names_what_comes_back() {
        check(r#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#, true, r#"back: {"b"}"#);
        check(
            r#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"c"},{"itemIdentifier":"a"}]}"#,
            true,
            r#"back: {"a", "c"}"#,
        );
    }

    #[test]
    fn no_failures_are_a_complete_success() {
        for response in [
            r#"{"batchItemFailures":[]}"#,
            r#"{"batchItemFailures":null}"#,
            r#"{"other":1}"#,
            "{}",
            "null",
            "",
        ] {
            check(response, true, "all done");
        }
    }

    #[test]
    fn a_report_that_cannot_be_trusted_is_a_complete_failure() {
        for (response, expected) in [
            ("nul", "all back: the response is no report"),
            ("\"done\"", "all back: the response is no report"),
            (r#"{"batchItemFailures":"a"}"#, "all back: the response is no report"),
            (
                r#"{"batchItemFailures":[{"itemIdentifier":7}]}"#,
                "all back: the response is no report",
            ),
            (
                r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
                "all back: a batch item failure has no",
            ),
            (
                r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#,
                "all back: a batch item failure has no",
            ),
            (r#"{"batchItemFailures":[{"id":"a"}]}"#, "all back: a batch item failure has no"),
            (
                r#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"z"}]}"#,
                "all back: itemIdentifier `z`",
            ),
        ] {
            check(response, true, expected);
        }
    }

    #[test]
    fn without_reports_a_batch_is_done_or_back_as_a_whole() {
        check(r#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#, false, "all done");
        check("nul", false, "all done");
        for reports_failures in [false, true] {
            let failed = Invoked {
                status: 200,
                payload: Bytes::from_static(b"{}"),
                function_error: Some("Unhandled".into()),
                request_id: String::new(),
            };
            assert_eq!(
                settle(&failed, reports_failures, &["a"]),
                Settlement::Nothing(Reason::Failed)
            );
        }
    }
}
