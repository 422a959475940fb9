//! Keys of the ledger, all of them: one table, `pk` and `sk`, and one index of what is due.

use jiff::{Timestamp, tz::TimeZone};
use longshore::run::{Counted, LaunchId, Outbox, Run, RunId};

/// Sort key of a run.
pub(super) const RUN: &str = "RUN";
/// Sort key of the newest version of an object.
pub(super) const SEQ: &str = "SEQ";
/// Sort key of what is remembered of a trigger.
pub(super) const TRIGGER: &str = "TRIGGER";
/// Sort key of a slot.
pub(super) const SLOT: &str = "SLOT";
/// Sort key of launch permits.
pub(super) const PERMIT: &str = "PERMIT";
/// Begins the sort keys of what a run owes.
pub(super) const OUT: &str = "OUT#";
/// Begins the sort keys of the objects that a run gathered.
pub(super) const PAGE: &str = "IN#";
/// Counts of one trigger are spread over this many rows, so that none is hot.
const COUNT_SHARDS: u8 = 16;

pub(super) fn run(id: &RunId) -> String {
    format!("RUN#{id}")
}

pub(super) fn launch(id: &LaunchId) -> String {
    format!("ATT#{:03}#{:03}", id.attempt, id.launch)
}

pub(super) fn outbox(message: &Outbox) -> String {
    format!("{OUT}{}#{:03}", message.to.word(), message.attempt)
}

pub(super) fn page(number: u32) -> String {
    format!("{PAGE}{number:03}")
}

pub(super) fn object(trigger: &str, object: &str) -> String {
    format!("OBJ#{trigger}#{object}")
}

/// What is remembered of a trigger: settings, owner, pause.
pub(super) fn trigger(name: &str) -> String {
    format!("TRIGGER#{name}")
}

/// One of the slots that a trigger with a concurrency limit has, from 0.
pub(super) fn slot(trigger: &str, number: u32) -> String {
    format!("SLOT#{trigger}#{number}")
}

/// Launches of the present second, of one kind of capacity.
pub(super) fn permit(kind: &str) -> String {
    format!("PERMIT#{kind}")
}

/// Partition of the index of lists: names of triggers.
pub(super) const TRIGGERS: &str = "TRIGGERS";

/// Partition of the index of lists: runs of a trigger, or those that wait for room under it.
pub(super) fn runs_of(trigger: &str, are_queued: bool) -> String {
    let kind = if are_queued { "QUEUE" } else { "RUNS" };
    format!("{kind}#{trigger}")
}

/// Place of a run in its list: the order of admission.
pub(super) fn place(run: &Run) -> String {
    format!("{:020}#{}", run.admitted_at.as_nanosecond().max(0), run.id)
}

/// Summaries of the ticks of a trigger.
pub(super) fn ticks(trigger: &str) -> String {
    format!("TICKS#{trigger}")
}

/// A shard of a tick; ticks in the order of their times.
pub(super) fn tick(at: Timestamp, shard: u32) -> String {
    format!("{}#{shard:03}", tick_at(at))
}

/// Begins the keys of a tick's shards. Schedules tick at whole seconds.
pub(super) fn tick_at(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Partition of the index of lists: names of queues that are scaled.
pub(super) const QUEUES: &str = "QUEUES";
/// Sort key of a queue that is scaled.
pub(super) const QUEUE: &str = "QUEUE";

/// What is remembered of a queue that is scaled.
pub(super) fn queue(queue: &str) -> String {
    format!("QUEUE#{queue}")
}

/// A change of its fleet; changes in the order of their times.
pub(super) fn change(at: Timestamp) -> String {
    format!("CHANGE#{:015}", at.as_millisecond().max(0))
}

/// What was observed of it from `at` on.
pub(super) fn observed(at: Timestamp) -> String {
    format!("OBS#{:015}", at.as_millisecond().max(0))
}

/// Workers of a queue.
pub(super) fn workers(queue: &str) -> String {
    format!("WORKERS#{queue}")
}

/// One of them: the id of its task, which ends its ARN.
pub(super) fn worker(task: &str) -> String {
    task.rsplit('/').next().unwrap_or_default().to_owned()
}

/// Sort key of what the workers of a queue know of a message.
pub(super) const MARKS: &str = "MARKS";

/// Sort key of how far the work on a message is.
pub(super) const CHECKPOINT: &str = "CHECKPOINT";

/// What they know of a message.
pub(super) fn message(queue: &str, id: &str) -> String {
    format!("MESSAGE#{queue}#{id}")
}

/// Counts of one hour: `STAT#<trigger>#<shard>`, `<yyyymmddhh>`.
pub(super) fn count(trigger: &str, run: &RunId, at: Timestamp) -> (String, String) {
    let hour = at.to_zoned(TimeZone::UTC).strftime("%Y%m%d%H").to_string();
    (format!("STAT#{trigger}#{:x}", shard(run) % COUNT_SHARDS), hour)
}

/// The attribute of a count that adds up what is counted.
pub(super) fn counted(what: Counted) -> String {
    what.word().replace('-', "_")
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
    use longshore::run::Addressee;

    use super::*;

    #[test]
    fn keys_are_what_the_architecture_says() {
        let id = RunId::derive("uploads", "b");
        let launch_id = LaunchId { run: id.clone(), attempt: 1, launch: 2 };
        let at: Timestamp = "2026-11-22T10:30:00Z".parse().unwrap();
        let message = Outbox {
            run: id.clone(),
            attempt: 1,
            to: Addressee::Failed,
            body: serde_json::Value::Null,
            sent_at: None,
        };
        let keys = [
            run(&id),
            launch(&launch_id),
            outbox(&message),
            page(7),
            count("uploads", &id, at).0,
            count("uploads", &id, at).1,
            trigger("uploads"),
            slot("uploads", 0),
            permit("FARGATE"),
            runs_of("uploads", false),
            runs_of("uploads", true),
            ticks("nightly"),
            tick(at, 7),
            queue("work.fifo"),
            change(at),
            observed(at),
            workers("work.fifo"),
            worker("arn:aws:ecs:eu-west-1:123456789012:task/cluster/0123abcd"),
            super::message("work.fifo", "7f0e"),
            due(shard(&id)),
            due_at(at, &id),
        ];
        expect![[r#"
            RUN#idxetph27gz2gcj5roicqde3s6
            ATT#001#002
            OUT#failed#001
            IN#007
            STAT#uploads#3
            2026112210
            TRIGGER#uploads
            SLOT#uploads#0
            PERMIT#FARGATE
            RUNS#uploads
            QUEUE#uploads
            TICKS#nightly
            2026-11-22T10:30:00Z#007
            QUEUE#work.fifo
            CHANGE#001795343400000
            OBS#001795343400000
            WORKERS#work.fifo
            0123abcd
            MESSAGE#work.fifo#7f0e
            DUE#83
            001795343400#idxetph27gz2gcj5roicqde3s6"#]]
        .assert_eq(&keys.join("\n"));
        assert!(due_at(at, &id) < due_until(at), "what is due now is found now");
        let before = tick("2026-11-22T10:29:59Z".parse().unwrap(), 999);
        assert!(
            before < tick_at(at) && tick_at(at) < tick(at, 0),
            "no tick is earlier than itself"
        );
    }

    #[test]
    fn due_runs_spread_over_all_shards() {
        let seen: std::collections::BTreeSet<u8> =
            (0..10_000).map(|n| shard(&RunId::derive("t", &n.to_string()))).collect();
        assert_eq!(seen.len(), 256);
    }
}
