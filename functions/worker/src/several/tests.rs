use expect_test::{Expect, expect};
use longshore::ingest::Summary;
use longshore_engine::ports::ObjectTrouble;

use super::*;

type End = Result<Ingested, IngestError>;

fn done(read: u64, dead_lettered: u64) -> Ingested {
    let written = read - dead_lettered;
    let counts = Counts { read, written, dead_lettered, ..Counts::default() };
    let dead_letters = (dead_lettered > 0).then(|| "dead.ndjson".to_owned());
    Ingested { summary: Summary::try_from(counts).unwrap(), dead_letters }
}

fn retryable() -> End {
    Err(IngestError::Retryable("throttled".into()))
}

fn rejected() -> End {
    Err(IngestError::Rejected("no CSV".into()))
}

fn superseded() -> End {
    Err(IngestError::Superseded(ObjectTrouble::Gone("404".into())))
}

/// What is said of a run with the second to the sixth object of a list, of which these have ended.
fn check(ended: Vec<End>, expected: &Expect) {
    let object = |nth: u16| ObjectVersion {
        bucket: "b".into(),
        key: format!("k{nth}"),
        version_id: None,
        etag: None,
        size: None,
        sequencer: None,
    };
    let inputs = Inputs { places: (1..6).collect(), objects: (1..6).map(object).collect() };
    let said = match (Several { inputs, ended }).verdict("stopped by SIGTERM") {
        None => "nothing".to_owned(),
        Some((result, code)) => format!(
            "exit {code}, {:?}, failed [{}]: {}\n{}",
            result.status, result.failed, result.reason, result.summary
        ),
    };
    expected.assert_eq(&said);
}

#[test]
fn all_are_done() {
    check(
        vec![Ok(done(3, 0)), Ok(done(2, 1)), superseded(), Ok(done(0, 0)), Ok(done(1, 0))],
        &expect![[r#"
        exit 0, Done, failed []: 
        {"deadLetterObjects":1,"deadLettered":1,"deadLetters":["dead.ndjson"],"equation":"read 6 = written 5 + replaced 0 + dead-lettered 1","failed":0,"objects":4,"read":6,"replaced":0,"superseded":1,"written":5}"#]],
    );
}

#[test]
fn only_what_failed_is_named_by_its_place_in_the_list() {
    check(
        vec![Ok(done(3, 0)), rejected(), Ok(done(1, 0)), rejected(), Ok(done(1, 0))],
        &expect![[r#"
        exit 3, Failed, failed [2,4]: 2 of 5 objects failed: `k2`: rejected: no CSV; `k4`: rejected: no CSV
        {"deadLetterObjects":0,"deadLettered":0,"deadLetters":[],"equation":"read 5 = written 5 + replaced 0 + dead-lettered 0","failed":2,"objects":3,"read":5,"replaced":0,"superseded":0,"written":5}"#]],
    );
}

#[test]
fn as_long_as_one_may_succeed_another_try_is_asked_for() {
    let ended = vec![rejected(), retryable(), rejected(), rejected(), Ok(done(1, 0))];
    check(
        ended,
        &expect![[r#"
        exit 75, Failed, failed [1-4]: 4 of 5 objects failed: `k1`: rejected: no CSV; `k2`: retryable: throttled; `k3`: rejected: no CSV; …
        {"deadLetterObjects":0,"deadLettered":0,"deadLetters":[],"equation":"read 1 = written 1 + replaced 0 + dead-lettered 0","failed":4,"objects":1,"read":1,"replaced":0,"superseded":0,"written":1}"#]],
    );
}

#[test]
fn what_was_not_begun_is_not_done() {
    check(
        vec![Ok(done(3, 0)), Ok(done(1, 0))],
        &expect![[r#"
        exit 75, Failed, failed [3-5]: 3 of 5 objects failed: `k3`: retryable: stopped by SIGTERM; `k4`: retryable: stopped by SIGTERM; `k5`: retryable: stopped by SIGTERM
        {"deadLetterObjects":0,"deadLettered":0,"deadLetters":[],"equation":"read 4 = written 4 + replaced 0 + dead-lettered 0","failed":3,"objects":2,"read":4,"replaced":0,"superseded":0,"written":4}"#]],
    );
    check(
        Vec::new(),
        &expect![[r#"
        exit 75, Failed, failed [1-5]: 5 of 5 objects failed: `k1`: retryable: stopped by SIGTERM; `k2`: retryable: stopped by SIGTERM; `k3`: retryable: stopped by SIGTERM; …
        {"deadLetterObjects":0,"deadLettered":0,"deadLetters":[],"equation":"read 0 = written 0 + replaced 0 + dead-lettered 0","failed":5,"objects":0,"read":0,"replaced":0,"superseded":0,"written":0}"#]],
    );
}

#[test]
fn whoever_lost_the_fence_says_nothing() {
    check(vec![Ok(done(3, 0)), Err(IngestError::FenceLost)], &expect![["nothing"]]);
}
