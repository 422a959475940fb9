//! Client tokens: one `RunTask`, however often it is called.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::{Change, Fault};

use super::task::Task;

/// Kind of a token's row; its key is the cluster's ARN, a space and the token.
pub(super) const TOKEN: &str = "ecs-token";

/// Longest life of a token ("Ensuring idempotency", Amazon ECS API reference).
const LIFE_MAX: SignedDuration = SignedDuration::from_hours(24);

/// How long a token outlives its last task, where that is less than its longest life.
const AFTER_TASK: SignedDuration = SignedDuration::from_hours(1);

/// A token that was used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Token {
    digest: String,
    /// The original answer, `failures` included.
    answer: Value,
    used_at: Timestamp,
    /// Ids of its tasks.
    tasks: Vec<String>,
    /// Whether it ends an hour after its call, however long its tasks live.
    #[serde(default)]
    ends_early: bool,
}

/// Key of a token: its scope is the cluster.
pub(super) fn key(cluster_arn: &str, token: &str) -> String {
    format!("{cluster_arn} {token}")
}

/// What must not differ between two calls with one token in one cluster.
pub(super) fn digest(input: &Value) -> String {
    let mut parameters = input.as_object().cloned().unwrap_or_default();
    parameters.remove("clientToken");
    parameters.remove("cluster");
    HEXLOWER.encode(&Sha256::digest(sorted(Value::Object(parameters)).to_string()))
}

/// The same value with the members of every object in the order of their names.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<String, Value> = members.into_iter().collect();
            let members = members.into_iter().map(|(name, value)| (name, sorted(value)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}

impl Token {
    pub(super) fn new(
        digest: String,
        answer: Value,
        used_at: Timestamp,
        tasks: Vec<String>,
    ) -> Self {
        Self { digest, answer, used_at, tasks, ends_early: false }
    }

    /// The same, ending as early as it may: at the least life that any task leaves it.
    pub(super) fn ending_early(self, ends_early: bool) -> Self {
        Self { ends_early, ..self }
    }

    pub(super) fn row(&self, key: &str) -> Change {
        Change::put(TOKEN, key, self)
    }

    /// Whether it still stands for its call: for 24 hours, or until an hour after its last task
    /// stopped, whichever is less; for an hour if it ends early.
    pub(super) fn holds(&self, tasks: &BTreeMap<String, Task>, now: Timestamp) -> bool {
        let life_max = if self.ends_early { AFTER_TASK } else { LIFE_MAX };
        if now.duration_since(self.used_at) >= life_max {
            return false;
        }
        // A task that is not there any more stopped longer ago than any that is.
        let known: Vec<&Task> = self.tasks.iter().filter_map(|id| tasks.get(id)).collect();
        if known.iter().any(|task| !task.is_stopped()) {
            return true;
        }
        let last_stop = known.iter().filter_map(|task| task.stopped_at).max();
        now.duration_since(last_stop.unwrap_or(self.used_at)) < AFTER_TASK
    }

    /// The original answer, or a conflict when the parameters are others.
    pub(super) fn answer(&self, digest: &str) -> Result<Value, Fault> {
        if self.digest == digest {
            return Ok(self.answer.clone());
        }
        let tasks = self.answer["tasks"].as_array();
        let arns: Vec<&Value> = tasks.into_iter().flatten().map(|task| &task["taskArn"]).collect();
        let message = "The clientToken was already used for a RunTask with other parameters.";
        Err(Fault::client("ConflictException", message).with("resourceIds", json!(arns)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_the_same_in_any_order_and_in_one_cluster_by_any_name() {
        let digest_of = |text: &str| digest(&serde_json::from_str(text).unwrap());
        let first =
            digest_of(r#"{"count":1,"cluster":"a","clientToken":"t","tags":[{"a":1,"b":2}]}"#);
        assert_eq!(first, digest_of(r#"{"tags":[{"b":2,"a":1}],"cluster":"arn:a","count":1}"#));
        assert_ne!(first, digest_of(r#"{"tags":[{"b":2,"a":1}],"count":2}"#));
        assert_ne!(digest_of(r#"{"tags":[1,2]}"#), digest_of(r#"{"tags":[2,1]}"#));
    }
}
