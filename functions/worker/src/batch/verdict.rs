//! What became of the objects ─▶ what to report, what to keep, and the exit code.

use jiff::Timestamp;
use longshore::{
    batch::{Shard, Tally, TickEnd, TickSummary},
    run::{Places, WorkResult, WorkStatus},
};
use longshore_engine::ingest::IngestError;
use serde_json::{Value, json};

use super::Work;
use crate::{EXIT_DONE, EXIT_REJECT, EXIT_TRY_AGAIN, Verdict, counted, exit_code};

/// Whether the next tick may go on from this one: bad objects that are set aside are nobody's to
/// look at again. One that was stopped, or refused, or met trouble leaves something to be done.
pub(super) fn end(ended: &Result<(), IngestError>, tally: &Tally) -> TickEnd {
    let is_done = ended.is_ok() && tally.refused == 0 && tally.troubled == 0;
    if is_done { TickEnd::Done } else { TickEnd::Failed }
}

/// What to report of a tick that was looked at until `ended`; nothing if the run is another's.
pub(super) fn verdict(
    ended: &Result<(), IngestError>,
    tally: &Tally,
    shard: Shard,
    since: Option<Timestamp>,
) -> Verdict {
    let (why, code) = match ended {
        Err(IngestError::FenceLost) => return None,
        Err(error) => (error.to_string(), exit_code(error)),
        // Whoever tries again does all of it, and those that are refused are refused again.
        Ok(()) if tally.troubled > 0 => (String::new(), EXIT_TRY_AGAIN),
        Ok(()) if tally.refused > 0 => (String::new(), EXIT_REJECT),
        // Nothing at all is good: then the settings may be bad, such as the table's key. Who mends
        // them redrives the run.
        Ok(()) if tally.bad > 0 && tally.objects == 0 => (String::new(), EXIT_REJECT),
        Ok(()) => (String::new(), EXIT_DONE),
    };
    let failures = tally.failures();
    let reason = [why, failures].into_iter().filter(|words| !words.is_empty());
    let reason = reason.collect::<Vec<_>>().join("; ");
    let status = if code == EXIT_DONE { WorkStatus::Done } else { WorkStatus::Failed };
    let summary = summary(tally, shard, since);
    Some((WorkResult { status, reason, summary, failed: Places::default() }, code))
}

fn summary(tally: &Tally, shard: Shard, since: Option<Timestamp>) -> Value {
    let mut summary = tally.records.try_into().map_or(Value::Null, counted);
    for (name, count) in [
        ("objects", tally.objects),
        ("bad", tally.bad),
        ("refused", tally.refused),
        ("troubled", tally.troubled),
        ("gone", tally.gone),
        ("filtered", tally.filtered),
        ("bytes", tally.bytes),
        ("deadLetterObjects", tally.dead_letter_objects),
    ] {
        summary[name] = json!(count);
    }
    summary["deadLetters"] = json!(tally.dead_letters);
    summary["shard"] = json!(shard.to_string());
    if let Some(since) = since {
        summary["since"] = json!(since);
    }
    summary
}

