//! Death at each named point: exactly before the effect of a call, exactly after it, and with the
//! answer alone lost.

mod path;
mod people;
mod scene;
mod sweeps;
mod uploads;

use crate::stand::Fate::{self, DiesAfter, DiesBefore, HearsNothing};
use path::{Call, Deaths};
use people::{Cancelled, Redriven, Undelivered};
use sweeps::{Overdue, Unseen};
use uploads::{Gathered, OneByOne, Split};

const BEFORE: &[Fate] = &[DiesBefore];
const AFTER: &[Fate] = &[DiesAfter];
const DEAF: &[Fate] = &[HearsNothing];
const DEAD: &[Fate] = &[DiesBefore, DiesAfter];
const ALL: &[Fate] = &[DiesBefore, DiesAfter, HearsNothing];

/// From the event to the end of its run. The first write of the trigger is T1, the second T2; the
/// first of the observer is T8, behind which it tells of the end (T10). A worker takes the fence
/// (T6), writes rows, and reports (T9); `exec` takes the fence for the worker that it runs.
const ONE_BY_ONE: &[Call] = &[
    ("trigger", "TransactWriteItems", 1, ALL),
    ("trigger", "TransactWriteItems", 2, DEAD),
    ("trigger", "RunTask", 1, ALL),
    ("trigger", "PutItem", 1, AFTER),
    ("observer", "TransactWriteItems", 1, ALL),
    ("observer", "PutEvents", 1, DEAD),
    ("worker", "PutItem", 1, ALL),
    ("worker", "BatchWriteItem", 1, AFTER),
    ("worker", "PutItem", 2, ALL),
    ("exec", "PutItem", 1, AFTER),
    ("exec", "PutItem", 2, BEFORE),
];

/// The first write of the trigger is the run with its list, its first update remembers the trigger,
/// the next ones claim objects, and its first put is `Formed`.
const GATHERED: &[Call] = &[
    ("trigger", "TransactWriteItems", 1, DEAD),
    ("trigger", "UpdateItem", 2, AFTER),
    ("trigger", "UpdateItem", 3, BEFORE),
    ("trigger", "UpdateItem", 3, DEAF),
    ("trigger", "PutItem", 1, DEAD),
];

/// The first write of the observer is the end of the run with both of its halves, and its first
/// update takes an object over for one of them.
const SPLIT: &[Call] = &[
    ("observer", "TransactWriteItems", 1, ALL),
    ("observer", "UpdateItem", 1, AFTER),
    ("observer", "PutItem", 1, BEFORE),
];

/// The sweep asks about the task, writes that the attempt failed, and launches the next one: claim,
/// call, record.
const UNSEEN: &[Call] = &[
    ("observer", "DescribeTasks", 1, ALL),
    ("observer", "PutItem", 1, DEAD),
    ("observer", "TransactWriteItems", 1, DEAD),
    ("observer", "RunTask", 1, ALL),
    ("observer", "PutItem", 2, AFTER),
];

/// The sweep stops the task; what ECS says of it ends the run, and the `failed` queue is told.
const OVERDUE: &[Call] = &[
    ("observer", "StopTask", 1, ALL),
    ("observer", "TransactWriteItems", 1, DEAD),
    ("observer", "SendMessage", 1, ALL),
];

/// `longshore redrive` writes the next attempt and takes the message out of the queue; the sweep
/// claims, calls and records the launch.
const REDRIVEN: &[Call] = &[
    ("redrive", "TransactWriteItems", 1, ALL),
    ("redrive", "DeleteMessage", 1, DEAD),
    ("observer", "TransactWriteItems", 1, DEAD),
    ("observer", "RunTask", 1, DEAD),
];

/// `longshore redrive --envelopes` sends a message, and takes it from where it was.
const UNDELIVERED: &[Call] =
    &[("redrive", "SendMessage", 1, DEAD), ("redrive", "DeleteMessage", 1, DEAD)];

/// `longshore cancel` writes the wish, and the sweep carries it out.
const CANCELLED: &[Call] = &[
    ("cancel", "PutItem", 1, ALL),
    ("observer", "StopTask", 1, DEAD),
    ("observer", "TransactWriteItems", 1, DEAD),
];

#[tokio::test(flavor = "multi_thread")]
async fn whoever_dies_at_a_named_point_loses_and_doubles_nothing() {
    let mut deaths = Deaths::default();
    // Those that wait longest go first.
    deaths.at(Unseen, UNSEEN);
    deaths.at(Redriven, REDRIVEN);
    deaths.at(OneByOne, ONE_BY_ONE);
    deaths.at(Gathered, GATHERED);
    deaths.at(Split, SPLIT);
    deaths.at(Overdue, OVERDUE);
    deaths.at(Undelivered, UNDELIVERED);
    deaths.at(Cancelled, CANCELLED);
    deaths.all().await;
}
