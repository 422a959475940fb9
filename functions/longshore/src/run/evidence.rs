//! What a failed run's messages tell beyond the run itself, so that nobody has to look it up.

use serde_json::{Map, Value, json};

use super::{
    change::{Addressee, Also, Change, Outbox},
    identity::RunId,
    logs::LogPointer,
};
use crate::{printable::printable, trigger::ObjectVersion};

/// Most objects that a message names: more are looked for by a program, and not by a person.
const OBJECTS_MAX: usize = 100;
/// Most bytes of them as JSON: the message is an item of the ledger (400 KB, DynamoDB quotas) and
/// an event (256 KB, PutEvents API reference), and holds more than them.
const OBJECTS_BYTES_MAX: usize = 32 * 1_024;
/// How much of the words of others is repeated.
const WHY_CHARS_MAX: usize = 300;

/// What was found out about a run that is about to fail.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// Where the output of its task is, if it had one.
    pub logs: Option<LogPointer>,
    /// The objects whose work has failed, if there are several, or why they are not known.
    pub objects: Option<Result<Vec<ObjectVersion>, String>>,
}

impl Change {
    /// Whether the run fails by it, for good: then somebody is told who looks.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        let is_failure = |message: &Outbox| message.to == Addressee::Failed;
        self.also.iter().any(|also| matches!(also, Also::Outbox(message) if is_failure(message)))
    }

    /// Has the messages that are owed by it tell the evidence too.
    pub fn tell(&mut self, evidence: &Evidence) {
        let count = self.run.input.objects().map(|objects| objects.left.len());
        let objects = evidence.objects.as_ref().zip(count);
        let input = objects.map(|(objects, count)| input(&self.run.id, count, objects.as_deref()));
        for also in &mut self.also {
            let Also::Outbox(message) = also else { continue };
            if let Some(logs) = &evidence.logs {
                message.body["logs"] = json!(logs);
            }
            if let (Some(more), Some(Value::Object(told))) = (&input, message.body.get_mut("input"))
            {
                told.extend(more.clone());
            }
        }
    }
}

/// What is told of `count` objects beside the places that they have in their list.
fn input(
    run: &RunId,
    count: usize,
    objects: Result<&[ObjectVersion], &String>,
) -> Map<String, Value> {
    let named = named(objects.unwrap_or_default());
    let mut told = Map::from_iter([("count".to_owned(), json!(count))]);
    if named.len() < count {
        let why = objects.err().map(|why| format!("; {}", printable(why, WHY_CHARS_MAX)));
        let why = why.unwrap_or_default();
        let more = format!("{} are named here; all: longshore why {run} --json{why}", named.len());
        told.insert("more".into(), more.into());
    }
    told.insert("objects".into(), named.into());
    told
}

/// As many of the objects as a message has room for.
fn named(objects: &[ObjectVersion]) -> Vec<Value> {
    let mut bytes_left = OBJECTS_BYTES_MAX;
    let mut named = Vec::new();
    for ObjectVersion { bucket, key, version_id, .. } in objects.iter().take(OBJECTS_MAX) {
        let mut object = json!({"bucket": bucket, "key": key});
        if let Some(version) = version_id {
            object["versionId"] = json!(version);
        }
        let Some(left) = bytes_left.checked_sub(object.to_string().len()) else { break };
        bytes_left = left;
        named.push(object);
    }
    named
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::run::Places;

    fn object(key: String, version: Option<&str>) -> ObjectVersion {
        let version_id = version.map(str::to_owned);
        let (bucket, etag) = ("b".to_owned(), Some("e".to_owned()));
        ObjectVersion { bucket, key, version_id, etag, size: Some(1), sequencer: None }
    }

    fn told(count: usize, objects: &Result<Vec<ObjectVersion>, String>) -> Map<String, Value> {
        let run = RunId::derive("t", "i");
        input(&run, count, objects.as_deref())
    }

    #[test]
    fn failed_objects_are_named_as_s3_names_them() {
        let objects = vec![object("k".into(), Some("v")), object("l".into(), None)];
        expect![[r#"
            {
              "count": 2,
              "objects": [
                {
                  "bucket": "b",
                  "key": "k",
                  "versionId": "v"
                },
                {
                  "bucket": "b",
                  "key": "l"
                }
              ]
            }"#]]
        .assert_eq(&format!("{:#}", Value::Object(told(2, &Ok(objects)))));
    }

    #[test]
    fn whoever_is_not_named_here_can_be_listed() {
        let all: Vec<_> = (0..1_000).map(|nth| object(nth.to_string(), Some("v"))).collect();
        let cut = told(1_000, &Ok(all));
        assert_eq!(cut["objects"].as_array().map(Vec::len), Some(OBJECTS_MAX));
        assert_eq!(cut["count"], 1_000);
        let run = RunId::derive("t", "i");
        assert_eq!(cut["more"], format!("100 are named here; all: longshore why {run} --json"));
        let unknown = told(3, &Err("ledger: no answer".into()));
        assert_eq!((&unknown["count"], &unknown["objects"]), (&json!(3), &json!([])));
        let more = format!("0 are named here; all: longshore why {run} --json; ledger: no answer");
        assert_eq!(unknown["more"], more);
    }

    #[test]
    fn a_thousand_of_the_longest_keys_fit_where_a_message_goes() {
        // The longest key (S3 user guide), of characters that JSON writes longest.
        let key = "\u{1}".repeat(1_024);
        let objects: Vec<_> = (0..1_000).map(|_| object(key.clone(), Some(&key))).collect();
        let cut = Value::Object(told(1_000, &Ok(objects)));
        assert!(cut.to_string().len() < OBJECTS_BYTES_MAX + 1_024);
        assert!(!cut["objects"].as_array().unwrap().is_empty());
    }

    #[test]
    fn both_messages_of_a_failure_tell_the_objects_and_keep_their_places() {
        let mut run = crate::run::samples::forming(3);
        run.input = crate::trigger::Input::Objects(crate::trigger::Objects {
            list: run.id.clone(),
            left: Places::first(2),
        });
        let message = |to| {
            let body = json!({"input": run.input, "logs": null});
            Also::Outbox(Outbox { run: run.id.clone(), attempt: 1, to, body, sent_at: None })
        };
        let also = vec![message(Addressee::Failed), message(Addressee::Bus)];
        let mut change = Change { run, expects_ver: Some(1), also };
        let objects = vec![object("k".into(), None), object("l".into(), None)];
        change.tell(&Evidence { logs: None, objects: Some(Ok(objects)) });
        for also in &change.also {
            let Also::Outbox(message) = also else { panic!("{also:?}") };
            let input = &message.body["input"];
            assert_eq!((&input["left"], &input["count"]), (&json!("0-1"), &json!(2)));
            assert_eq!(input["objects"][1]["key"], "l");
            assert_eq!(message.body["logs"], Value::Null);
        }
    }
}
