//! A message that nobody can work on ─▶ one JSON object that says why, so that it can be mended and
//! sent again.

use serde::Serialize;

use super::Message;
use crate::{fleet::queue_name, ingest::dead_letters::DEAD_LETTER};

/// Why nobody can work on a message, or on parts of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// In words, about all of it.
    pub reason: String,
    /// The parts that it is about, while the others are done; without any it is about the whole.
    pub parts: Vec<Part>,
}

/// A part of a message, as a message of its own: once it is mended, it is sent again alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it would say.
    pub body: String,
    /// Why nobody can work on it.
    pub reason: String,
}

impl From<String> for Rejection {
    fn from(reason: String) -> Self {
        Self { reason, parts: Vec::new() }
    }
}

/// A message set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// Where among the dead letters: the same place however often it is tried.
    pub key: String,
    /// What is written there, as NDJSON: a line for each part, or one for the whole.
    pub lines: Vec<u8>,
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

impl Line<'_> {
    fn add_to(&self, lines: &mut Vec<u8>) {
        lines.extend(serde_json::to_vec(self).unwrap_or_default());
        lines.push(b'\n');
    }
}

impl Aside {
    /// Of a message of the queue at `url`, or the parts of it that are rejected.
    #[must_use]
    pub fn new(url: &str, message: &Message, rejection: &Rejection) -> Self {
        let queue = queue_name(url);
        let Message { id, group, sent, receives, body, .. } = message;
        let mut line = Line {
            queue,
            message_id: id,
            group: group.as_deref(),
            sent: sent.map(|at| at.to_string()),
            receives: *receives,
            reason: &rejection.reason,
            body,
        };
        let mut lines = Vec::new();
        for part in &rejection.parts {
            (line.reason, line.body) = (&part.reason, &part.body);
            line.add_to(&mut lines);
        }
        if lines.is_empty() {
            line.add_to(&mut lines);
        }
        Self { key: format!("{DEAD_LETTER}messages/{queue}/{id}.ndjson"), lines }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn message() -> Message {
        Message {
            id: "7f0e".into(),
            receipt: "r".into(),
            body: "{\"a\":\n1}".into(),
            group: Some("g".into()),
            receives: 3,
            sent: Some("2026-11-23T00:00:00Z".parse().unwrap()),
            first_received: None,
        }
    }

    #[test]
    fn a_message_is_kept_whole_with_the_reason() {
        let rejection = Rejection::from("it is \"bad\"".to_owned());
        let aside = Aside::new("http://localhost/0/work.fifo", &message(), &rejection);
        expect!["dead-letter/messages/work.fifo/7f0e.ndjson"].assert_eq(&aside.key);
        expect![[r#"
            {"queue":"work.fifo","messageId":"7f0e","group":"g","sent":"2026-11-23T00:00:00Z","receives":3,"reason":"it is \"bad\"","body":"{\"a\":\n1}"}
        "#]]
        .assert_eq(&String::from_utf8(aside.lines).unwrap());
    }

    #[test]
    fn of_a_message_that_is_rejected_in_part_those_parts_are_kept() {
        let part = |n: u32| Part { body: format!("{{\"n\":{n}}}"), reason: format!("no {n}") };
        let rejection = Rejection { reason: "2 of 9".into(), parts: vec![part(1), part(2)] };
        let aside = Aside::new("http://localhost/0/work", &message(), &rejection);
        expect![[r#"
            {"queue":"work","messageId":"7f0e","group":"g","sent":"2026-11-23T00:00:00Z","receives":3,"reason":"no 1","body":"{\"n\":1}"}
            {"queue":"work","messageId":"7f0e","group":"g","sent":"2026-11-23T00:00:00Z","receives":3,"reason":"no 2","body":"{\"n\":2}"}
        "#]]
        .assert_eq(&String::from_utf8(aside.lines).unwrap());
    }
}
