//! A message that nobody can work on ─▶ one JSON object that says why, so that it can be mended and
//! sent again.

use serde::Serialize;

use super::Message;
use crate::{fleet::queue_name, ingest::dead_letters::DEAD_LETTER};

/// A message set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// Where among the dead letters: the same place however often it is tried.
    pub key: String,
    /// What is written there: one line of NDJSON.
    pub line: Vec<u8>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    queue: &'a str,
    message_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent: Option<String>,
    receives: u32,
    reason: &'a str,
    body: &'a str,
}

impl Aside {
    /// Of a message of the queue at `url`, for this reason.
    #[must_use]
    pub fn new(url: &str, message: &Message, reason: &str) -> Self {
        let queue = queue_name(url);
        let Message { id, group, sent, receives, body, .. } = message;
        let line = Line {
            queue,
            message_id: id,
            group: group.as_deref(),
            sent: sent.map(|at| at.to_string()),
            receives: *receives,
            reason,
            body,
        };
        let mut line = serde_json::to_vec(&line).unwrap_or_default();
        line.push(b'\n');
        Self { key: format!("{DEAD_LETTER}messages/{queue}/{id}.ndjson"), line }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn a_message_is_kept_whole_with_the_reason() {
        let message = Message {
            id: "7f0e".into(),
            receipt: "r".into(),
            body: "{\"a\":\n1}".into(),
            group: Some("g".into()),
            receives: 3,
            sent: Some("2026-11-23T00:00:00Z".parse().unwrap()),
            first_received: None,
        };
        let aside = Aside::new("http://localhost/0/work.fifo", &message, "it is \"bad\"");
        expect!["dead-letter/messages/work.fifo/7f0e.ndjson"].assert_eq(&aside.key);
        expect![[r#"
            {"queue":"work.fifo","messageId":"7f0e","group":"g","sent":"2026-11-23T00:00:00Z","receives":3,"reason":"it is \"bad\"","body":"{\"a\":\n1}"}
        "#]]
        .assert_eq(&String::from_utf8(aside.line).unwrap());
    }
}
