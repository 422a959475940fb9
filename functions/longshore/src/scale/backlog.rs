//! Step 5, first half: since when the messages wait that wait.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::state::News;

/// Most segments that are told apart; above, neighbours become one, as old as the older.
const SEGMENTS_MAX: usize = 64;
/// Fewer messages than this are none: the rest of a division.
const MESSAGES_MIN: f64 = 1e-6;

/// Messages that wait, the oldest first: as good as first in, first out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Backlog {
    segments: VecDeque<Segment>,
}

/// Messages that came at about the same time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Segment {
    /// When, in seconds since 1970.
    pub(super) at_secs: f64,
    pub(super) messages: f64,
}

impl Backlog {
    /// Takes in a reading: since the last one so many messages were `started`, so many came. The oldest were started; of those that are left the newest are those
    /// that came. The count of the others wavers with the queue's, their shares of it stay.
    pub(super) fn follow(&mut self, news: &News, arrivals: f64, started: f64) {
        let visible = news.visible;
        self.start(started);
        let known: f64 = self.segments.iter().map(|segment| segment.messages).sum();
        let new = if known > MESSAGES_MIN { arrivals.min(visible) } else { visible };
        let share = (visible - new) / known.max(MESSAGES_MIN);
        for segment in &mut self.segments {
            segment.messages *= share;
        }
        self.segments.retain(|segment| segment.messages > MESSAGES_MIN);
        if new > MESSAGES_MIN {
            let at_secs = news.at_secs - news.secs / 2.0;
            self.segments.push_back(Segment { at_secs, messages: new });
        }
        if self.segments.len() > SEGMENTS_MAX {
            self.halve();
        }
    }

    fn start(&mut self, mut started: f64) {
        while let Some(oldest) = self.segments.front_mut() {
            if oldest.messages > started {
                oldest.messages -= started.max(0.0);
                return;
            }
            started -= oldest.messages;
            self.segments.pop_front();
        }
    }

    fn halve(&mut self) {
        let pairs = std::mem::take(&mut self.segments);
        for (n, segment) in pairs.into_iter().enumerate() {
            match self.segments.back_mut() {
                Some(last) if n % 2 == 1 => last.messages += segment.messages,
                _ => self.segments.push_back(segment),
            }
        }
    }

    /// Each segment with all messages up to it.
    pub(super) fn prefixes(&self) -> impl Iterator<Item = Segment> {
        self.segments.iter().scan(0.0, |sum, segment| {
            *sum += segment.messages;
            Some(Segment { messages: *sum, ..*segment })
        })
    }
}

#[cfg(test)]
mod tests;
