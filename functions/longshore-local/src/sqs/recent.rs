//! What a FIFO queue was sent lately, so that it recognises a message sent twice.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::limits::DEDUPLICATION_MS;

/// The first message of a deduplication id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sent {
    /// Message id.
    pub(super) id: String,
    /// Its sequence.
    pub(super) sequence: u64,
    /// When the window of five minutes began; a duplicate does not move it.
    pub(super) since_ms: i64,
}

/// Sends of the last five minutes by deduplication id.
#[derive(Debug, Default)]
pub(super) struct Recent {
    sent: BTreeMap<String, Sent>,
    ages: BTreeSet<(i64, String)>,
}

impl Recent {
    /// The message that was sent with this id, if that is not too long ago.
    pub(super) fn get(&self, id: &str) -> Option<&Sent> {
        self.sent.get(id)
    }

    pub(super) fn add(&mut self, id: &str, sent: Sent) {
        self.ages.insert((sent.since_ms, id.to_owned()));
        self.sent.insert(id.to_owned(), sent);
    }

    /// Forgets what is older than the window, and returns those ids.
    pub(super) fn expire(&mut self, now_ms: i64) -> Vec<String> {
        let mut gone = Vec::new();
        while let Some((since_ms, _)) = self.ages.first() {
            if since_ms + DEDUPLICATION_MS > now_ms {
                break;
            }
            if let Some((_, id)) = self.ages.pop_first() {
                self.sent.remove(&id);
                gone.push(id);
            }
        }
        gone
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &String> {
        self.sent.keys()
    }
}
