//! Keys of the ledger, all of them: one table, `pk` and `sk`, and one index of what is due.

use jiff::{Timestamp, tz::TimeZone};
use longshore::run::{Class, LaunchId, RunId};

/// Sort key of a run.
pub(super) const RUN: &str = "RUN";
/// Sort key of the newest version of an object.
pub(super) const SEQ: &str = "SEQ";
/// Begins the sort keys of what a run owes.
pub(super) const OUT: &str = "OUT#";
/// Counts of one trigger are spread over this many rows, so that none is hot.
const COUNT_SHARDS: u8 = 16;

pub(super) fn run(id: &RunId) -> String {
    format!("RUN#{id}")
}

pub(super) fn launch(id: &LaunchId) -> String {
    format!("ATT#{:03}#{:03}", id.attempt, id.launch)
}

pub(super) fn outbox(attempt: u32) -> String {
    format!("{OUT}failed#{attempt:03}")
}

pub(super) fn object(trigger: &str, object: &str) -> String {
    format!("OBJ#{trigger}#{object}")
}

/// What is known of a trigger beyond its events: settings, owner, pause.
#[cfg_attr(not(test), expect(dead_code, reason = "its row comes with pause and name clashes"))]
pub(super) fn trigger(name: &str) -> String {
    format!("TRIGGER#{name}")
}

/// One of the slots that a trigger with a concurrency limit has, from 0.
#[cfg_attr(not(test), expect(dead_code, reason = "its row comes with concurrency limits"))]
pub(super) fn slot(trigger: &str, number: u32) -> String {
    format!("SLOT#{trigger}#{number}")
}

/// Counts of one hour: `STAT#<trigger>#<shard>`, `<yyyymmddhh>`.
pub(super) fn count(trigger: &str, run: &RunId, at: Timestamp) -> (String, String) {
    let hour = at.to_zoned(TimeZone::UTC).strftime("%Y%m%d%H").to_string();
    (format!("STAT#{trigger}#{:x}", shard(run) % COUNT_SHARDS), hour)
}

/// The attribute of a count that a kind of end adds to.
pub(super) fn counted(class: Class) -> String {
    class.word().replace('-', "_")
}

/// Partition of the index of due runs: `DUE#<shard>`, 256 of them.
pub(super) fn due(shard: u8) -> String {
    format!("DUE#{shard:02x}")
}

/// Place of a run among the due ones; ends of the second are told apart by the run.
pub(super) fn due_at(at: Timestamp, run: &RunId) -> String {
    format!("{:012}#{run}", at.as_second().max(0))
}

/// Upper bound of what is due at `now`.
pub(super) fn due_until(now: Timestamp) -> String {
    format!("{:012}#~", now.as_second().max(0))
}

/// The shard of a run: its id is a hash, so any eight bits of it are even.
pub(super) fn shard(run: &RunId) -> u8 {
    let digit = |byte: u8| if byte.is_ascii_digit() { byte - b'2' + 26 } else { byte - b'a' };
    let bits = run.as_str().bytes().take(2).map(digit);
    bits.fold(0_u8, |bits, digit| (bits << 4) | (digit & 0x0F))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn keys_are_what_the_architecture_says() {
        let id = RunId::derive("uploads", "b");
        let launch_id = LaunchId { run: id.clone(), attempt: 1, launch: 2 };
        let at: Timestamp = "2026-11-22T10:30:00Z".parse().unwrap();
        let keys = [
            run(&id),
            launch(&launch_id),
            outbox(1),
            count("uploads", &id, at).0,
            count("uploads", &id, at).1,
            trigger("uploads"),
            slot("uploads", 0),
            due(shard(&id)),
            due_at(at, &id),
        ];
        expect![[r#"
            RUN#idxetph27gz2gcj5roicqde3s6
            ATT#001#002
            OUT#failed#001
            STAT#uploads#3
            2026112210
            TRIGGER#uploads
            SLOT#uploads#0
            DUE#83
            001795343400#idxetph27gz2gcj5roicqde3s6"#]]
        .assert_eq(&keys.join("\n"));
        assert!(due_at(at, &id) < due_until(at), "what is due now is found now");
    }

    #[test]
    fn due_runs_spread_over_all_shards() {
        let seen: std::collections::BTreeSet<u8> =
            (0..10_000).map(|n| shard(&RunId::derive("t", &n.to_string()))).collect();
        assert_eq!(seen.len(), 256);
    }
}
