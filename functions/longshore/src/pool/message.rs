//! What lies in the queue of a pool.

use serde::{Deserialize, Serialize};

use crate::{
    run::LaunchId,
    trigger::{Launch, Pool},
};

/// `source` of everything that longshore sends.
pub(super) const SOURCE: &str = "longshore";
/// `detail-type` of a launch.
const LAUNCH: &str = "Longshore Launch";

/// A launch that waits for a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolMessage {
    /// The launch: whoever gets the message reads the rest in the ledger.
    pub launch: LaunchId,
    /// Workers that the run has lost, as far as its launch knew.
    pub losses: u32,
}

#[derive(Serialize, Deserialize)]
struct Body {
    source: String,
    #[serde(rename = "detail-type")]
    detail_type: String,
    detail: Detail,
}

#[derive(Serialize, Deserialize)]
struct Detail {
    /// As in `startedBy` of a task.
    launch: String,
    #[serde(default)]
    losses: u32,
}

impl PoolMessage {
    /// The message of a launch into `pool`.
    #[must_use]
    pub fn of(launch: &Launch, pool: &Pool) -> Self {
        Self { launch: launch.id.clone(), losses: pool.losses }
    }

    /// What the queue gets.
    #[must_use]
    pub fn body(&self) -> String {
        let detail = Detail { launch: self.launch.to_string(), losses: self.losses };
        let body = Body { source: SOURCE.into(), detail_type: LAUNCH.into(), detail };
        serde_json::to_string(&body).unwrap_or_default()
    }

    /// The launch that `body` is about; of what others send there is none.
    #[must_use]
    pub fn parse(body: &str) -> Option<Self> {
        // Most messages are others', and large ones among them.
        if !body.contains(LAUNCH) {
            return None;
        }
        let Body { source, detail_type, detail } = serde_json::from_str(body).ok()?;
        if source != SOURCE || detail_type != LAUNCH {
            return None;
        }
        Some(Self { launch: detail.launch.parse().ok()?, losses: detail.losses })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_comes_back_as_it_was_sent_and_others_do_not() {
        let launch: LaunchId = "ls/aaaaaaaaaaaaaaaaaaaaaaaaaa/2/1".parse().unwrap();
        let message = PoolMessage { launch, losses: 2 };
        let body = message.body();
        assert_eq!(PoolMessage::parse(&body), Some(message));
        for other in [
            body.replace("\"longshore\"", "\"aws.s3\""),
            body.replace("Longshore Launch", "Longshore Launches"),
            body.replace("ls/", "x/"),
            format!("{{\"key\": {body}}}"),
            "Longshore Launch".to_owned(),
        ] {
            assert_eq!(PoolMessage::parse(&other), None, "{other}");
        }
    }
}
