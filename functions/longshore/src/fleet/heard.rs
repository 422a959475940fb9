//! What workers did since the last tick, by differences of the totals that they tell.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{beat::Worker, crew::Crew};
use crate::scale::Finished;

/// Workers are summed up in so many parts: one that begins to count anew takes no more than its
/// part with it, for one tick.
const PARTS: usize = 16;
/// How long after its last word a worker is counted: less than its row is kept, so that a row that
/// is gone was not counted any more.
const COUNTED: SignedDuration = SignedDuration::from_mins(30);
/// Longest time between two ticks over which differences are believed.
const GAP_MAX: SignedDuration = SignedDuration::from_mins(20);

/// Totals of all workers, as they were last heard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Heard {
    at: Timestamp,
    /// Messages and milliseconds of work, of each part.
    parts: Vec<(u64, u64)>,
}

impl Heard {
    /// Sums up what the workers told until now; gives what is new since `before`, unless nobody
    /// listened for long.
    pub(super) fn listen(
        before: Option<&Self>,
        crew: &Crew<'_>,
        now: Timestamp,
    ) -> (Self, Option<Finished>) {
        let heard = Self { at: now, parts: sums(crew, now - COUNTED) };
        let gap = before.map(|before| now.duration_since(before.at));
        let Some(before) = before.filter(|_| gap.is_some_and(|gap| gap.abs() <= GAP_MAX)) else {
            return (heard, None);
        };
        // Of those that were counted then, also who would not be any more.
        let since = sums(crew, before.at - COUNTED);
        let news = since
            .iter()
            .zip(&before.parts)
            .map(|(now, then)| (now.0.saturating_sub(then.0), now.1.saturating_sub(then.1)));
        let (messages, busy_ms) = news.fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
        let finished = Finished { messages: real(messages), busy_secs: real(busy_ms) / 1_000.0 };
        (heard, Some(finished))
    }
}

fn sums(crew: &Crew<'_>, from: Timestamp) -> Vec<(u64, u64)> {
    let mut parts = vec![(0_u64, 0_u64); PARTS];
    for (id, Worker { beat, .. }) in &crew.all {
        if beat.at > from {
            let (messages, busy_ms) = &mut parts[part(id)];
            *messages = messages.saturating_add(beat.messages);
            *busy_ms = busy_ms.saturating_add(beat.busy_ms);
        }
    }
    parts
}

/// Ids of tasks are random.
fn part(id: &str) -> usize {
    id.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into())) % PARTS
}

#[expect(clippy::cast_precision_loss, reason = "a tick's work is far below 2^52")]
fn real(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{
        Worker,
        samples::{at, worker},
    };

    fn counting(id: &str, since: i64, said: i64, messages: u64) -> Worker {
        let mut worker = worker(id, since, said);
        (worker.beat.messages, worker.beat.busy_ms) = (messages, messages * 2_000);
        worker
    }

    /// What is new at each of the moments, in messages; `-1` where nothing is known.
    fn news(moments: &[(i64, Vec<Worker>)]) -> Vec<f64> {
        let mut heard = None;
        let listen = |(now, workers): &(i64, Vec<Worker>)| {
            let crew = Crew::of(workers, &[], at(*now));
            let (next, finished) = Heard::listen(heard.as_ref(), &crew, at(*now));
            heard = Some(next);
            if let Some(finished) = finished {
                assert!((finished.busy_secs - 2.0 * finished.messages).abs() < 1e-9);
            }
            finished.map_or(-1.0, |finished| finished.messages)
        };
        moments.iter().map(listen).collect()
    }

    #[test]
    fn what_is_new_is_told_once() {
        let moments = [
            (0, vec![counting("a", -90, 0, 100)]),
            (5, vec![counting("a", -90, 0, 100), counting("b", 4, 5, 0)]),
            (10, vec![counting("a", -90, 10, 130), counting("b", 4, 5, 0)]),
            (15, vec![counting("a", -90, 10, 130), counting("b", 4, 15, 7)]),
            // Who has left told it all before.
            (20, vec![counting("a", -90, 10, 130), counting("b", 4, 15, 7)]),
        ];
        assert_eq!(news(&moments), [-1.0, 0.0, 30.0, 7.0, 0.0]);
    }

    #[test]
    fn a_worker_that_begins_anew_takes_nothing_from_the_others() {
        let moments = [
            (0, vec![counting("a", -90, 0, 1_000), counting("b", -90, 0, 50)]),
            (10, vec![counting("a", 8, 10, 3), counting("b", -90, 10, 60)]),
            (20, vec![counting("a", 8, 20, 10), counting("b", -90, 20, 70)]),
        ];
        assert_eq!(news(&moments), [-1.0, 10.0, 17.0]);
    }

    #[test]
    fn rows_that_end_take_nothing_back() {
        let (quiet, later) = (1_801, 1_806);
        let moments = [
            (0, vec![counting("a", -90, 0, 100), counting("b", -90, 0, 50)]),
            (900, vec![counting("a", -90, 0, 100), counting("b", -90, 900, 55)]),
            (quiet, vec![counting("a", -90, 0, 100), counting("b", -90, 1_800, 60)]),
            // The row of `a` is gone an hour after its last word, and was not counted any more.
            (later, vec![counting("b", -90, 1_806, 61)]),
        ];
        assert_eq!(news(&moments), [-1.0, 5.0, 5.0, 1.0]);
        let gap =
            [(0, vec![counting("a", -90, 0, 100)]), (1_300, vec![counting("a", -90, 1_300, 900)])];
        assert_eq!(news(&gap), [-1.0, -1.0], "nobody listened for long");
    }
}