impl Work<'_> {
    /// What is kept of the tick.
    pub(super) fn summary(
        &self,
        end: TickEnd,
        result: &WorkResult,
        ended: Timestamp,
    ) -> TickSummary {
        let Self { settings, tick, tally, .. } = self;
        TickSummary {
            trigger: tick.trigger.clone(),
            scheduled_at: tick.scheduled_at,
            shard: tick.shard.index(),
            of: tick.shard.of(),
            run: settings.launch.run.clone(),
            attempt: settings.launch.attempt,
            status: end,
            reason: result.reason.clone(),
            objects: tally.objects,
            bad: tally.bad,
            refused: tally.refused,
            troubled: tally.troubled,
            gone: tally.gone,
            filtered: tally.filtered,
            bytes: tally.bytes,
            records: tally.records.read,
            items: tally.records.written,
            replaced: tally.records.replaced,
            rejected: tally.records.dead_lettered,
            began: self.began,
            ended,
            since: self.since,
            complete_until: self.complete_until,
            scope: self.scope.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use longshore::ingest::Counts;

    use super::*;

    fn check(ended: &Result<(), IngestError>, tally: &Tally, expected: &Expect) {
        let shard = Shard::new(1, 3).unwrap();
        let said = match verdict(ended, tally, shard, Some("2026-11-23T00:00:00Z".parse().unwrap()))
        {
            None => "nothing".to_owned(),
            Some((result, code)) => {
                let end = end(ended, tally);
                let WorkResult { status, reason, summary, .. } = result;
                format!("exit {code}, {status:?}, the tick is {end:?}: {reason}\n{summary}")
            }
        };
        expected.assert_eq(&said);
    }

    fn good() -> Tally {
        let mut tally = Tally::default();
        (tally.gone, tally.filtered) = (1, 2);
        let counts =
            Counts { read: 4, written: 2, replaced: 1, dead_lettered: 1, ..Counts::default() };
        tally.read("a.csv", 40, counts, Some("dead-letter/a.csv/1.ndjson".into()));
        tally
    }

    fn retryable() -> IngestError {
        IngestError::Retryable("listing s3://data/in/: SlowDown".into())
    }

    #[test]
    fn a_tick_of_which_all_is_done_succeeds() {
        check(
            &Ok(()),
            &good(),
            &expect![[r#"
                exit 0, Done, the tick is Done: 
                {"bad":0,"bytes":40,"deadLetterObjects":1,"deadLettered":1,"deadLetters":["dead-letter/a.csv/1.ndjson"],"equation":"read 4 = written 2 + replaced 1 + dead-lettered 1","filtered":2,"gone":1,"objects":1,"read":4,"refused":0,"replaced":1,"shard":"1 of 3","since":"2026-11-23T00:00:00Z","troubled":0,"written":2}"#]],
        );
        check(
            &Ok(()),
            &Tally::default(),
            &expect![[r#"
                exit 0, Done, the tick is Done: 
                {"bad":0,"bytes":0,"deadLetterObjects":0,"deadLettered":0,"deadLetters":[],"equation":"read 0 = written 0 + replaced 0 + dead-lettered 0","filtered":0,"gone":0,"objects":0,"read":0,"refused":0,"replaced":0,"shard":"1 of 3","since":"2026-11-23T00:00:00Z","troubled":0,"written":0}"#]],
        );
    }

    #[test]
    fn a_tick_whose_bad_objects_are_set_aside_succeeds() {
        let mut tally = good();
        tally.set_aside("b.csv", "the object is archived", "dead-letter/b.csv/2.ndjson".into());
        check(
            &Ok(()),
            &tally,
            &expect![[r#"
                exit 0, Done, the tick is Done: 1 of 3 objects are bad and set aside: `b.csv`: the object is archived
                {"bad":1,"bytes":40,"deadLetterObjects":2,"deadLettered":2,"deadLetters":["dead-letter/a.csv/1.ndjson","dead-letter/b.csv/2.ndjson"],"equation":"read 5 = written 2 + replaced 1 + dead-lettered 2","filtered":2,"gone":1,"objects":1,"read":5,"refused":0,"replaced":1,"shard":"1 of 3","since":"2026-11-23T00:00:00Z","troubled":0,"written":2}"#]],
        );
        tally.troubled("c.csv", "retryable: slow down");
        check(
            &Ok(()),
            &tally,
            &expect![[r#"
            exit 75, Failed, the tick is Failed: 1 of 4 objects are bad and set aside: `b.csv`: the object is archived; 1 of 4 objects met trouble: `c.csv`: retryable: slow down
            {"bad":1,"bytes":40,"deadLetterObjects":2,"deadLettered":2,"deadLetters":["dead-letter/a.csv/1.ndjson","dead-letter/b.csv/2.ndjson"],"equation":"read 5 = written 2 + replaced 1 + dead-lettered 2","filtered":2,"gone":1,"objects":1,"read":5,"refused":0,"replaced":1,"shard":"1 of 3","since":"2026-11-23T00:00:00Z","troubled":1,"written":2}"#]],
        );
    }

    #[test]
    fn a_tick_of_which_nothing_is_good_fails_and_is_not_looked_at_again() {
        let mut tally = Tally::default();
        tally.set_aside("b.csv", "no column is named `id`", "dead-letter/b.csv/2.ndjson".into());
        tally.gone = 1;
        check(
            &Ok(()),
            &tally,
            &expect![[r#"
            exit 3, Failed, the tick is Done: 1 of 2 objects are bad and set aside: `b.csv`: no column is named `id`
            {"bad":1,"bytes":0,"deadLetterObjects":1,"deadLettered":1,"deadLetters":["dead-letter/b.csv/2.ndjson"],"equation":"read 1 = written 0 + replaced 0 + dead-lettered 1","filtered":0,"gone":1,"objects":0,"read":1,"refused":0,"replaced":0,"shard":"1 of 3","since":"2026-11-23T00:00:00Z","troubled":0,"written":0}"#]],
        );
    }

    #[test]
    fn what_is_refused_waits_for_whoever_allows_it() {
        let mut tally = good();
        tally.set_aside("b.csv", "the object is archived", "dead-letter/b.csv/2.ndjson".into());
        tally.refused("c.csv", "access is denied");
        check(
            &Ok(()),
            &tally,
            &expect![[r#"
                exit 3, Failed, the tick is Failed: 1 of 4 objects are bad and set aside: `b.csv`: the object is archived; 1 of 4 objects were refused: `c.csv`: access is denied
                {"bad":1,"bytes":40,"deadLetterObjects":2,"deadLettered":2,"deadLetters":["dead-letter/a.csv/1.ndjson","dead-letter/b.csv/2.ndjson"],"equation":"read 5 = written 2 + replaced 1 + dead-lettered 2","filtered":2,"gone":1,"objects":1,"read":5,"refused":1,"replaced":1,"shard":"1 of 3","since":"2026-11-23T00:00:00Z","troubled":0,"written":2}"#]],
        );
    }

    #[test]
    fn who_could_not_look_at_everything_says_why() {
        check(
            &Err(retryable()),
            &good(),
            &expect![[r#"
                exit 75, Failed, the tick is Failed: retryable: listing s3://data/in/: SlowDown
                {"bad":0,"bytes":40,"deadLetterObjects":1,"deadLettered":1,"deadLetters":["dead-letter/a.csv/1.ndjson"],"equation":"read 4 = written 2 + replaced 1 + dead-lettered 1","filtered":2,"gone":1,"objects":1,"read":4,"refused":0,"replaced":1,"shard":"1 of 3","since":"2026-11-23T00:00:00Z","troubled":0,"written":2}"#]],
        );
        check(
            &Err(IngestError::Rejected("NoSuchBucket".into())),
            &Tally::default(),
            &expect![[r#"
                exit 3, Failed, the tick is Failed: rejected: NoSuchBucket
                {"bad":0,"bytes":0,"deadLetterObjects":0,"deadLettered":0,"deadLetters":[],"equation":"read 0 = written 0 + replaced 0 + dead-lettered 0","filtered":0,"gone":0,"objects":0,"read":0,"refused":0,"replaced":0,"shard":"1 of 3","since":"2026-11-23T00:00:00Z","troubled":0,"written":0}"#]],
        );
        check(&Err(IngestError::FenceLost), &good(), &expect!["nothing"]);
    }
}
