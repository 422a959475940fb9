//! Whether a request's conditions hold: RFC 9110 §13 as S3 applies it.

use jiff::Timestamp;
use s3s::{
    S3Result,
    dto::{self, ETag, ETagCondition},
    s3_error,
};

use super::{identity::whole_second, refusal, version::Version};

/// Conditions of a write ("Conditional writes", S3 user guide).
#[derive(Clone, Debug, Default)]
pub(super) struct WriteIf {
    pub(super) matches: Option<ETagCondition>,
    pub(super) none_matches: Option<ETagCondition>,
}

/// Conditions of a read.
#[derive(Clone, Debug, Default)]
pub(super) struct ReadIf {
    pub(super) matches: Option<ETagCondition>,
    pub(super) none_matches: Option<ETagCondition>,
    pub(super) modified_since: Option<dto::Timestamp>,
    pub(super) unmodified_since: Option<dto::Timestamp>,
}

impl WriteIf {
    /// Judges against the newest version; a delete marker counts as nothing.
    pub(super) fn check(&self, newest: Option<&Version>) -> S3Result<()> {
        let newest = newest.filter(|version| version.content.is_some());
        match &self.none_matches {
            Some(ETagCondition::Any) if newest.is_some() => {
                return Err(refusal::precondition_failed("If-None-Match"));
            }
            Some(ETagCondition::ETag(_)) => {
                return Err(s3_error!(NotImplemented, "If-None-Match of a write must be `*`"));
            }
            _ => {}
        }
        let Some(condition) = &self.matches else { return Ok(()) };
        match newest {
            None => Err(refusal::no_such_key()),
            Some(newest) if is_match(condition, newest) => Ok(()),
            Some(_) => Err(refusal::precondition_failed("If-Match")),
        }
    }
}

impl ReadIf {
    /// Judges a version that has content; `If-Match` and `If-None-Match` outrank the times.
    pub(super) fn check(&self, version: &Version) -> S3Result<()> {
        match (&self.matches, &self.unmodified_since) {
            (Some(condition), _) if !is_match(condition, version) => {
                return Err(refusal::precondition_failed("If-Match"));
            }
            (None, Some(time)) if is_after(version.modified, time) => {
                return Err(refusal::precondition_failed("If-Unmodified-Since"));
            }
            _ => {}
        }
        match (&self.none_matches, &self.modified_since) {
            (Some(condition), _) if is_match(condition, version) => {
                Err(refusal::not_modified(version))
            }
            (None, Some(time)) if !is_after(version.modified, time) => {
                Err(refusal::not_modified(version))
            }
            _ => Ok(()),
        }
    }
}

fn is_match(condition: &ETagCondition, version: &Version) -> bool {
    match (condition, &version.content) {
        (ETagCondition::Any, content) => content.is_some(),
        (ETagCondition::ETag(etag), Some(content)) => {
            etag.weak_cmp(&ETag::Strong(content.etag.clone()))
        }
        (ETagCondition::ETag(_), None) => false,
    }
}

/// HTTP dates have whole seconds only.
fn is_after(modified: Timestamp, time: &dto::Timestamp) -> bool {
    dto::Timestamp::from(std::time::SystemTime::from(whole_second(modified))) > *time
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::s3::{
        identity::Sequencer,
        version::{About, Content},
    };

    fn version(etag: Option<&str>) -> Version {
        Version {
            bucket: "b".into(),
            key: "k".into(),
            id: None,
            sequencer: Sequencer::default(),
            modified: "2026-11-12T00:00:00.5Z".parse().unwrap(),
            content: etag.map(|etag| Content {
                file: String::new(),
                size: 0,
                etag: etag.into(),
                sum: None,
                parts: Vec::new(),
                about: About::default(),
            }),
        }
    }

    fn condition(text: &str) -> Option<ETagCondition> {
        (!text.is_empty()).then(|| ETagCondition::parse_http_header(text.as_bytes()).unwrap())
    }

    fn time(text: &str) -> Option<dto::Timestamp> {
        let parse = |text| dto::Timestamp::parse(dto::TimestampFormat::DateTime, text);
        (!text.is_empty()).then(|| parse(text).unwrap())
    }

    fn said(result: S3Result<()>) -> String {
        result.map_or_else(|error| error.code().as_str().to_owned(), |()| "ok".to_owned())
    }

    fn check(cases: &[String], expect: &Expect) {
        expect.assert_eq(&(cases.join("\n") + "\n"));
    }

    #[test]
    fn writes() {
        let nothing = None;
        let marker = Some(version(None));
        let object = Some(version(Some("e")));
        let mut lines = Vec::new();
        for (matches, none_matches) in [("", "*"), ("\"e\"", ""), ("e2", ""), ("*", ""), ("", "e")]
        {
            let held =
                WriteIf { matches: condition(matches), none_matches: condition(none_matches) };
            let answers = [&nothing, &marker, &object].map(|it| said(held.check(it.as_ref())));
            lines.push(format!("{matches:4}|{none_matches:4}| {}", answers.join(", ")));
        }
        check(
            &lines,
            &expect![[r#"
                    |*   | ok, ok, PreconditionFailed
                "e" |    | NoSuchKey, NoSuchKey, ok
                e2  |    | NoSuchKey, NoSuchKey, PreconditionFailed
                *   |    | NoSuchKey, NoSuchKey, ok
                    |e   | NotImplemented, NotImplemented, NotImplemented
            "#]],
        );
    }

    #[test]
    fn reads() {
        let (before, same, after) =
            ("2026-11-11T23:59:59Z", "2026-11-12T00:00:00Z", "2026-11-12T00:00:01Z");
        let cases = [
            ("e", "", "", before),
            ("x", "", "", after),
            ("", "e", before, ""),
            ("", "x", after, ""),
            ("", "*", "", ""),
            ("", "", before, ""),
            ("", "", same, ""),
            ("", "", "", before),
            ("", "", "", same),
        ];
        let lines = cases.map(|(matches, none_matches, modified_since, unmodified_since)| {
            let held = ReadIf {
                matches: condition(matches),
                none_matches: condition(none_matches),
                modified_since: time(modified_since),
                unmodified_since: time(unmodified_since),
            };
            said(held.check(&version(Some("e"))))
        });
        check(
            &lines,
            &expect![[r"
                ok
                PreconditionFailed
                NotModified
                ok
                NotModified
                ok
                NotModified
                PreconditionFailed
                ok
            "]],
        );
    }
}
